"""The facts of a mail's header that the other rooms ask for (RFC 5322 §3.6)."""

import email.utils
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import fast_mail_parser

from gateway.mail.model import Body, Mail, Mailbox, Part, Problem
from gateway.mail.names import clean_text
from gateway.mail.place import fields
from gateway.mail.words import as_text, decode_words

LONGEST_MESSAGE_ID = 998  # RFC 5322 §2.1.1: no line is longer
LONGEST_ADDRESS = 16 * 1024  # characters of a field in which the first address is looked for
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
# RFC 5322 §3.3: -0000 is a moment in UTC, of a machine that says nothing of its own zone; Python's scripts write it.
_SOMEWHERE = re.compile(r"[0-9] -0000\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a mail is beside its header; the fields are those of Mail."""

    body: Body = field(default_factory=Body)
    attachments: tuple[Part, ...] = ()
    inline: Mapping[str, Part] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    left_out: tuple[str, ...] = ()


def with_header(raw: bytes, headers: Mapping[str, tuple[str, ...]], content: Content) -> Mail:
    message_id = _first(headers, "message-id").strip()[:LONGEST_MESSAGE_ID]
    from_, reply_to = _mailboxes(raw, headers)
    return Mail(
        headers=headers,
        subject=" ".join(clean_text(_first(headers, "subject")).split()),
        from_=from_,
        reply_to=reply_to,
        date=_date(_first(headers, "date")),
        message_id=message_id or None,
        body=content.body,
        attachments=content.attachments,
        inline=content.inline,
        problems=content.problems,
        left_out=content.left_out,
    )


def _mailboxes(raw: bytes, headers: Mapping[str, tuple[str, ...]]) -> tuple[Mailbox | None, Mailbox | None]:
    """From and Reply-To, parsed before they are decoded: an encoded name may hold a comma (RFC 2047 §5)."""
    end = _BLANK_LINE.search(raw)
    header = raw[: end.end()] if end is not None else raw
    is_plain = b"=?" not in header and header.isascii()
    if is_plain and "from" in headers:  # then nothing was decoded, and only the two fields must be read again
        header = f"From: {_first(headers, 'from')}\r\nReply-To: {_first(headers, 'reply-to')}\r\n\r\n".encode()
    try:
        mail = fast_mail_parser.parse_email(header, mode="metadata")
    except fast_mail_parser.ParseError:
        return None, None
    from_, reply_to = _mailbox(mail.from_), _mailbox(mail.reply_to[0] if mail.reply_to else None)
    if is_plain:
        return from_, reply_to
    written = fields(header)
    return _named(from_, written.get("from", ())), _named(reply_to, written.get("reply-to", ()))


def _mailbox(address: fast_mail_parser.PyAddress | None) -> Mailbox | None:
    if address is None or not address.address:
        return None
    return Mailbox(address.address, clean_text(address.display_name or "") or None)


def _named(mailbox: Mailbox | None, written: tuple[str, ...]) -> Mailbox | None:
    """The display name once more by us: the fast parser decodes each encoded word for itself, and bytes as Latin-1."""
    if mailbox is None or not written or (written[0].isascii() and "=?" not in written[0]):
        return mailbox
    try:
        addresses = email.utils.getaddresses([as_text(written[0][:LONGEST_ADDRESS])])
    except RecursionError:  # comments in comments
        return mailbox
    if not addresses or addresses[0][1] != mailbox.address:
        return mailbox
    return Mailbox(mailbox.address, clean_text(decode_words(addresses[0][0])) or None)


def _first(headers: Mapping[str, tuple[str, ...]], name: str) -> str:
    return headers.get(name, ("",))[0]


def _date(text: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        if moment.tzinfo is None and _SOMEWHERE.search(text):
            moment = moment.replace(tzinfo=UTC)
        moment.astimezone(UTC)  # the years 1 and 9999 have moments that no other zone can name
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment
