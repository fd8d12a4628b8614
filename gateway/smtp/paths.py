"""The argument of MAIL and RCPT: a path, and what stands behind it (RFC 5321 §4.1.2). Pure.

Lenient where nothing else could be meant: no angle brackets, spaces around the colon, a source route (ignored, RFC 5321
Appendix C), spaces inside the angle brackets, as MFPs send them.
"""

import re
from dataclasses import dataclass

# RFC 5321 §4.5.3.1.3 asks for 256 octets at least; Exchange's IMCEAFAX- addresses are longer.
LONGEST_PATH = 512
LONGEST_REVERSE_PATH = 320  # a local part, an @ and a domain (§4.5.3.1.1, §4.5.3.1.2): nobody answers a longer one
_SOURCE_ROUTE = re.compile(r"@[^:\"<>\s]+:")  # §4.1.2, A-d-l


class BadPath(Exception):
    """The argument holds no path; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Path:
    address: str  # empty: the null reverse-path <>
    parameters: str  # what stands behind it

    @property
    def is_null(self) -> bool:
        return not self.address


def parse_path(keyword: str, argument: str) -> Path:
    """`argument` of a command after `keyword` (FROM or TO) and its colon; raises BadPath."""
    head, colon, rest = argument.partition(":")
    if not colon or head.strip().upper() != keyword:
        raise BadPath(f"write {keyword}:<address>")
    rest = rest.lstrip()
    address, parameters = _bracketed(rest) if rest.startswith("<") else _bare(rest)
    longest = LONGEST_REVERSE_PATH if keyword == "FROM" else LONGEST_PATH
    if len(address.encode("utf-8", "surrogateescape")) > longest:
        raise BadPath(f"an address has at most {longest} octets")
    if not (address.isascii() and address.isprintable()):
        _check_characters(address)
    return Path(address, parameters)


def _check_characters(address: str) -> None:
    if any("\udc80" <= character <= "\udcff" for character in address):
        raise BadPath("the address is not UTF-8")
    if any(character < " " or character == "\x7f" for character in address):
        raise BadPath("the address holds a control character")


def _bracketed(text: str) -> tuple[str, str]:
    end = _closing_bracket(text)
    inside = text[1:end].strip()
    route = _SOURCE_ROUTE.match(inside)
    address = inside[route.end() :] if route else inside
    behind = text[end + 1 :]
    if behind and not behind.startswith(" "):
        raise BadPath("a space belongs between the address and its parameters")
    return address, behind.strip()


def _closing_bracket(text: str) -> int:
    """Where the path that begins at 0 ends; a quoted string may hold brackets (§4.1.2)."""
    if '"' not in text and ">" in text:
        return text.index(">")
    quoted = escaped = False
    for index, character in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == ">" and not quoted:
            return index
    raise BadPath("the address has no closing >")


def _bare(text: str) -> tuple[str, str]:
    if not text:
        raise BadPath("the address is missing")
    if text.startswith('"'):
        raise BadPath("write a quoted address in angle brackets")
    address, _, parameters = text.partition(" ")
    return address, parameters.strip()
