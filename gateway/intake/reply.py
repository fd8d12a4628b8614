"""An SMTP reply as a value: code, enhanced status code (RFC 3463) and one sentence for the sender."""

from dataclasses import dataclass
from typing import Self

# RFC 5321 §4.5.3.1.5: a reply line has at most 512 octets, its code and the CRLF included.
LONGEST_TEXT = 480


@dataclass(frozen=True, slots=True)
class Reply:
    code: int
    enhanced: str
    text: str

    @classmethod
    def of(cls, code: int, enhanced: str, text: str) -> Self:
        """A reply whose `text` may hold anything a sender wrote: one line of printable ASCII comes out of it."""
        line = " ".join(text.split())
        printable = line if line.isascii() and line.isprintable() else "".join(map(_shown, line))
        if len(printable) > LONGEST_TEXT:
            printable = printable[: LONGEST_TEXT - 3] + "..."
        return cls(code, enhanced, printable)

    @property
    def positive(self) -> bool:
        return 200 <= self.code < 300  # noqa: PLR2004 - RFC 5321 §4.2.1

    def __str__(self) -> str:
        return f"{self.code} {self.enhanced} {self.text}"


def _shown(character: str) -> str:
    return character if character.isascii() and character.isprintable() else "?"
