"""The name of a file, as its sender gave it and safe to show (RFC 2183 §2.3).

Only the last part of a path counts; control characters and those that turn the direction of a text, by which a name
can look like another one, are taken out.
"""

import re
import unicodedata
from collections.abc import Mapping

from gateway.mail.parameters import parameters

LONGEST_NAME = 255
# Unicode categories: controls, formats (bidirectional marks and overrides among them), lone surrogates, line ends.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")  # letters of Persian and Hindi need them
_SAFE = re.compile(r"[A-Za-z0-9_-]+(?:[ .][A-Za-z0-9_-]+)*")  # nothing to clean in it
_DRIVE = re.compile(r"^[A-Za-z]:(?=[^\\/])")


def filename_of(disposition: str, content_type: str) -> str | None:
    """`filename` of Content-Disposition, else `name` of Content-Type."""
    for header, parameter in ((disposition, "filename"), (content_type, "name")):
        name = clean_name(_value(parameters(header), parameter))
        if name:
            return name
    return None


def clean_name(name: str) -> str:
    if len(name) <= LONGEST_NAME and _SAFE.fullmatch(name):
        return name
    shown = clean_text(name)
    last = _DRIVE.sub("", re.split(r"[\\/]", shown.rstrip("\\/"))[-1])
    stripped = " ".join(last.split()).strip("\"'")
    return "" if stripped in {".", ".."} else stripped[-LONGEST_NAME:]


def clean_text(text: str) -> str:
    """Without characters that aren't seen but change what is."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        for character in text
        if character in _JOINERS or character == "\t" or unicodedata.category(character) not in _UNSHOWN
    )


def _value(found: Mapping[str, str], parameter: str) -> str:
    return found.get(parameter, "")
