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
from typing import Any, BinaryIO

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from gateway.spool.schema import content

LARGEST_INLINE = 64 * 1024  # bytes
PIECE = 512 * 1024  # so much of a large content waits in memory before it is written
INSERT_CONTENT = insert(content).on_conflict_do_nothing()


class ContentPurged(LookupError):
    """Its bytes were kept as long as retention wants, and are gone."""

    def __init__(self, content_id: str) -> None:
        super().__init__(f"content {content_id} has been purged")


@dataclass(frozen=True, slots=True)
class Content:
    """Stored bytes: ``size`` in bytes, ``open`` to read them. Where ``inline`` is None, ``path`` holds them."""

    id: str
    size: int
    sha256: str | None  # None: not wanted
    path: Path
    inline: bytes | None

    def open(self) -> BinaryIO:
        return BytesIO(self.inline) if self.inline is not None else self.path.open("rb")

    async def read(self) -> bytes:
        return self.inline if self.inline is not None else await asyncio.to_thread(self.path.read_bytes)


class ContentStore:
    """The directory of the large ones. A crash before the commit leaves a file without a row behind; it is swept."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def writer(self, content_id: str, *, hashed: bool = True) -> "ContentWriter":
        """For bytes that arrive one after the other."""
        return ContentWriter(content_id, self.path(content_id), hashlib.sha256() if hashed else None)

    async def keep(self, content_id: str, data: bytes) -> Content:
        """Puts `data` on disk where it is large; its row still has to be written, with `insert_content`."""
        writer = self.writer(content_id)
        await writer.write(data)
        kept = await writer.complete()
        await writer.sync()
        return kept

    def load(self, connection: Connection, content_id: str) -> Content:
        """Raises ContentPurged."""
        row = connection.execute(select(content).where(content.c.id == content_id)).one()
        if row.purged_at is not None:
            raise ContentPurged(content_id)
        return Content(row.id, row.size, row.sha256, self.path(row.id), row.inline)

    def remove(self, content_id: str) -> None:
        """The file of a content, if it has one."""
        self.path(content_id).unlink(missing_ok=True)

    def erase(self, content_id: str) -> None:
        """As ``remove``, overwritten before: what that is worth, the disk decides (docs/privacy.md)."""
        path = self.path(content_id)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            left = os.fstat(descriptor).st_size
            while left > 0:
                left -= os.write(descriptor, bytes(min(left, PIECE)))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        path.unlink(missing_ok=True)

    def path(self, content_id: str) -> Path:
        """Where it lies, if it has a file."""
        return self.directory / content_id[:2] / content_id


class ContentWriter:
    """Bytes on their way into the spool: in memory while they are few, in a file from then on."""

    def __init__(self, content_id: str, path: Path, digest: "hashlib._Hash | None") -> None:
        self._id = content_id
        self._path = path
        self._digest = digest
        self._pieces: list[bytes] = []
        self._waiting = 0  # bytes in the pieces
        self._file: BinaryIO | None = None
        self.size = 0

    async def write(self, data: bytes) -> None:
        """Raises OSError where the disk doesn't take it."""
        self._pieces.append(data)
        self._waiting += len(data)
        self.size += len(data)
        # Threads only where they are worth the switch.
        if self._waiting > (PIECE if self._file is not None else LARGEST_INLINE):
            await asyncio.to_thread(self._spill)

    async def complete(self) -> Content:
        """All bytes are in their place, and can be read; not synced yet."""
        if self._file is None:
            inline = b"".join(self._pieces)
            self._pieces.clear()
            if self._digest is not None:
                self._digest.update(inline)
        else:
            inline = None
            await asyncio.to_thread(self._spill)
        return Content(self._id, self.size, self._digest.hexdigest() if self._digest else None, self._path, inline)

    async def sync(self) -> None:
        """On disk, if it is a file; its row still has to be written, with `insert_content`."""
        if self._file is not None:
            await asyncio.to_thread(self._close_synced)

    async def discard(self) -> None:
        """The bytes are not wanted; may be called at any time, once or more."""
        self._pieces.clear()
        if self._file is not None:
            await asyncio.to_thread(self._remove)

    def _spill(self) -> None:
        pieces, self._pieces, self._waiting = self._pieces, [], 0
        if self._file is None:
            _make_directory(self._path.parent)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            self._file = os.fdopen(descriptor, "wb", buffering=0)
        if self._digest is not None:
            for piece in pieces:
                self._digest.update(piece)
        _write_all(self._file.fileno(), pieces)

    def _close_synced(self) -> None:
        if self._file is not None:
            os.fdatasync(self._file.fileno())
            self._file.close()
        _sync_directory(self._path.parent)

    def _remove(self) -> None:
        if self._file is not None:
            self._file.close()
        self._path.unlink(missing_ok=True)


def insert_content(connection: Connection, kept: Content) -> None:
    """Writes the row; a second time in one transaction, for another row that refers to it, changes nothing."""
    connection.execute(INSERT_CONTENT, content_row(kept))


def content_row(kept: Content) -> dict[str, Any]:
    return {"id": kept.id, "size": kept.size, "sha256": kept.sha256, "inline": kept.inline}


def _write_all(descriptor: int, pieces: list[bytes]) -> None:
    for piece in pieces:
        left = memoryview(piece)
        while left:
            left = left[os.write(descriptor, left) :]


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
