"""What a backup says of itself, and whether it is whole."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

NAME = "manifest.json"
FORMAT = 1
PIECE = 1024 * 1024  # bytes


class BadBackup(Exception):
    """A directory that holds no whole backup, or one that this release can't read; the text says which."""


@dataclass(frozen=True, slots=True)
class PartFacts:
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    format: int
    release: str  # of the gateway that made it
    schema: str  # Alembic's revision of the rows
    at: datetime  # of the rows
    rows: Mapping[str, int]  # by table
    contents: int
    purged_meanwhile: int  # contents that were purged between the rows and the files
    missing: tuple[str, ...]  # contents whose file should be there
    parts: Mapping[str, PartFacts]

    def to_json(self) -> bytes:
        row = asdict(self) | {"at": self.at.isoformat()}
        return json.dumps(row, indent=2).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        try:
            row: dict[str, Any] = json.loads(data)
            if row["format"] != FORMAT:
                raise BadBackup(f"its format is {row['format']}, this release reads {FORMAT}")
            parts = {name: PartFacts(facts["size"], facts["sha256"]) for name, facts in row["parts"].items()}
            at, missing = datetime.fromisoformat(row["at"]), tuple(row["missing"])
            return cls(**(row | {"at": at, "missing": missing, "parts": parts}))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadBackup(f"its {NAME} can't be read: {error}") from error


def verified(directory: Path) -> Manifest:
    """The manifest of the backup in `directory`, each part of which is as it says. Raises BadBackup, OSError."""
    try:
        data = (directory / NAME).read_bytes()
    except FileNotFoundError:
        raise BadBackup(f"{directory} has no {NAME}: no backup, or one that was not finished") from None
    manifest = Manifest.from_json(data)
    for name, facts in manifest.parts.items():
        path = directory / Path(name).name
        if not path.exists():
            raise BadBackup(f"{path} is missing")
        if facts_of(path) != facts:
            raise BadBackup(f"{path} is not as the {NAME} says: it was changed, or is damaged")
    return manifest


def facts_of(path: Path) -> PartFacts:
    digest, size = hashlib.sha256(), 0
    for piece in pieces_of(path):
        digest.update(piece)
        size += len(piece)
    return PartFacts(size, digest.hexdigest())


def pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
