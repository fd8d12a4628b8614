"""Which language a browser asks for (RFC 9110 §12.5.4), and a text or a reason in it. Pure."""

from typing import Literal

from gateway.reasons.matching import change_in_german, in_german
from gateway.web.german import GERMAN

Language = Literal["en", "de"]
_OURS: tuple[Language, ...] = ("en", "de")
LONGEST_HEADER = 1000


def language_of(accept_language: str) -> Language:
    """The one of ours with the highest weight; English where none is asked for."""
    best: tuple[float, Language] = (0.0, "en")
    for each in accept_language[:LONGEST_HEADER].split(","):
        tag, _, weight = each.partition(";")
        primary = tag.strip().casefold().partition("-")[0]
        for language in _OURS:
            if primary == language and _weight(weight) > best[0]:
                best = (_weight(weight), language)
    return best[1]


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().casefold() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def translated(text: str, language: Language, **facts: object) -> str:
    """`text` is English; what German lacks stays English. `facts` fill its braces."""
    found = GERMAN.get(text, text) if language == "de" else text
    return found.format(**facts) if facts else found


def reason_in(language: Language, reason: str) -> str:
    """What the spool keeps in English, or a refusal; in German what others have said is quoted."""
    return in_german(reason) if language == "de" else reason


def change_in(language: Language, clause: str) -> str:
    """What was left out of a fax, or changed on it."""
    return change_in_german(clause) if language == "de" else clause
