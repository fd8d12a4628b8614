"""A word to a sender as a delivery status notification. Pure: the same word is the same bytes.

multipart/report (RFC 6522): a text for people, the fields of RFC 3464 for programs, and the mail or its header.
RFC 3461 §6 says what goes in, RFC 3834 how an automatic answer marks itself, RFC 6533 how addresses beyond ASCII look.
Everything stays within 7 bits, except the To line of an address beyond ASCII: that message needs SMTPUTF8.
"""

import hashlib
import re
import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime

from gateway.intake.loops import LOOP_HEADER
from gateway.notify.returned import LINE_BYTES, BodyPart, quoted_printable, returned_mail
from gateway.notify.texts import Text, Texts, bundled_texts
from gateway.notify.word import Action, RecipientWord, SaidBy, Word, WordKind, tidy

__all__ = ["Action", "Envelope", "RecipientWord", "Word", "WordKind", "build_dsn", "envelope"]

_FOLD = 76
_VALUE = 500  # characters of a value that a program reads
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")  # RFC 5322 §3.6.4, generously
_XTEXT = re.compile(r"\+([0-9A-F]{2})")  # RFC 3461 §4
_SPELT = str.maketrans(
    {"ß": "ss", "\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"'}
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a notification travels: with the null reverse-path (RFC 3461 §6.1), so that it is never answered."""

    reverse_path: str
    forward_path: str
    smtputf8: bool


def envelope(word: Word) -> Envelope:
    return Envelope("", word.to, smtputf8=not (word.to + word.sender).isascii())


def build_dsn(word: Word, texts: Texts | None = None) -> bytes:
    """The message that goes out, with CRLF line ends; `texts` are the bundled ones unless others are given."""
    word = tidy(word)
    text = (texts or bundled_texts()).write(word)
    # RFC 3461 §4.3: RET asks for failures only; without one, the header is enough.
    failed = any(recipient.action is Action.FAILED for recipient in word.recipients)
    parts = [
        _human_part(text),
        BodyPart("message/delivery-status", "7bit", _status_fields(word)),
        returned_mail(word.original, whole=failed and word.ret == "FULL"),
    ]
    boundary = _boundary(word)
    return _header(word, text.subject, boundary) + _multipart(parts, boundary)


def _header(word: Word, subject: str, boundary: str) -> bytes:
    name = "Fax gateway" if word.language == "en" else "Fax-Gateway"
    fields = [
        f"Date: {format_datetime(word.date)}",
        f"From: {name} <{word.sender}>",
        f"To: <{word.to}>",
        f"Subject: {_unstructured(subject)}",
        f"Message-ID: {word.message_id}",
    ]
    if word.original_message_id is not None and _MESSAGE_ID.fullmatch(word.original_message_id):
        fields += [f"In-Reply-To: {word.original_message_id}", f"References: {word.original_message_id}"]
    fields += [
        "Auto-Submitted: auto-replied",  # RFC 3834 §5
        f"{LOOP_HEADER}: {word.reporting_mta}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="{boundary}"',
    ]
    # RFC 6532 §3.2 where an address is beyond ASCII, else these are ASCII.
    return "".join(field + "\r\n" for field in fields).encode() + b"\r\n"


def _multipart(parts: list[BodyPart], boundary: str) -> bytes:
    pieces = [
        f"--{boundary}\r\n"
        f"Content-Type: {part.content_type}\r\n"
        f"Content-Transfer-Encoding: {part.encoding}\r\n\r\n".encode()
        + part.content
        + b"\r\n"
        for part in parts
    ]
    return b"".join(pieces) + f"--{boundary}--\r\n".encode()


def _human_part(text: Text) -> BodyPart:
    body = text.body.encode()
    content = body.replace(b"\n", b"\r\n")
    if body.isascii() and all(len(line) <= LINE_BYTES for line in body.split(b"\n")):
        return BodyPart("text/plain; charset=us-ascii", "7bit", content)
    return BodyPart("text/plain; charset=utf-8", "quoted-printable", quoted_printable(body))


def _status_fields(word: Word) -> bytes:
    """RFC 3464 §2: the fields of the message, then those of each recipient, groups parted by an empty line."""
    groups = [_message_fields(word), *(_recipient_fields(word, recipient) for recipient in word.recipients)]
    return "\r\n".join("".join(_folded(name, value) for name, value in group) for group in groups).encode("ascii")


def _message_fields(word: Word) -> Iterator[tuple[str, str]]:
    if word.envid:
        yield "Original-Envelope-Id", _ascii(_xtext_decoded(word.envid))  # RFC 3464 §2.2.1
    yield "Reporting-MTA", f"dns; {_ascii(word.reporting_mta)}"  # §2.2.2
    yield "Arrival-Date", format_datetime(word.arrival)  # §2.2.5
    yield "X-Fax-Job", word.job_id


def _recipient_fields(word: Word, recipient: RecipientWord) -> Iterator[tuple[str, str]]:
    if recipient.orcpt and ";" in recipient.orcpt:
        yield "Original-Recipient", _original_recipient(recipient.orcpt)  # RFC 3464 §2.3.1
    yield "Final-Recipient", _final_recipient(recipient)  # §2.3.2
    yield "Action", recipient.action  # §2.3.3
    yield "Status", recipient.enhanced_status  # §2.3.4
    if recipient.diagnostic or recipient.status_code:
        said = ": ".join(part for part in (recipient.status_code, recipient.diagnostic) if part)
        kind = "X-Fax4A" if recipient.said_by is SaidBy.SERVICE else "X-Fax-Gateway"  # no registered type fits
        yield "Diagnostic-Code", f"{kind}; {_ascii(said)}"  # §2.3.6
    if recipient.sent_at is not None:
        yield "Last-Attempt-Date", format_datetime(recipient.sent_at)  # §2.3.7
    yield "Final-Log-ID", word.job_id  # §2.3.8
    if recipient.action is Action.DELAYED and word.retry_until is not None:
        yield "Will-Retry-Until", format_datetime(word.retry_until)  # §2.3.9
    yield from _fax_fields(recipient)


def _fax_fields(recipient: RecipientWord) -> Iterator[tuple[str, str]]:
    """What only a fax has (RFC 3464 §2.4 leaves names with X- to us)."""
    if recipient.number.startswith("+"):  # else it is no fax, but the postmaster
        yield "X-Fax-Number", _ascii(recipient.number)
    if recipient.status_code:
        yield "X-Fax-Status", _ascii(recipient.status_code)
    if recipient.pages is not None:
        yield "X-Fax-Pages", str(recipient.pages)
    if recipient.duration is not None:
        yield "X-Fax-Duration-Seconds", str(round(recipient.duration.total_seconds()))
    if recipient.remote_csid:
        yield "X-Fax-Remote-CSID", _ascii(recipient.remote_csid)


def _original_recipient(orcpt: str) -> str:
    kind, _, address = orcpt.partition(";")
    if kind.lower() == "utf-8":  # RFC 6533 §3: its own encoding, not xtext; within 7 bits every character stays encoded
        return f"utf-8; {_embedded(address, keep='+=' + chr(92))}"
    return f"{_ascii(kind)}; {_ascii(_xtext_decoded(address))}"


def _final_recipient(recipient: RecipientWord) -> str:
    """The address that the mail named, as mail programs know it; a number without one is a type of our own."""
    if recipient.address is None:
        return f"X-Fax; {_ascii(recipient.number)}"
    if recipient.address.isascii():
        return f"rfc822; {recipient.address}"
    return f"utf-8; {_embedded(recipient.address)}"


def _xtext_decoded(text: str) -> str:
    return _XTEXT.sub(lambda match: chr(int(match[1], 16)), text)


def _embedded(text: str, *, keep: str = "") -> str:
    r"""RFC 6533 §3, utf-8-addr-xtext: `\x{FC}` for what is beyond ASCII and for `+ = \` themselves."""
    return "".join(
        char
        if char in keep or (char.isascii() and char.isprintable() and char not in " +=\\")
        else f"\\x{{{ord(char):02X}}}"
        for char in text
    )


def _ascii(text: str) -> str:
    """For fields that are ASCII (RFC 3464 §2.1): accents dropped, the rest as `?`; the human text has it whole."""
    plain = unicodedata.normalize("NFKD", text.translate(_SPELT))
    spelt = "".join(char for char in plain if not unicodedata.combining(char))
    shown = "".join(char if char.isascii() and char.isprintable() else "?" for char in spelt)
    return shown[:_VALUE]


def _folded(name: str, value: str) -> str:
    lines = textwrap.wrap(f"{name}: {value}", _FOLD, break_long_words=False, break_on_hyphens=False)
    return "\r\n ".join(lines) + "\r\n"


def _unstructured(text: str) -> str:
    """RFC 2047 where it must be."""
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(text, charset, header_name="Subject", maxlinelen=_FOLD).encode(linesep="\r\n")


def _boundary(word: Word) -> str:
    """Made from the mail itself, so that no mail can contain it; quoted-printable has no `=_` (RFC 2045 §6.7)."""
    digest = hashlib.sha256(word.message_id.encode() + b"\0" + word.original).hexdigest()
    return f"=_{digest[:40]}"
