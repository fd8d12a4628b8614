"""Where a spool lies: in a file that one daemon holds alone (SQLite), or on a server (PostgreSQL)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Server:
    """A database of a PostgreSQL server, which several daemons may share."""

    url: str = field(repr=False)  # libpq's connection URI; may hold a password
    directory: Path  # of this machine's own: files for bytes that are on their way

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"


Place: TypeAlias = Path | Server


def directory_of(place: Place) -> Path:
    """Where this machine's share of the spool lies on disk."""
    return place.directory if isinstance(place, Server) else place.parent
