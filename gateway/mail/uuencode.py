"""Files that are written into a text: `begin 644 name`, lines of a length and its characters, `end` (POSIX uuencode).

What doesn't decode to its end stays text: a sentence may begin with "begin". yEnc is not read.
"""

import binascii
import re
from dataclasses import dataclass

_BEGIN = re.compile(r"^begin(?: |-base64 )[0-7]{3,4} +(\S[^\n]*)$", re.MULTILINE)
MOST_FAILED = 100  # that begin and don't end: it is a text about uuencode
_EMPTY = frozenset({"", "`", " "})  # a line of no bytes, before the end
_BASE64_END = "===="


@dataclass(frozen=True, slots=True)
class Enclosed:
    name: str
    data: bytes


def take_out(text: str) -> tuple[str, tuple[Enclosed, ...]]:
    """The text without the files in it, and these. `text` has its lines ended by newlines."""
    if "begin" not in text:
        return text, ()
    rest: list[str] = []
    files: list[Enclosed] = []
    position = 0
    failed = 0
    while failed < MOST_FAILED and (match := _BEGIN.search(text, position)) is not None:
        found = _read(text, match)
        failed += found is None
        end = match.end() if found is None else found[1]
        if found is not None:
            files.append(found[0])
        rest.append(text[position : match.start() if found is not None else end])
        position = end
    return "".join([*rest, text[position:]]), tuple(files)


def decode_uu(data: bytes) -> bytes | None:
    """The first file in it; None where there is none."""
    text = data.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    _, files = take_out(text)
    return files[0].data if files else None


def _read(text: str, begin: re.Match[str]) -> tuple[Enclosed, int] | None:
    """The file that begins here, and where the text goes on; None where it isn't one."""
    decode = _base64_line if begin[0].startswith("begin-base64") else _line
    pieces: list[bytes] = []
    position = begin.end() + 1
    while position < len(text):
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        line = text[position:stop]
        if line.rstrip() in {"end", _BASE64_END}:
            return (Enclosed(begin[1].strip(), b"".join(pieces)), min(stop + 1, len(text))) if pieces else None
        piece = b"" if line in _EMPTY else decode(line)
        if piece is None:
            return None
        pieces.append(piece)
        position = stop + 1
    return None


def _line(line: str) -> bytes | None:
    try:
        raw = line.encode("ascii")
        length = (raw[0] - 32) & 63
        needed = (length * 4 + 2) // 3
        # Mailers strip spaces at the end of a line, which stand for zeros; some encoders write a checksum behind it.
        return binascii.a2b_uu(raw[: 1 + -(-needed // 4) * 4]) if len(raw) > 1 else None
    except (UnicodeEncodeError, binascii.Error):
        return None


def _base64_line(line: str) -> bytes | None:
    try:
        return binascii.a2b_base64(line.encode("ascii"), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
