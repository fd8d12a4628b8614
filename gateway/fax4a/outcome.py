"""What came of a send: the table of docs/architecture.md, "Answers to a send", as two pure functions.

The one question that matters: may the job be sent again, or has it perhaps arrived? Where that can't be told, it has.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import TypeAlias, assert_never

import aiohttp

LONGEST_MESSAGE = 500  # characters kept of the service's own words
LONGEST_RETRY_AFTER = timedelta(days=1)

UNAUTHORIZED = 401
PROXY_LOGIN = 407
CONFIGURATION = frozenset({UNAUTHORIZED, 403, 404, 405, PROXY_LOGIN})
NOT_NOW = frozenset({429, 503})
REQUEST_TIMEOUT = 408
CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Accepted:
    job_id: str


@dataclass(frozen=True, slots=True)
class NotArrived:
    """Surely not there: send it again. `retry_after`: what the service asked for."""

    reason: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The request will never be accepted as it is."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Misconfigured:
    """Our login, URL or proxy login is at fault, not this request."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class AcceptedEarlier:
    """A job with this id is there already: look for its report."""

    message: str


@dataclass(frozen=True, slots=True)
class PerhapsArrived:
    """Nobody can tell: look for its report, and don't send it again as if it weren't there."""

    reason: str


Outcome: TypeAlias = Accepted | NotArrived | Rejected | Misconfigured | AcceptedEarlier | PerhapsArrived


class Phase(Enum):
    """How far a send has come."""

    CONNECTING = auto()
    SENDING = auto()  # the last piece of the body not yet handed to the transport
    SENT = auto()


def outcome_of_answer(
    status: int, headers: Mapping[str, str], body: bytes, *, now: datetime, phase: Phase = Phase.SENT
) -> Outcome:
    """What an answer means. `headers` by lower-case name; `body` empty where it could not be read whole."""
    message = message_of(body)
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110 §15.3
        job_id = _job_id(body)
        return Accepted(job_id) if job_id else PerhapsArrived(f"{status} without a readable jobId")
    if status in CONFIGURATION:
        return Misconfigured(status, message)
    if status == CONFLICT:
        return AcceptedEarlier(message)
    if status in NOT_NOW:
        return NotArrived(_said(status, message), retry_after(headers, now))
    if 400 <= status < 500 and status != REQUEST_TIMEOUT:  # noqa: PLR2004 - RFC 9110 §15.5
        return Rejected(status, message)
    if phase is not Phase.SENT:
        # Content-Length promised more than left us: no server can have taken half a JSON object for a job.
        return NotArrived(f"{_said(status, message)}, before the request was sent whole")
    return PerhapsArrived(_said(status, message))


def outcome_of_error(error: BaseException, phase: Phase, *, now: datetime) -> Outcome:
    """What a broken send means. `error` is what the HTTP library or a deadline raised."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return _outcome_of_connect(error, now)
    reason = describe(error)
    match phase:
        case Phase.CONNECTING:
            return NotArrived(f"no connection: {reason}")
        case Phase.SENDING:
            return NotArrived(f"the connection broke before the request was sent whole: {reason}")
        case Phase.SENT:
            return PerhapsArrived(f"no readable answer to the whole request: {reason}")
        case _:
            assert_never(phase)


def _outcome_of_connect(error: aiohttp.ClientHttpProxyError, now: datetime) -> Outcome:
    """A proxy's answer to CONNECT: whatever it says, no byte went past it."""
    if error.status == PROXY_LOGIN:
        return Misconfigured(PROXY_LOGIN, describe(error))
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return NotArrived(describe(error), retry_after(headers, now))


def describe(error: BaseException) -> str:
    """One line without addresses of users or contents."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        # A wrong login is 407 (RFC 9110 §11.7.1); tinyproxy says 401.
        login = error.status in {PROXY_LOGIN, UNAUTHORIZED}
        hint = "check retarus.proxy_username and proxy_password" if login else "may we CONNECT to this host there?"
        return f"the proxy answered {error.status} to CONNECT; {hint}"
    text = " ".join(str(error).split())[:LONGEST_MESSAGE]
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """RFC 9110 §10.2.3: seconds, or an HTTP date. None where it is absent, unreadable or past."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        wait = timedelta(seconds=int(value))
    else:
        try:
            wait = parsedate_to_datetime(value) - now
        except (ValueError, TypeError, OverflowError):
            return None
    return min(wait, LONGEST_RETRY_AFTER) if wait > timedelta(0) else None


def message_of(body: bytes) -> str:
    """The service's own words: ``{"code": 400, "message": "..."}``, else the start of whatever text it is."""
    value = _json(body)
    if isinstance(value, dict) and isinstance(value.get("message"), str):
        text = value["message"]
    else:
        text = body[: LONGEST_MESSAGE * 4].decode("utf-8", "replace")
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())[:LONGEST_MESSAGE]


def _said(status: int, message: str) -> str:
    return f"{status} {message}".strip()


def _job_id(body: bytes) -> str | None:
    value = _json(body)
    job_id = value.get("jobId") if isinstance(value, dict) else None
    return job_id if isinstance(job_id, str) and re.fullmatch(r"[!-~]{1,100}", job_id) else None


def _json(body: bytes) -> object:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value
