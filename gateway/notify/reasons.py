"""A reason as the spool keeps it, an English sentence, put into German for a mail to a sender. Pure.

Reasons are made before anybody knows who will read them, and those of an earlier release stay in their rows. So they
are put into German only where a mail is written. What nobody here has written (the fax service's own words, a mail
server's, a library's) is quoted; machines read the English in the fields of RFC 3464.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache

from gateway.notify.german import KINDS, NAMES, PREDICATES, SENTENCES

LONGEST = 2000  # characters; a longer one, which only a name can make, is quoted
_BRACES = re.compile(r"\{(\w+)\}")
_SHAPES = {"said": r".+", "what": r"[^,]+", "status": r"[1-5][0-9]{2}"}  # RFC 9110 §15
_ANY_WORD = r"\S+"


def in_german(reason: str) -> str:
    """In German where the catalogue has it, else quoted."""
    german = translated(reason)
    if german is None:
        return _quoted(reason)
    begins_alike = german.split(" ", 1)[0] == reason.split(" ", 1)[0]
    return german if begins_alike else german[0].upper() + german[1:]  # a name stays as its sender wrote it


def translated(reason: str) -> str | None:
    """None: no sentence of ours, or none that the catalogue has."""
    if len(reason) > LONGEST:
        return None
    return _of_a_document(reason) or _looked_up(SENTENCES, reason)


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


def _looked_up(catalogue: Mapping[str, str], text: str) -> str | None:
    for english, german in catalogue.items():
        match = pattern(english).fullmatch(text)
        if match is not None:
            return _filled(german, match)
    return None


def _filled(german: str, match: re.Match[str]) -> str:
    return german.format(**{name: _VALUES.get(name, str)(value) for name, value in match.groupdict().items()})


def _said(words: str) -> str:
    return translated(words) or _quoted(words)


def _kind(description: str) -> str:
    return _looked_up(KINDS, description) or _quoted(description)


def _quoted(words: str) -> str:
    return f"„{words}“"


_VALUES: Mapping[str, Callable[[str], str]] = {"said": _said, "what": _kind}
