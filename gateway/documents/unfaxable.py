"""Why a mail can't be faxed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unfaxable:
    """`culprit` is the file at fault, None where it is the mail as a whole; the code is RFC 3463's."""

    sentence: str
    enhanced_code: str
    culprit: str | None = None
