"""What senders were told: ReportMails of the sandbox and notifications of ours, as the claim that each makes. Pure."""

import email
import email.policy
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Claim(Enum):
    DELIVERED = "it was delivered"
    NOT_DELIVERED = "it was surely not delivered"
    PERHAPS = "it may have gone out"
    DELAYED = "it is still tried"


# How the subjects of both kinds of mail begin, or what they hold.
CLAIMS = (
    ("Fax OK:", Claim.DELIVERED),
    ("Fax FAILED:", Claim.NOT_DELIVERED),
    (" may have gone out", Claim.PERHAPS),
    (" not delivered", Claim.NOT_DELIVERED),
    (" not sent in time", Claim.NOT_DELIVERED),
    (" delayed", Claim.DELAYED),
    (" delivered", Claim.DELIVERED),
)


@dataclass(frozen=True)
class Word:
    sender: str  # who is told
    message_id: str
    claim: Claim


def words_of(mails: Iterable[tuple[str, list[str], bytes]]) -> list[Word]:
    """Of what a mailbox has taken; raises ValueError for a mail that claims nothing."""
    found = []
    for _, forward_paths, content in mails:
        message = email.message_from_bytes(content, policy=email.policy.default)
        subject = str(message["Subject"])
        claim = next((claim for part, claim in CLAIMS if part in subject), None)
        if claim is None:
            raise ValueError(f"nobody knows what is meant by {subject!r}")
        found += [Word(each, str(message["Message-ID"]), claim) for each in forward_paths]
    return found
