"""A page of docs/connect as its reader uses it: files to write, commands to type.

A block of code whose first line (a `#!` aside) is a comment with a path is that file, or what belongs into it; a block
of `console` has commands after `$`. Blocks are found by the heading that they stand under.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

DOCS = Path(__file__).parents[2] / "docs"

_PIECE = re.compile(r"^(?:#+ (?P<heading>[^\n]+)|```(?P<language>\w*)\n(?P<code>.*?)^```)$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"(?:#!.*\n)?(?:#|dnl) (?P<path>/\S+)")


@dataclass(frozen=True, slots=True)
class Block:
    heading: str
    language: str
    code: str

    @property
    def path(self) -> str | None:
        named = _FILE.match(self.code)
        return named["path"] if named else None


@dataclass(frozen=True, slots=True)
class Page:
    text: str
    blocks: tuple[Block, ...]

    @classmethod
    def read(cls, name: str) -> Self:
        """`name`: "connect/postfix.md"."""
        text = (DOCS / name).read_text(encoding="utf-8")
        heading, blocks = "", []
        for piece in _PIECE.finditer(text):
            if piece["heading"] is not None:
                heading = piece["heading"]
            else:
                blocks.append(Block(heading, piece["language"], piece["code"]))
        return cls(text, tuple(blocks))

    @property
    def links(self) -> list[str]:
        """Where it points to in the documentation, without the place in the page."""
        found = re.findall(r"\]\(([^)#]+)[^)]*\)", self.text)
        return [target for target in found if "://" not in target]

    def file(self, path: str, under: str) -> str:
        """What the page says of a file under one heading."""
        (found,) = [block.code for block in self.blocks if block.heading == under and block.path == path]
        return found

    def snippet(self, under: str) -> str:
        """A piece of a file that it names in its text alone."""
        (found,) = [b.code for b in self.blocks if b.heading == under and b.path is None and b.language != "console"]
        return found

    def commands(self, under: str) -> list[str]:
        """What it says to type there; a line that ends with a backslash goes on. Services are the test's to start."""
        typed: list[str] = []
        for block in self.blocks:
            if block.heading == under and block.language == "console":
                typed += re.findall(r"^\$ ((?:.*\\\n)*.*)$", block.code, re.MULTILINE)
        return [command for command in typed if not command.startswith("systemctl ")]
