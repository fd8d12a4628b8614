"""The kinds of value that the configuration has beside text and numbers. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    Strict,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

_DURATION = re.compile(r"([0-9]{1,9})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
# Times are added to dates; a year is longer than any fax waits, and far from the calendar's end.
LONGEST_DURATION = timedelta(days=366)
HIGHEST_PORT = 65535
_HOST = re.compile(r"[^\s/@,\[\]]+")
# RFC 1123 §2.1; the underscore is no part of it, but of many machines' names.
_HOSTNAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")
# RFC 6531 §3.3 lets a domain hold U-labels; RFC 5321 §4.1.3 an address in brackets.
_MAIL_DOMAIN = re.compile(r"(?=.{1,253}$)[\w-]{1,63}(\.[\w-]{1,63})*|\[[0-9A-Fa-f:.]+\]|\[IPv6:[0-9A-Fa-f:.]+\]")


class Section(BaseModel):
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
        bracketed = host.startswith("[") and host.endswith("]")
        bare = host[1:-1] if bracketed else host
        if ":" in bare and not bracketed:
            raise ValueError(f'write an IPv6 address in brackets: "[{host}]:{port}"')
        good_host = _is_ipv6(bare) if bracketed else _HOST.fullmatch(bare) is not None
        if not colon or not good_host or re.fullmatch("[0-9]{1,5}", port) is None or int(port) > HIGHEST_PORT:
            raise ValueError('write it as "host:port", an IPv6 address in brackets: "[::1]:8025"')
        return cls(bare, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _is_ipv6(text: str) -> bool:
    try:
        return isinstance(ip_address(text), IPv6Address)
    except ValueError:
        return False


def parse_duration(text: object) -> timedelta:
    """``30s``, ``10m``, ``2h``, ``7d``; at most 366 days."""
    if isinstance(text, timedelta):
        return text
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError('write a duration as a whole number and s, m, h or d: "30s", "10m", "2h", "7d"')
    duration = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if duration > LONGEST_DURATION:
        raise ValueError(f"at most {show_duration(LONGEST_DURATION)}")
    return duration


def show_duration(value: timedelta) -> str:
    """The shortest way to write it; the inverse of ``parse_duration``."""
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _listen(value: object) -> ListenAddress:
    if isinstance(value, ListenAddress):
        return value
    return ListenAddress.parse(value if isinstance(value, str) else "")


def _listen_or_path(value: object) -> ListenAddress | Path:
    if isinstance(value, Path) or (isinstance(value, str) and value.startswith("/")):
        return Path(value)
    return _listen(value)


def _children_or_path(value: object) -> Literal["children"] | Path:
    if isinstance(value, Path) or (isinstance(value, str) and value.startswith("/")):
        return Path(value)
    if value != "children":
        raise ValueError('write "children" or the whole path of a socket')
    return "children"


def _peer(value: ListenAddress) -> ListenAddress:
    if value.port == 0:
        raise ValueError("port 0 is no port that can be connected to")
    return value


def _network(value: object) -> IPv4Network | IPv6Network:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    text = value if isinstance(value, str) else ""
    try:
        return IPv6Network(text) if ":" in text else IPv4Network(text)
    except ValueError as error:
        reason = f"{error}; " if text and "has host bits set" in str(error) else ""
        raise ValueError(f'{reason}write a network as "192.0.2.0/24" or "2001:db8::/32"') from None


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("must be longer than nothing")
    return value


def _address(value: str) -> str:
    local_part, at, domain = value.rpartition("@")
    if not at or not local_part or not domain or any(c.isspace() or c in "<>," for c in value):
        raise ValueError("write a mail address: name@example.com")
    return value


def _beside_the_file(path: Path, info: ValidationInfo) -> Path:
    return _below("config_directory", path, info)


def _in_state_directory(path: Path, info: ValidationInfo) -> Path:
    return _below("state_directory", path, info)


def _below(directory: str, path: Path, info: ValidationInfo) -> Path:
    """`load_settings` tells the directory; without it a path stays as it is."""
    base = info.context.get(directory) if isinstance(info.context, dict) else None
    return base / path if isinstance(base, Path) else path


def _some(values: tuple[str, ...]) -> tuple[str, ...]:
    # pydantic's own min_length counts valid items only, and so tells of a bad one twice
    if not values:
        raise ValueError("needs at least one")
    return values


def no_longer_than(longest: timedelta) -> AfterValidator:
    def check(value: timedelta) -> timedelta:
        if value > longest:
            raise ValueError(f"must be at most {show_duration(longest)}")
        return value

    return AfterValidator(check)


def matching(pattern: re.Pattern[str], reason: str) -> AfterValidator:
    """A text that has this form as a whole; `reason` tells an operator how to write it."""

    def check(value: str) -> str:
        if pattern.fullmatch(value) is None:
            raise ValueError(reason)
        return value

    return AfterValidator(check)


def _written_as_text(parse: Callable[[Any], object], show: Callable[[Any], str]) -> tuple[object, ...]:
    return PlainValidator(parse), PlainSerializer(show), WithJsonSchema({"type": "string"})


# TOML tells 1, true and "1" apart, and so do we: `pages = true` is a mistake.
Count = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Duration = Annotated[timedelta, *_written_as_text(parse_duration, show_duration)]
PositiveDuration = Annotated[Duration, AfterValidator(_positive)]
Listen = Annotated[ListenAddress, *_written_as_text(_listen, str)]
ListenOrPath = Annotated[ListenAddress | Path, *_written_as_text(_listen_or_path, str)]
ChildrenOrPath = Annotated[Literal["children"] | Path, *_written_as_text(_children_or_path, str)]
Peer = Annotated[Listen, AfterValidator(_peer)]
Network = Annotated[IPv4Network | IPv6Network, *_written_as_text(_network, str)]
Mailbox = Annotated[str, AfterValidator(_address)]
Hostname = Annotated[str, matching(_HOSTNAME, "write a host name: fax.example.com")]
MailDomain = Annotated[str, matching(_MAIL_DOMAIN, "write a domain: fax.example.com")]
MailDomains = Annotated[tuple[MailDomain, ...], AfterValidator(_some)]
# A relative path is beside the configuration file, wherever the daemon was started.
ConfigPath = Annotated[Path, AfterValidator(_beside_the_file)]
StatePath = Annotated[Path, AfterValidator(_in_state_directory)]
