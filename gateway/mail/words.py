"""The text of a header field: encoded words (RFC 2047) and bytes beyond ASCII (RFC 6532), as mailers really write them.

A header comes as `str` with surrogate escapes for bytes beyond ASCII, or as plain text.
"""

import binascii
import quopri
import re
from itertools import groupby

from gateway.mail.charset import LAST_RESORT, decode_text, strictly

# RFC 2047 §2. The charset may name a language (RFC 2231 §5); spaces in the text are forbidden and written all the same.
_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


LONGEST = 16 * 1024  # characters of a field in which words are decoded; each may need a guess at its charset


def decode_words(header: str, *, guessed: str | None = None) -> str:
    """The header's text on one line; `guessed`: the charset to fall back to, where it is known already."""
    if len(header) > LONGEST:
        return decode_words(header[:LONGEST], guessed=guessed) + as_text(header[LONGEST:], guessed=guessed)
    text = as_text(header, guessed=guessed)
    return " ".join((_decoded(text, guessed) if "=?" in text else text).split())


def as_text(header: str, *, guessed: str | None = None) -> str:
    """Bytes beyond ASCII read as UTF-8 or else by a guess."""
    if header.isascii():
        return header
    try:
        header.encode()
    except UnicodeEncodeError:
        return _text(header.encode("utf-8", "surrogateescape"), None, guessed)
    return header


def _text(data: bytes, charset: str | None, guessed: str | None) -> str:
    for each in (charset, "utf-8", guessed):
        text = strictly(data, each)
        if text is not None:
            return text
    return decode_text(data, charset)[0] if guessed is None else data.decode(LAST_RESORT, "replace")


def _decoded(text: str, guessed: str | None) -> str:
    """RFC 2047 §6.2: white space between encoded words isn't shown, so a run of words is decoded as one."""
    out: list[str] = []
    run: list[tuple[str, str, str]] = []  # charset, encoding, text
    position = 0
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        if between.strip() or not run:
            out += [_decoded_run(run, guessed), between]
            run = []
        run.append((match[1].lower(), match[2].lower(), match[3]))
        position = match.end()
    out += [_decoded_run(run, guessed), text[position:]]
    return "".join(out)


def _decoded_run(run: list[tuple[str, str, str]], guessed: str | None) -> str:
    """Words of one charset are joined as bytes: mailers cut in the middle of a character, though §5 forbids it."""
    texts = []
    for charset, words in groupby(run, key=lambda word: word[0]):
        data = b"".join(
            _base64([text for _, _, text in same]) if encoding == "b" else b"".join(_q(text) for _, _, text in same)
            for encoding, same in groupby(words, key=lambda word: word[1])
        )
        texts.append(_text(data, charset, guessed))
    return "".join(texts)


def _base64(texts: list[str]) -> bytes:
    """Some mailers cut the encoded text wherever a line is full, so that a word is no whole number of bytes."""
    out, carried = [], ""
    for text in texts:
        carried += _NOT_BASE64.sub("", text)
        if len(carried) % 4 == 0 or text.rstrip().endswith("="):
            out.append(_whole(carried))
            carried = ""
    return b"".join([*out, _whole(carried)])


def _whole(digits: str) -> bytes:
    """What decodes of base64 without its padding; a last lone digit is less than a byte."""
    usable = digits[: len(digits) - 1] if len(digits) % 4 == 1 else digits
    return binascii.a2b_base64(usable + "=" * (-len(usable) % 4))


def _q(text: str) -> bytes:
    return quopri.decodestring(text.encode("utf-8", "surrogateescape"), header=True)
