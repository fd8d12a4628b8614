"""The ESMTP parameters of MAIL and RCPT (RFC 5321 §4.1.2) as values; each raises BadParameter with its reply. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from gateway.intake.reply import Reply
from gateway.spool.forward_path import Notify

BodyType = Literal["7BIT", "8BITMIME", "BINARYMIME"]
Ret = Literal["FULL", "HDRS"]

LONGEST_HOLD = timedelta(days=30)
LONGEST_ENVID = 100  # RFC 3461 §5.4
LONGEST_ORCPT = 500  # §5.4
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")  # RFC 3461 §4
_BY = re.compile(r"([+-]?\d{1,9});([RN])(T?)", re.IGNORECASE)  # RFC 2852 §4
_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")  # RFC 5321 §4.1.2, esmtp-keyword


class BadParameter(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


@dataclass(frozen=True, slots=True)
class DeliverBy:
    """RFC 2852: at that moment the job ends (`returns`), or its sender is told that it is late."""

    moment: datetime
    returns: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MailParameters:
    size: int | None = None  # octets; RFC 1870
    body: BodyType = "7BIT"
    smtputf8: bool = False
    ret: Ret | None = None
    envid: str | None = None  # xtext, as it came
    release_at: datetime | None = None  # RFC 4865
    deliver_by: DeliverBy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RcptParameters:
    notify: frozenset[Notify] | None = None  # None: not asked; empty: NEVER
    orcpt: str | None = None  # addr-type ";" xtext, as it came


def mail_parameters(text: str, now: datetime, *, timed: bool) -> MailParameters:
    """Those of MAIL; `timed`: this listener offers FUTURERELEASE and DELIVERBY."""
    given = _split(text)
    _refuse_unknown(given, MAIL_KEYWORDS | TIMED_KEYWORDS if timed else MAIL_KEYWORDS)
    release_at = _release(given, now)
    deliver_by = _deliver_by(given, now)
    if deliver_by is not None and deliver_by.returns and release_at is not None and release_at >= deliver_by.moment:
        raise _bad("it is to be released only when its time to be delivered is over")
    if "SMTPUTF8" in given and given["SMTPUTF8"] is not None:
        raise _bad("SMTPUTF8 has no value")
    return MailParameters(
        size=_size(given),
        body=_body(given),
        smtputf8="SMTPUTF8" in given,
        ret=_ret(given),
        envid=_xtext(given, "ENVID", LONGEST_ENVID),
        release_at=release_at,
        deliver_by=deliver_by,
    )


MAIL_KEYWORDS = frozenset({"SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH"})
TIMED_KEYWORDS = frozenset({"HOLDFOR", "HOLDUNTIL", "BY"})
RCPT_KEYWORDS = frozenset({"NOTIFY", "ORCPT"})


def rcpt_parameters(text: str) -> RcptParameters:
    """Those of RCPT."""
    given = _split(text)
    _refuse_unknown(given, RCPT_KEYWORDS)
    orcpt = given.get("ORCPT")
    if "ORCPT" in given:
        kind, semicolon, address = (orcpt or "").partition(";")
        well_formed = _KEYWORD.fullmatch(kind) and semicolon and address and len(orcpt or "") <= LONGEST_ORCPT
        # RFC 6533 §3: an internationalised address has an encoding of its own.
        if not well_formed or (kind.lower() != "utf-8" and not _XTEXT.fullmatch(address)):
            raise _bad("ORCPT is <address type>;<address in xtext>")
    return RcptParameters(notify=_notify(given), orcpt=orcpt)


def _split(text: str) -> dict[str, str | None]:
    given: dict[str, str | None] = {}
    for word in text.split():
        keyword, equals, value = word.partition("=")
        if not _KEYWORD.fullmatch(keyword) or (equals and not value):
            raise BadParameter(Reply.of(501, "5.5.4", f"{word} is not a parameter; it is keyword=value"))
        if keyword.upper() in given:
            raise _bad(f"{keyword.upper()} stands there twice")
        given[keyword.upper()] = value if equals else None
    return given


def _refuse_unknown(given: Mapping[str, str | None], known: frozenset[str]) -> None:
    for keyword in given:
        if keyword not in known:
            raise BadParameter(Reply.of(555, "5.5.4", f"{keyword} is not known here"))


def _size(given: Mapping[str, str | None]) -> int | None:
    value = given.get("SIZE")
    if "SIZE" not in given:
        return None
    if value is None or not re.fullmatch(r"[0-9]{1,20}", value):  # RFC 1870 §4
        raise _bad("SIZE is a number of octets")
    return int(value)


def _body(given: Mapping[str, str | None]) -> BodyType:
    match (given.get("BODY") or "").upper() if "BODY" in given else "7BIT":
        case "7BIT":
            return "7BIT"
        case "8BITMIME":  # RFC 6152 §2
            return "8BITMIME"
        case "BINARYMIME":  # RFC 3030 §3
            return "BINARYMIME"
        case _:
            raise _bad("BODY is 7BIT, 8BITMIME or BINARYMIME")


def _ret(given: Mapping[str, str | None]) -> Ret | None:
    match (given.get("RET") or "").upper() if "RET" in given else None:
        case None:
            return None
        case "FULL":  # RFC 3461 §4.3
            return "FULL"
        case "HDRS":
            return "HDRS"
        case _:
            raise _bad("RET is FULL or HDRS")


def _xtext(given: Mapping[str, str | None], keyword: str, longest: int) -> str | None:
    value = given.get(keyword)
    if keyword not in given:
        return None
    if value is None or len(value) > longest or not _XTEXT.fullmatch(value):
        raise _bad(f"{keyword} is xtext of at most {longest} characters (RFC 3461)")
    return value


def _release(given: Mapping[str, str | None], now: datetime) -> datetime | None:
    """RFC 4865 §4: for so many seconds, or until a moment; one of both."""
    if "HOLDFOR" in given and "HOLDUNTIL" in given:
        raise _bad("HOLDFOR and HOLDUNTIL exclude each other")
    moment = None
    if "HOLDFOR" in given:
        seconds = given["HOLDFOR"] or ""
        if not re.fullmatch(r"[1-9][0-9]{0,8}", seconds):
            raise _bad("HOLDFOR is a number of seconds")
        moment = now + timedelta(seconds=int(seconds))
    if "HOLDUNTIL" in given:
        moment = _moment(given["HOLDUNTIL"] or "")
    if moment is not None and moment > now + LONGEST_HOLD:
        raise _bad(f"a fax waits {LONGEST_HOLD.days} days at most")
    return moment


def _moment(text: str) -> datetime:
    """RFC 3339 §5.6."""
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise _bad("HOLDUNTIL is a moment like 2026-12-24T08:00:00Z") from None
    if moment.tzinfo is None or "T" not in text.upper():
        raise _bad("HOLDUNTIL needs date, time and time zone")
    return moment.astimezone(UTC)


def _deliver_by(given: Mapping[str, str | None], now: datetime) -> DeliverBy | None:
    if "BY" not in given:
        return None
    match = _BY.fullmatch(given["BY"] or "")
    if match is None:
        raise _bad("BY is <seconds>;R or <seconds>;N")
    seconds, returns = int(match[1]), match[2].upper() == "R"
    if returns and seconds <= 0:  # RFC 2852 §4
        raise _bad("with R, the time to deliver it must lie ahead")
    return DeliverBy(now + timedelta(seconds=seconds), returns)


def _notify(given: Mapping[str, str | None]) -> frozenset[Notify] | None:
    """RFC 3461 §4.1: NEVER stands alone."""
    if "NOTIFY" not in given:
        return None
    words = [word.upper() for word in (given["NOTIFY"] or "").split(",")]
    if words == ["NEVER"]:
        return frozenset()
    try:
        return frozenset(Notify(word) for word in words)
    except ValueError:
        raise _bad("NOTIFY is NEVER, or a list of SUCCESS, FAILURE and DELAY") from None


def _bad(sentence: str) -> BadParameter:
    return BadParameter(Reply.of(501, "5.5.4", sentence))
