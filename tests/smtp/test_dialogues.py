"""The standards as dialogues, one a file in `dialogues/`.

The first lines, with `#`, say what is shown; `listener: NAME` where it isn't smtp. `C:` lines that stand together are
sent together (RFC 2920); `S:` lines are what must come, `*` standing for anything. `C=` sends its text without a line
end, with Python's escapes. `TLS` is the handshake, `END` the end of the connection.
"""

import asyncio
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))


def steps(text: str) -> Iterator[tuple[str, bytes | str]]:
    """``("send", octets)``, ``("expect", pattern)``, ``("tls", "")`` and ``("end", "")``."""
    together = b""
    for line in text.splitlines():
        mark, _, rest = line.partition(" ")
        if mark in ("C:", "C="):
            together += (
                rest.encode() + b"\r\n" if mark == "C:" else rest.encode().decode("unicode_escape").encode("latin-1")
            )
            continue
        if together:
            yield "send", together
            together = b""
        if mark == "S:":
            yield "expect", rest
        elif mark in ("TLS", "END"):
            yield mark.lower(), ""
        elif line and not line.startswith("#") and not line.startswith("listener:"):
            raise ValueError(f"not a line of a dialogue: {line}")
    if together:
        yield "send", together


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
def test_the_dialogue_goes_as_it_is_written(path: Path, open_front: Any) -> None:
    text = path.read_text()
    found = re.search(r"^listener: (\w+)$", text, re.MULTILINE)
    listener = found[1] if found else "smtp"

    async def scenario() -> None:
        async with open_front() as front, front.client(listener, greeted=False) as peer:
            for kind, what in steps(text):
                match kind:
                    case "send":
                        await peer.send(what)
                    case "expect":
                        line = await peer.line()
                        assert fnmatchcase(line, str(what).replace("[", "[[]")), f"{line!r} where {what!r} is expected"
                    case "tls":
                        await peer.start_tls(front.trust)
                    case "end":
                        assert await peer.rest() == b""
                    case _:
                        raise AssertionError(kind)

    asyncio.run(scenario())


def test_there_is_a_dialogue_for_each_extension() -> None:
    names = " ".join(path.stem for path in DIALOGUES)
    for number in (1870, 2033, 2034, 2852, 2920, 3030, 3207, 3461, 4865, 4954, 5321, 6152, 6531):
        assert f"rfc{number}" in names
