"""What a mail holds, as the other rooms see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MailLimits:
    depth: int = 100  # nested MIME parts
    parts: int = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a mail, for its sender; a fatal one leaves nothing that could be faxed."""

    sentence: str
    fatal: bool = False
    enhanced_code: str = "5.6.0"  # RFC 3463 §3.7


@dataclass(frozen=True, slots=True)
class Mailbox:
    """RFC 5322 §3.4: a display name, decoded, and an address."""

    address: str
    display_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A leaf of the MIME tree. Its bytes are decoded when they are first wanted."""

    declared_type: str  # lower case, without parameters
    filename: str | None
    charset: str | None
    disposition: str | None
    content_id: str | None  # without angle brackets
    load: Callable[[], bytes] = field(repr=False, compare=False)

    @property
    def content(self) -> bytes:
        """Transfer-decoded."""
        return self.load()


@dataclass(frozen=True, slots=True)
class Body:
    """The mail's own text. Each form is whole: where `html` is given, it holds what only came as plain text too."""

    text: str | None = None
    html: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.text or "").strip() and not (self.html or "").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    headers: Mapping[str, tuple[str, ...]]  # by lower-case name, decoded, in their order
    subject: str = ""
    from_: Mailbox | None = None
    reply_to: Mailbox | None = None
    date: datetime | None = None  # naive where the header names no zone
    message_id: str | None = None
    body: Body = Body()
    attachments: tuple[Part, ...] = ()  # in the order of the mail
    inline: Mapping[str, Part] = field(default_factory=dict)  # by content id: what the HTML shows
    problems: tuple[Problem, ...] = ()
    left_out: tuple[str, ...] = ()  # what a rule leaves off the fax, a clause for each

    def header(self, name: str) -> tuple[str, ...]:
        return self.headers.get(name.lower(), ())
