"""/settings: what holds, as the daemon has loaded it, for reading only."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel, SecretStr

from gateway.config import Settings
from gateway.web.call import Call
from gateway.web.desk import Desk

SECTIONS = ("limits", "numbers", "cover", "documents", "directives", "delivery", "report", "retention", "smtp")


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    value: str
    is_changed: bool  # it differs from what holds where nothing is written
    meaning: str


async def show(desk: Desk, call: Call) -> web.Response:
    settings = desk.settings
    sections = {name: list(keys_of(getattr(settings, name), getattr(Settings(), name))) for name in SECTIONS}
    profiles = [(each.match, list(written(each))) for each in settings.profile]
    return desk.pages.answer(call, "settings.html.j2", sections=sections, profiles=profiles)


def keys_of(section: BaseModel, usual: BaseModel) -> Iterator[Key]:
    shown, otherwise = section.model_dump(mode="json"), usual.model_dump(mode="json")
    for name, field in type(section).model_fields.items():
        if not isinstance(getattr(section, name), SecretStr):
            yield Key(name, _text(shown[name]), shown[name] != otherwise[name], field.description or "")


def written(section: BaseModel, above: str = "") -> Iterator[Key]:
    """The keys that stand in a profile; `match` is its heading."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if name not in section.model_fields_set or f"{above}{name}" == "match":
            continue
        if isinstance(value, BaseModel):
            yield from written(value, f"{above}{name}.")
        else:
            shown = section.model_dump(mode="json")[name]
            yield Key(f"{above}{name}", _text(shown), True, type(section).model_fields[name].description or "")


def _text(value: object) -> str:
    """As TOML would have it, near enough to be read."""
    return json.dumps(value, ensure_ascii=False) if value is not None else ""
