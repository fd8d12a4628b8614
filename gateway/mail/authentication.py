"""Authentication-Results (RFC 8601 §2.2): what a server in front of us has made sure of. Pure.

    mx.example.com; dmarc=pass (p=reject) header.from=example.com; spf=pass smtp.mailfrom=example.com

Who has written it, the field can't prove: its reader must know that (RFC 8601 §7.1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# RFC 5322 §3.2: a quoted string, a word without specials, or one of those that part the words here.
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"();=]+)|([;=])', re.DOTALL)
_DEEPEST = 20  # comments in comments


@dataclass(frozen=True, slots=True)
class MethodResult:
    """`properties`: "header.d" and its value, in their order."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    authserv_id: str
    results: tuple[MethodResult, ...]


def results_of(field: str) -> AuthenticationResults | None:
    """The field's value; None where it breaks the grammar: half understood is not understood."""
    text = _without_comments(field)
    if text is None:
        return None
    tokens = list(_tokens(text))
    if "" in tokens:
        return None
    head, *clauses = _split(tokens)
    # Beside the authserv-id at most the version, a number.
    if not head or len(head) > 2 or (len(head) == 2 and not head[1].isdigit()):  # noqa: PLR2004 - see above
        return None
    results = [_result(clause) for clause in clauses if clause and clause != ["none"]]
    if any(each is None for each in results):
        return None
    return AuthenticationResults(head[0], tuple(each for each in results if each is not None))


def _without_comments(field: str) -> str | None:
    """RFC 5322 §3.2.2: comments nest; parentheses in a quoted string are none. None where they don't close."""
    kept, depth, quoted, escaped = [], 0, False, False
    for character in field:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif depth == 0 and character == '"':
            quoted = not quoted
        elif not quoted and character in "()":
            depth += 1 if character == "(" else -1
            if not 0 <= depth <= _DEEPEST:
                return None
            kept.append(" ")
            continue
        if depth == 0:
            kept.append(character)
    return "".join(kept) if depth == 0 and not quoted else None


def _tokens(text: str) -> Iterator[str]:
    """An empty one stands for what is no token."""
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if match is None:
            yield ""
            return
        quoted, word, mark = match.groups()
        yield re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else word or mark
        position = match.end()


def _split(tokens: list[str]) -> list[list[str]]:
    clauses: list[list[str]] = [[]]
    for each in tokens:
        if each == ";":
            clauses.append([])
        else:
            clauses[-1].append(each)
    return clauses


def _result(clause: list[str]) -> MethodResult | None:
    """``method = result``, then ``reason = text`` and ``ptype.property = value``, each once or several times."""
    names, marks, values = clause[0::3], clause[1::3], clause[2::3]
    if len(clause) % 3 or any(mark != "=" for mark in marks):
        return None
    method = names[0].partition("/")[0].casefold()  # dkim/1
    properties = tuple((name.casefold(), value) for name, value in zip(names[1:], values[1:], strict=True))
    return MethodResult(method, values[0].casefold(), properties)
