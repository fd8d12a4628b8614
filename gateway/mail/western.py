"""Whether a reading of undeclared bytes looks like a text of Western Europe.

A guess by the frequency of letters needs letters: of "38,5 °C, Größe 1,80 m" it makes Korean, of "Grüße aus Köln" an
Icelandic Macintosh. Short texts without a charset are what old devices and programs send, and most of these are in
windows-1252. So a reading counts where each of its characters stands as German, French, Spanish or Italian writes it.
What can't stand so is proof of another charset: three letters beyond ASCII in a row, a capital or a sign inside a word,
a superscript after what is no unit. Letters that Eastern Europe has in the same places (æ is Poland's ć, õ Hungary's ő,
ø the Czechs' ř) prove nothing, and leave the text to the frequencies.
"""

import re

_LETTERS = "äöüßàáâåçèéêëìíñòóôùú"
# What is tried, and the letters that count in it; Europe's East has too many in the places of DOS's others.
CHARSETS = {"cp1252": _LETTERS, "iso8859-15": _LETTERS, "cp850": "äöüßé"}

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")  # UTF-16, ISO 2022
_WORD = re.compile(r"[^\W\d_²³¹¼½¾]+")
_UNSOUND_WORD = re.compile(
    r"""
      [^\x00-\x7f]{3}             # another alphabet
    | ^[^\x00-\x7f]{2,}$
    | [a-zß-ÿ][À-Þ]               # a capital inside
    | ñ(?![aeiouáéíóú])           # Poland's ń
    | ê$                          # its ę
    | ^è.                         # the Czechs' č
    | [aouäöü]á(?:e|$)            # ß in DOS
    """,
    re.VERBOSE,
)
_RAISED = re.compile(r"\d$|(?<![a-zA-Z])[kcdm]?m$")  # what ² and ³ stand after

# Signs: some stand apart from letters; ° and µ have none in front (°C, µg); quotation marks, ellipsis and their like
# never stand inside of a word; the apostrophe, dashes and the no-break space may.
_APART = frozenset("€£§\N{MULTIPLICATION SIGN}±¼½¾©")
_BEFORE_UNIT = frozenset("°µ")
_OUTSIDE = frozenset(
    "„“”»«·•…®™"
    "\N{SINGLE LOW-9 QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}\N{ACUTE ACCENT}"
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
)
_ANYWHERE = frozenset("\N{RIGHT SINGLE QUOTATION MARK}\N{EN DASH}—\N{NO-BREAK SPACE}")


def western_charset(data: bytes) -> str | None:
    """The charset in which `data` reads as one."""
    for charset, letters in CHARSETS.items():
        try:
            text = data.decode(charset)
        except UnicodeError:
            continue
        if _is_western(text, letters):
            return charset
    return None


def _is_western(text: str, letters: str) -> bool:
    if _CONTROL.search(text) or not re.search("[0-9A-Za-z]", text) or text.count("«") != text.count("»"):
        return False
    known = frozenset(letters + letters.replace("ß", "").upper())
    words = (word[0] for word in _WORD.finditer(text.replace("µ", " ")) if not word[0].isascii())
    if not all(_is_word(word, known) for word in words):
        return False
    signs = (at for at, sign in enumerate(text) if not sign.isascii() and (sign == "µ" or not sign.isalpha()))
    return all(_stands_well(text, at) for at in signs)


def _is_word(word: str, known: frozenset[str]) -> bool:
    return all(letter.isascii() or letter in known for letter in word) and not _UNSOUND_WORD.search(word)


def _stands_well(text: str, at: int) -> bool:
    sign, after_letter = text[at], text[max(0, at - 1) : at].isalpha()
    before_letter = text[at + 1 : at + 2].isalpha()
    if sign in "²³":
        return _RAISED.search(text[max(0, at - 3) : at]) is not None
    if sign in _APART:
        return not after_letter and not before_letter
    if sign in _BEFORE_UNIT:
        return not after_letter
    if sign in _OUTSIDE:
        return not (after_letter and before_letter)
    return sign in _ANYWHERE
