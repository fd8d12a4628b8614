"""format=flowed (RFC 3676): lines that end with a space go on in the next one."""

import re

_QUOTES = re.compile(r"^>*")
SIGNATURE = "-- "  # §4.3: never flowed


def unflow(text: str, *, delsp: bool) -> str:
    """The paragraphs as they were written; `delsp`: the space before the break was only there to mark it (§4)."""
    out: list[list[str]] = []
    open_depth: int | None = None  # quote depth of a paragraph that goes on
    for line in text.splitlines():
        depth = _depth(line)
        rest = line[depth:].removeprefix(" ")  # §4.4: space-stuffing
        flowed = rest.endswith(" ") and rest != SIGNATURE
        shown = rest[:-1] if flowed and delsp else rest
        if open_depth == depth and out and rest != SIGNATURE:
            out[-1].append(shown)
        else:
            out.append([f"{'>' * depth} {shown}" if depth else shown])
        open_depth = depth if flowed else None
    return "\n".join("".join(paragraph) for paragraph in out)


def _depth(line: str) -> int:
    match = _QUOTES.match(line)
    return match.end() if match is not None else 0
