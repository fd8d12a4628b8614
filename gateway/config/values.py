"""The kinds of value that the configuration has beside text and numbers. Pure."""

import re
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema, model_validator
from pydantic import BaseModel as PydanticModel

_DURATION = re.compile(r"^([0-9]{1,9})(s|m|h|d)$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
HIGHEST_PORT = 65535


class Section(PydanticModel):
    """A table of the configuration: frozen, and a key that it doesn't know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        """TOML has no null: an optional value that isn't wanted is written as ""."""
        if not isinstance(value, dict):
            return value
        optional = {name for name, field in cls.model_fields.items() if field.default is None}
        return {key: None if each == "" and key in optional else each for key, each in value.items()}


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """``127.0.0.1:8025``, ``[::1]:8025``; port 0 takes a free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        host, colon, port = text.rpartition(":")
        bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        if not colon or not bare or not port.isascii() or not port.isdigit() or int(port) > HIGHEST_PORT:
            raise ValueError('write it as "host:port", an IPv6 address in brackets: "[::1]:8025"')
        if ":" in bare and bare == host:
            raise ValueError(f'write an IPv6 address in brackets: "[{host}]:{port}"')
        return cls(bare, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_duration(text: object) -> timedelta:
    """``30s``, ``10m``, ``2h``, ``7d``."""
    if isinstance(text, timedelta):
        return text
    match = _DURATION.match(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError('write a duration as a whole number and s, m, h or d: "30s", "10m", "2h", "7d"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def show_duration(value: timedelta) -> str:
    """The shortest way to write it; the inverse of ``parse_duration``."""
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _listen(value: object) -> object:
    return ListenAddress.parse(value) if isinstance(value, str) else value


def _listen_or_path(value: object) -> object:
    if isinstance(value, str) and value.startswith("/"):
        return Path(value)
    return _listen(value)


def _network(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return IPv6Network(value) if ":" in value else IPv4Network(value)
    except ValueError as error:
        raise ValueError(f'{error}; write a network as "192.0.2.0/24"') from None


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(show_duration),
    WithJsonSchema({"type": "string", "pattern": _DURATION.pattern}),
]
Listen = Annotated[ListenAddress, BeforeValidator(_listen), PlainSerializer(str), WithJsonSchema({"type": "string"})]
ListenOrPath = Annotated[
    ListenAddress | Path, BeforeValidator(_listen_or_path), PlainSerializer(str), WithJsonSchema({"type": "string"})
]
Network = Annotated[
    IPv4Network | IPv6Network, BeforeValidator(_network), PlainSerializer(str), WithJsonSchema({"type": "string"})
]


def _address(value: str) -> str:
    local_part, at, domain = value.rpartition("@")
    if not at or not local_part or not domain or any(c.isspace() or c in "<>," for c in value):
        raise ValueError("write a mail address: name@example.com")
    return value


Mailbox = Annotated[str, AfterValidator(_address)]
