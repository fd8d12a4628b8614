"""libmagic, the library behind file(1): the system's, else the one that PyPI's pylibmagic brings.

Loading happens on the first call, not at import: pylibmagic changes the process's environment to be found.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Literal


class LibmagicMissing(RuntimeError):
    """Neither is there: the installation is broken, no document is at fault."""


@dataclass(frozen=True, slots=True)
class Libmagic:
    """``type_of`` gives a media type for the first bytes of a content; `version` as in file(1): 544 is 5.44."""

    version: int
    origin: Literal["system", "pylibmagic"]
    _types: Any

    def type_of(self, head: bytes) -> str:
        return str(self._types.from_buffer(head)).lower()


@cache
def libmagic() -> Libmagic:
    """The one instance of this process, which locks itself; raises LibmagicMissing."""
    origin: Literal["system", "pylibmagic"] = "system"
    try:
        magic = import_module("magic")  # loads the C library
    except ImportError:
        origin = "pylibmagic"
        magic = _with_pylibmagic()
    return Libmagic(magic.version(), origin, magic.Magic(mime=True))


def _with_pylibmagic() -> ModuleType:
    try:
        import_module("pylibmagic")  # first: it makes its library the one that is found
        return import_module("magic")
    except (ImportError, OSError) as error:
        raise LibmagicMissing(f"no libmagic: install libmagic1 (Debian) or pylibmagic (PyPI); {error}") from error
