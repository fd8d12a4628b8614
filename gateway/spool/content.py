"""Bytes of the spool: mails as they came, documents as they go out.

Small content stands in its row. Large content would be written twice there (WAL, then checkpoint): it stands in a file
of its own, synced with its directory before the row commits, so that a committed row always has its bytes.
"""

import asyncio
import hashlib
import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from gateway.spool.schema import content

LARGEST_INLINE = 64 * 1024  # bytes
INSERT_CONTENT = insert(content).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class Content:
    """Stored bytes: ``size`` in bytes, ``open`` to read them. Where ``inline`` is None, ``path`` holds them."""

    id: str
    size: int
    sha256: str
    path: Path
    inline: bytes | None

    def open(self) -> BinaryIO:
        return BytesIO(self.inline) if self.inline is not None else self.path.open("rb")

    async def read(self) -> bytes:
        return self.inline if self.inline is not None else await asyncio.to_thread(self.path.read_bytes)


class ContentStore:
    """The directory of the large ones. A crash before the commit leaves a file without a row behind; it is swept."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def keep(self, content_id: str, data: bytes) -> Content:
        """Puts `data` on disk where it is large; its row still has to be written, with `insert_content`."""
        path = self._path(content_id)
        inline = data if len(data) <= LARGEST_INLINE else None
        # Threads only where they are worth the switch: a small hash takes microseconds.
        if inline is not None:
            digest = hashlib.sha256(data).hexdigest()
        else:
            digest = await asyncio.to_thread(_write, path, data)
        return Content(content_id, len(data), digest, path, inline)

    def load(self, connection: Connection, content_id: str) -> Content:
        row = connection.execute(select(content).where(content.c.id == content_id)).one()
        return Content(row.id, row.size, row.sha256, self._path(row.id), row.inline)

    def _path(self, content_id: str) -> Path:
        return self._directory / content_id[:2] / content_id


def insert_content(connection: Connection, kept: Content) -> None:
    """Writes the row; a second time in one transaction, for another row that refers to it, changes nothing."""
    row = {"id": kept.id, "size": kept.size, "sha256": kept.sha256, "inline": kept.inline}
    connection.execute(INSERT_CONTENT, row)


def _write(path: Path, data: bytes) -> str:
    _make_directory(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    _sync_directory(path.parent)
    return hashlib.sha256(data).hexdigest()


def _make_directory(directory: Path) -> None:
    if directory.is_dir():
        return
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sync_directory(directory.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
