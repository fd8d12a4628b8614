"""/settings: what holds, as the daemon has loaded it, and where each key comes from; for reading only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from aiohttp import web

from gateway.config import Settings
from gateway.config.keys import field_at
from gateway.config.show import DEFAULT, Line, loaded_lines
from gateway.web.call import Call
from gateway.web.desk import Desk
from gateway.web.policy import heading

# Who may fax what to where: what people look for here.
FIRST = ("limits", "quotas", "times", "numbers")


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    value: str  # as TOML has it; of a secret nothing
    origin: str
    is_changed: bool  # it differs from what holds where nothing is written
    meaning: str

    @property
    def is_written(self) -> bool:
        return self.origin != DEFAULT


@dataclass(frozen=True, slots=True)
class Section:
    name: str  # "" for the keys above all sections
    keys: tuple[Key, ...]

    @property
    def changed(self) -> int:
        return sum(key.is_changed for key in self.keys)


@dataclass(frozen=True, slots=True)
class Alias:
    name: str
    numbers: tuple[str, ...]


async def show(desk: Desk, call: Call) -> web.Response:
    settings = desk.settings
    lines = [line for line in loaded_lines(settings) if line.key != "aliases"]
    own = [line for line in lines if line.key.startswith("profile.")]
    sections = list(sections_of([line for line in lines if not line.key.startswith("profile.")]))
    return desk.pages.answer(
        call,
        "settings.html.j2",
        sections=sorted(sections, key=lambda each: FIRST.index(each.name) if each.name in FIRST else len(FIRST)),
        profiles=list(profiles_of(settings, own)),
        aliases=[Alias(name, numbers) for name, numbers in sorted(settings.aliases.items())],
        aliases_origin=settings.origins.get(("aliases",), DEFAULT),
    )


def sections_of(lines: Sequence[Line]) -> Iterator[Section]:
    for name, found in groupby(lines, key=lambda line: line.key.rpartition(".")[0]):
        yield Section(name, tuple(_key(line, line.key.removeprefix(f"{name}.")) for line in found))


def profiles_of(settings: Settings, lines: Sequence[Line]) -> Iterator[tuple[str, list[Key]]]:
    """Whom each is for, and the keys that it sets beside that."""
    for number, profile in enumerate(settings.profile):
        prefix = f"profile.{number}."
        own = [line for line in lines if line.key.startswith(prefix)]
        told = ("match", "networks")
        yield (
            heading(profile),
            [_key(line, line.key.removeprefix(prefix)) for line in own if line.key.removeprefix(prefix) not in told],
        )


def _key(line: Line, name: str) -> Key:
    return Key(name, line.value, line.origin, line.changed, _meaning(line.key.split("."), name.split(".")))


def _meaning(*keys: Sequence[str]) -> str:
    """Of a profile's key what the key of that name in the section means, where it has no words of its own."""
    fields = [field for field in map(field_at, keys) if field is not None]
    return next((field.description for field in fields if field.description), "")
