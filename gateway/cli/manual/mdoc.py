"""Text and words as mdoc(7) takes them. Pure.

``mandoc -T lint`` is the judge: a sentence begins on a line of its own, and no line of text is longer than 80 bytes.
"""

import re
from collections.abc import Iterable
from itertools import chain
from textwrap import wrap

LONGEST_SOURCE = 58  # escapes make it longer
_KEPT_SPACE = "\0"
# mdoc(7), MACRO OVERVIEW: a macro's argument that is the name of a macro would be one; also closing delimiters.
_MACRO = re.compile(r"[A-Z%][A-Za-z0-9]")
_DELIMITER = re.compile(r"[.,:;()\[\]?!|]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_CODE = re.compile(r"`([^`]+)`")
# mandoc_char(7): a plain one of these would be printed as its typographic sister.
_SPECIAL = {"\\": r"\e", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}


def escaped(text: str) -> str:
    """Characters that roff would read; beyond ASCII by their code points (mandoc_char(7))."""
    return "".join(_SPECIAL.get(c, c if c.isascii() else f"\\[u{ord(c):04X}]") for c in text)


def literal(text: str) -> str:
    """As `escaped`, for what is typed: an apostrophe and a hyphen stay what they are."""
    return escaped(text).replace("'", r"\(aq").replace("-", r"\-")


def paragraph(text: str) -> list[str]:
    """Lines of running text; what stands in backquotes is printed as a literal."""
    whole = _CODE.sub(lambda match: match[0].replace(" ", _KEPT_SPACE), " ".join(text.split()))
    wrapped = (
        wrap(sentence, LONGEST_SOURCE, break_long_words=False, break_on_hyphens=False)
        for sentence in _SENTENCE.split(whole)
    )
    return [_plain(line) for line in chain.from_iterable(wrapped)]


def argument(word: str) -> str:
    """One argument of a macro."""
    text = literal(word).replace('"', r"\(dq")
    if _MACRO.fullmatch(word) or _DELIMITER.fullmatch(word):
        text = rf"\&{text}"
    return f'"{text}"' if " " in text or not text else text


def heading(text: str) -> str:
    # A bracket at a line's end would be taken for a delimiter.
    return ".Ss " + literal(text).replace("[", r"\(lB").replace("]", r"\(rB")


def tagged(items: Iterable[tuple[str, Iterable[str]]]) -> list[str]:
    """A list of terms, each with its lines; the terms are macros that stand after ``.It``."""
    lines = [".Bl -tag -width Ds"]
    for term, described in items:
        lines += [f".It {term}", *described]
    return [*lines, ".El"] if len(lines) > 1 else []


def example(*lines: str) -> list[str]:
    """Lines as they are typed."""
    return [".Bd -literal -offset indent", *(_protected(literal(line)) for line in lines), ".Ed"]


def _plain(line: str) -> str:
    parts = _CODE.split(line)  # every second one stood in backquotes
    printed = (rf"\fB{literal(part)}\fP" if number % 2 else escaped(part) for number, part in enumerate(parts))
    return _protected("".join(printed).replace(_KEPT_SPACE, " "))


def _protected(line: str) -> str:
    """A line that begins with a control character would be a macro."""
    return rf"\&{line}" if line.startswith((".", "'")) else line
