"""What a mail asks for itself: ``X-Fax-*`` headers, and by option the same at the begin of the subject. Pure.

    X-Fax-Resolution: low
    Subject: [fax: resolution=low; send-at="18:00"] Offer

A directive beats the profile where the profile lets it (`directives.allow`), and the envelope beats both: HOLDUNTIL
(RFC 4865) is stronger than Send-At, BY (RFC 2852) than Expires, NOTIFY (RFC 3461) than Report-On. What can't be heeded
is refused, naming the header and what it may say: its sender means something by it. docs/directives.md is for them.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.config import Directive
from gateway.config.profile import is_header_line
from gateway.intake.moments import BadMoment, end_of, moment_of
from gateway.intake.options import Treatment
from gateway.intake.reply import Reply
from gateway.mail import Mail

LONGEST_CSID = 20  # Fax4A, transportOptions.csid
LONGEST_BILLING_CODE = 80  # Fax4A, reference.billingCode
LONGEST_WAIT = timedelta(days=30)  # as with FUTURERELEASE

_HEADER = "x-fax-"
_IN_SUBJECT = re.compile(r"\s*\[\s*fax\s*:([^\]]*)\]\s*", re.IGNORECASE)
_NAMES = frozenset[str](Directive)
_YES, _NO = frozenset({"yes", "true", "on", "1"}), frozenset({"no", "false", "off", "0"})
_ADDRESS = re.compile(r"[^\s<>,;@]+@[^\s<>,;@]+")


@dataclass(frozen=True, slots=True)
class Heeded:
    """How a mail is treated once its own wishes are heeded."""

    treatment: Treatment
    subject: str  # without directives
    send_at: datetime | None = None
    expires_at: datetime | None = None
    deferred_to: datetime | None = None  # by [times]: later than it was to begin


class _Bad(ValueError):
    """The text completes the sentence "... can't be heeded: ..."."""


@dataclass(frozen=True, slots=True)
class _Wish:
    directive: Directive
    text: str
    written: str  # what its sender calls it


@dataclass(frozen=True, slots=True)
class _Circumstances:
    covers: Collection[str]
    now: datetime
    release_at: datetime | None
    zone: ZoneInfo


def heed(
    mail: Mail, treatment: Treatment, covers: Collection[str], now: datetime, release_at: datetime | None = None
) -> Heeded | Reply:
    """`covers`: the names of the templates that there are; `release_at`: what the envelope says of the start.

    Times without a zone are the profile's.
    """
    circumstances = _Circumstances(covers, now, release_at, ZoneInfo(treatment.options.timezone))
    try:
        subject, wishes = _wishes(mail, in_subject=treatment.directives_in_subject)
        return _heeded(Heeded(treatment, subject), wishes, circumstances)
    except _Bad as bad:
        return Reply.of(554, "5.6.0", str(bad))
    except _Forbidden as forbidden:
        return Reply.of(550, "5.7.1", str(forbidden))


def unheeded(mail: Mail) -> tuple[str, ...]:
    """Headers that look like directives and are none, for the job's events: other systems write some, too."""
    return tuple(
        f"the header {name} is not known here, it was not heeded"
        for name in mail.headers
        if name.startswith(_HEADER) and name.removeprefix(_HEADER) not in _NAMES
    )


class _Forbidden(Exception):
    pass


def _wishes(mail: Mail, *, in_subject: bool) -> tuple[str, dict[Directive, _Wish]]:
    """The subject that is left, and each directive once."""
    subject, from_subject = _of_subject(mail.subject) if in_subject else (mail.subject, [])
    found: dict[Directive, _Wish] = {}
    for wish in (*_of_header(mail), *from_subject):
        other = found.setdefault(wish.directive, wish)
        if other.text != wish.text:
            message = f"{wish.written} stands there twice, as {other.text} and as {wish.text}; write it once"
            raise _Bad(message)
    return subject, found


def _of_header(mail: Mail) -> Iterator[_Wish]:
    for name, values in mail.headers.items():
        if name.startswith(_HEADER) and name.removeprefix(_HEADER) in _NAMES:
            directive = Directive(name.removeprefix(_HEADER))
            for value in values:
                if value.strip():  # programs write headers that they have no value for
                    yield _Wish(directive, value.strip(), f"X-Fax-{directive.title()}")


def _of_subject(subject: str) -> tuple[str, list[_Wish]]:
    match = _IN_SUBJECT.match(subject)
    if match is None:
        return subject, []
    return subject[match.end() :], [_written_in_subject(item) for item in match[1].split(";") if item.strip()]


def _written_in_subject(item: str) -> _Wish:
    name, equals, text = item.partition("=")
    name, text = name.strip().lower(), text.strip().strip("\"'")
    if name not in _NAMES:
        message = f"{name} in the subject is no directive; there are {', '.join(Directive)}"
        raise _Bad(message)
    return _Wish(Directive(name), text if equals else "yes", f"{name} in the subject")


def _heeded(so_far: Heeded, wishes: Mapping[Directive, _Wish], circumstances: _Circumstances) -> Heeded:
    # In the order of the enumeration: Expires counts from Send-At, which stands before it.
    for directive in Directive:
        wish = wishes.get(directive)
        if wish is None:
            continue
        is_forced = directive in so_far.treatment.forced
        if not is_forced and directive not in so_far.treatment.directives:
            message = f"{wish.written} is not for this sender to set; leave it out, or ask the operator to allow it"
            raise _Forbidden(message)
        try:
            heeded = _READERS[directive](so_far, wish.text, circumstances)
        except _Bad as bad:
            message = f"{wish.written}: {wish.text} can't be heeded; {bad}"
            raise _Bad(message) from None
        if is_forced and heeded != so_far:
            message = f"{wish.written} is fixed for this sender (directives.forced): {wish.text} can't be had; omit it"
            raise _Forbidden(message)
        so_far = heeded
    return so_far


def _with_options(heeded: Heeded, **changes: Any) -> Heeded:
    treatment = heeded.treatment
    return replace(heeded, treatment=replace(treatment, options=replace(treatment.options, **changes)))


def _cover(heeded: Heeded, text: str, circumstances: _Circumstances) -> Heeded:
    if text.lower() == "none":
        return _with_options(heeded, cover_when="never")
    if text not in circumstances.covers:
        message = f"write none or a cover: {', '.join(sorted(circumstances.covers))}"
        raise _Bad(message)
    return _with_options(heeded, cover=text, cover_when="always")


def _csid(heeded: Heeded, text: str, _: _Circumstances) -> Heeded:
    return _with_options(heeded, csid=_printable(text, LONGEST_CSID))


def _billing_code(heeded: Heeded, text: str, _: _Circumstances) -> Heeded:
    return _with_options(heeded, billing_code=_printable(text, LONGEST_BILLING_CODE))


def _resolution(heeded: Heeded, text: str, _: _Circumstances) -> Heeded:
    return _with_options(heeded, resolution=_one_of(text, ("LOW", "HIGH")))


def _paper(heeded: Heeded, text: str, _: _Circumstances) -> Heeded:
    return _with_options(heeded, paper_format=_one_of(text, ("A4", "LETTER")))


def _express(heeded: Heeded, text: str, _: _Circumstances) -> Heeded:
    if text.lower() not in _YES | _NO:
        raise _Bad("write yes or no")
    return _with_options(heeded, express=text.lower() in _YES)


def _header_line(heeded: Heeded, text: str, _: _Circumstances) -> Heeded:
    if not is_header_line(text):
        raise _Bad("write a header line with the fax service's control characters, and a percent sign itself as %%")
    return _with_options(heeded, header=text)


def _send_at(heeded: Heeded, text: str, circumstances: _Circumstances) -> Heeded:
    try:
        moment = moment_of(text, circumstances.now, circumstances.zone)
    except BadMoment as bad:
        raise _Bad(str(bad)) from None
    if moment > circumstances.now + LONGEST_WAIT:
        message = f"a fax waits {LONGEST_WAIT.days} days at most"
        raise _Bad(message)
    return replace(heeded, send_at=max(moment, circumstances.now))  # a mail that was late itself goes out at once


def _expires(heeded: Heeded, text: str, circumstances: _Circumstances) -> Heeded:
    start = circumstances.release_at or heeded.send_at or circumstances.now
    try:
        moment = end_of(text, start, circumstances.now, circumstances.zone)
    except BadMoment as bad:
        raise _Bad(str(bad)) from None
    if moment <= start:
        raise _Bad("by then it could not have been sent; write a later moment")
    return replace(heeded, expires_at=moment)


def _report_to(heeded: Heeded, text: str, _: _Circumstances) -> Heeded:
    if text.lower() in ("sender", "from", "reply-to"):
        return replace(heeded, treatment=replace(heeded.treatment, report_to=text.lower()))
    if not _ADDRESS.fullmatch(text):
        raise _Bad("write sender, from, reply-to or one mail address")
    return replace(heeded, treatment=replace(heeded.treatment, report_to=text))


def _report_on(heeded: Heeded, text: str, _: _Circumstances) -> Heeded:
    wanted = _one_of(text.upper(), ("ALWAYS", "FAILURE", "NEVER")).lower()
    return replace(heeded, treatment=replace(heeded.treatment, report_on=wanted))


def _printable(text: str, longest: int) -> str:
    if len(text) > longest or not (text.isascii() and text.isprintable()):
        message = f"write at most {longest} characters of ASCII"
        raise _Bad(message)
    return text


def _one_of(text: str, allowed: tuple[str, ...]) -> str:
    if text.upper() not in allowed:
        message = f"write {', '.join(allowed[:-1]).lower()} or {allowed[-1].lower()}"
        raise _Bad(message)
    return text.upper()


_READERS: Mapping[Directive, Callable[[Heeded, str, _Circumstances], Heeded]] = {
    Directive.COVER: _cover,
    Directive.CSID: _csid,
    Directive.BILLING_CODE: _billing_code,
    Directive.RESOLUTION: _resolution,
    Directive.PAPER: _paper,
    Directive.EXPRESS: _express,
    Directive.HEADER: _header_line,
    Directive.SEND_AT: _send_at,
    Directive.EXPIRES: _expires,
    Directive.REPORT_TO: _report_to,
    Directive.REPORT_ON: _report_on,
}
