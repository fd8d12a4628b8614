"""The kind of a key's value in an operator's words: what may stand there. Pure."""

from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from gateway.config.numbers import NumberFile, Prefix
from gateway.config.times import Span
from gateway.config.toml import toml_value
from gateway.config.values import ListenAddress

_WORDS: dict[object, str] = {
    bool: "true, false",
    int: "number",
    str: "text",
    Path: "path",
    SecretStr: "text",
    timedelta: "duration",
    ListenAddress: "host:port",
    IPv4Network: "network",
    IPv6Network: "network",
    NumberFile: "path",
    Span: "days and hours",
}


def kind_of(field: FieldInfo) -> str:
    """``list of host:port``, ``"fail", "resubmit"``, ``number``."""
    return _kind(field.annotation)


def _kind(annotation: Any) -> str:
    if annotation == Prefix:
        return "prefix"
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(arguments[0])
    choices = arguments if origin is Literal else _members(annotation)
    if choices:
        return ", ".join(f"`{toml_value(each)}`" for each in choices)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_kind(each) for each in arguments if each is not NoneType))
    if origin is tuple:
        return f"list of {_kind(arguments[0])}"
    if origin is dict or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return "table"
    return _WORDS[annotation]


def _members(annotation: Any) -> list[str]:
    is_enum = isinstance(annotation, type) and issubclass(annotation, StrEnum)
    return [each.value for each in annotation] if is_enum else []
