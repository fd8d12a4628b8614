"""No secret reaches the log, whoever put it into an event and whatever ``[log] mask`` says."""

import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

_SECRET_KEY = re.compile(r"password|secret|token|authorization|credentials|cookie", re.IGNORECASE)
HIDDEN = "(not shown)"
# A login in a URL (RFC 3986 §3.2.1), and what comes behind /push/, which lets whoever knows it report on a job.
_IN_TEXT = re.compile(r"(?<=://)[^\s/@]++(?=@)|(?<=/push/)[\w.~-]++")


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog."""
    return {key: _hidden(key, value) for key, value in event.items()}


@lru_cache(maxsize=1024)  # there are as many keys as there are places that log; nobody else names one
def _names_a_secret(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None


def _hidden(key: object, value: Any) -> Any:
    if isinstance(key, str) and _names_a_secret(key):
        return HIDDEN
    if isinstance(value, str):
        return _IN_TEXT.sub(HIDDEN, value) if "://" in value or "/push/" in value else value
    if isinstance(value, int | None):  # nothing is inside
        return value
    if isinstance(value, Mapping):
        return {inner: _hidden(inner, each) for inner, each in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(None, each) for each in value]
    return value
