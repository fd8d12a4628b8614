"""A reason as the spool keeps it, an English sentence, put into German for a mail, a page or a cover. Pure.

Reasons are made before anybody knows who will read them, and those of an earlier release stay in their rows. So they
are put into German only where they are shown. What nobody here has written (the fax service's own words, a mail
server's, a library's) is quoted; machines read the English in the fields of RFC 3464.
"""

import re
from collections.abc import Mapping
from functools import cache

from gateway.reasons.german import CHANGES, KINDS, NAMES, PREDICATES, REWRITES, SENTENCES

LONGEST = 2000  # characters; a longer one, which only a name can make, is quoted
DEEPEST = 3  # sentences of ours within each other; what is deeper is quoted: a server may have said anything
_BRACES = re.compile(r"\{(\w+)\}")
_SHAPES = {
    "said": r".+",
    "document": r".+",
    "address": r".+",
    "why": r".+",
    "what": r"[^,]+",
    "status": r"[1-5][0-9]{2}",  # RFC 9110 §15
    "code": r"[245]\.[0-9]{1,3}\.[0-9]{1,3}",  # RFC 3463 §2
}
_ANY_WORD = r"\S+"
_NEXT_REWRITE = re.compile(", (?=its? )")


def in_german(reason: str) -> str:
    """In German where the catalogue has it, else quoted."""
    german = translated(reason)
    if german is None:
        return _quoted(reason)
    begins_alike = german.split(" ", 1)[0] == reason.split(" ", 1)[0]
    return german if begins_alike else german[0].upper() + german[1:]  # a name stays as its sender wrote it


def translated(reason: str, depth: int = 1) -> str | None:
    """None: no sentence of ours, or none that the catalogue has."""
    if len(reason) > LONGEST or depth > DEEPEST:
        return None
    return _looked_up(SENTENCES, reason, depth) or _of_a_document(reason)


def change_in_german(clause: str) -> str:
    """Of what was left out or changed. All of them are ours: one of an earlier release stays as it is."""
    return (_looked_up(CHANGES, clause) if len(clause) <= LONGEST else None) or clause


@cache
def pattern(english: str) -> re.Pattern[str]:
    """What an entry of the catalogue matches, as a whole."""
    pieces = _BRACES.split(english)  # text and names in turn
    return re.compile("".join(_shape(each) if n % 2 else re.escape(each) for n, each in enumerate(pieces)), re.DOTALL)


def _shape(name: str) -> str:
    return f"(?P<{name}>{_SHAPES.get(name, _ANY_WORD)})"


def _of_a_document(reason: str) -> str | None:
    """Its name, and what is the matter with it."""
    for english, german in PREDICATES.items():
        match = _after_a_name(english).fullmatch(reason)
        if match is not None:
            return f"{_name(match['document'])} {_filled(german, match)}"
    return None


@cache
def _after_a_name(predicate: str) -> re.Pattern[str]:
    return re.compile(f"(?P<document>.+) {pattern(predicate).pattern}", re.DOTALL)


def _name(document: str) -> str:
    """`archive.zip: a file`: from the outermost to the innermost, each as its sender calls it or as we do."""
    return ": ".join(_looked_up(NAMES, each) or each for each in document.split(": "))


def _looked_up(catalogue: Mapping[str, str], text: str, depth: int = 1) -> str | None:
    for english, german in catalogue.items():
        match = pattern(english).fullmatch(text)
        if match is not None:
            return _filled(german, match, depth)
    return None


def _filled(german: str, match: re.Match[str], depth: int = 1) -> str:
    return german.format(**{name: _value(name, value, depth) for name, value in match.groupdict().items()})


def _value(name: str, text: str, depth: int) -> str:
    match name:
        case "said":
            return translated(text, depth + 1) or _quoted(text)
        case "document":
            return _name(text)
        case "why":
            return ", ".join(_looked_up(REWRITES, each) or _quoted(each) for each in _NEXT_REWRITE.split(text))
        case "what":
            return _looked_up(KINDS, text) or _quoted(text)
        case _:
            return text


def _quoted(words: str) -> str:
    return f"„{words}“"
