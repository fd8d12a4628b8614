"""What senders are told, word by word: by ReportMail and by the notifications that our outbox hands over."""

import email
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from gateway.fax4a.status import delivered, perhaps_delivered
from gateway.notify.smarthost import RefusedForGood
from gateway.spool.outbox import Letter
from tests.crash.words import Claim
from tests.laws.mortal import Fuse
from tests.laws.service import Fax

REPORT_MAIL = "ReportMail"
POSTMASTER = "postmaster@example.com"


@dataclass(frozen=True)
class Word:
    """What one message says of one number of one job."""

    job_id: str
    number: str
    claim: Claim
    by: str  # the outbox' name of the word, or ReportMail
    message_id: str


@dataclass
class Mailbox:
    """The smarthost, and all that senders have read; words in the order in which they were taken."""

    words: list[Word] = field(default_factory=list)
    fuse: Fuse = field(default_factory=Fuse)
    down: bool = False
    refuses: bool = False  # every sender; the postmaster hears of it instead

    def take_report_mail(self, fax: Fax, address: str | None) -> None:
        if address is None:
            return
        for number, status in fax.statuses.items():
            self.words.append(Word(fax.job_id, number, _claim(status), REPORT_MAIL, fax.wire_id))

    def take(self, letter: Letter, message: bytes) -> None:
        self.words += _words(letter, message)


class MailboxSession:
    """Stands where ``notify.smarthost.SmarthostSession`` stands."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def send(self, letter: Letter, message: bytes) -> None:
        mailbox = self._mailbox
        await mailbox.fuse.step()
        if mailbox.down:
            raise OSError("connection refused")
        if mailbox.refuses and letter.forward_path != POSTMASTER:
            raise RefusedForGood("550 5.1.1 nobody here")
        mailbox.take(letter, message)
        await mailbox.fuse.step()  # it is taken, and the daemon may never learn it


def _words(letter: Letter, message: bytes) -> Iterator[Word]:
    """RFC 3464: the second part has a group of fields for the message, then one for each recipient."""
    read = email.message_from_bytes(message)
    _, status, _ = read.get_payload()  # type: ignore[misc] # a multipart's payload is its parts
    job_id = letter.job_id
    assert job_id is not None
    for fields in status.get_payload()[1:]:  # type: ignore[union-attr] # as above
        code = fields["X-Fax-Status"]  # type: ignore[index, call-overload] # as above
        yield Word(
            job_id,
            str(fields["X-Fax-Number"]),  # type: ignore[index, call-overload] # as above
            _claim(str(code)) if code else _claim_without_report(str(fields["Action"]), str(fields["Status"])),  # type: ignore[index, call-overload] # as above
            letter.word,
            str(read["Message-ID"]),
        )


def _claim(status: str) -> Claim:
    if delivered(status):
        return Claim.DELIVERED
    return Claim.PERHAPS if perhaps_delivered(status) else Claim.NOT_DELIVERED


def _claim_without_report(action: str, enhanced_status: str) -> Claim:
    if action == "delayed":
        return Claim.DELAYED
    return Claim.PERHAPS if enhanced_status == "5.4.0" else Claim.NOT_DELIVERED
