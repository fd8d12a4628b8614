"""Bytes of the spool: mails as they came, documents as they go out.

Small content stands in its row. Large content would be written twice there (WAL, then checkpoint): it stands in a file
of its own, synced with its directory before the row commits, so that a committed row always has its bytes.
"""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from gateway.spool.schema import content

LARGEST_INLINE = 64 * 1024  # bytes
# So much of a large content waits in memory before it is written: what is no longer goes to its file in one step, by
# one switch to a thread, and whoever looks at it meanwhile needn't read it back. Bytes.
PIECE = 512 * 1024
INSERT_CONTENT = insert(content).on_conflict_do_nothing()


class ContentPurged(LookupError):
    """Its bytes were kept as long as retention wants, and are gone."""

    def __init__(self, content_id: str) -> None:
        super().__init__(f"content {content_id} has been purged")


@dataclass(frozen=True, slots=True)
class Content:
    """Stored bytes: ``size`` in bytes, ``open`` to read them. Where ``inline`` is None, ``path`` holds them.

    Of what has just arrived, ``at_hand`` are the bytes in any case, while there are few enough of them.
    """

    id: str
    size: int
    sha256: str | None  # None: not wanted
    path: Path
    inline: bytes | None
    at_hand: bytes | None = field(default=None, repr=False, compare=False)

    def open(self) -> BinaryIO:
        return BytesIO(self.inline) if self.inline is not None else self.path.open("rb")

    async def read(self) -> bytes:
        return self.inline if self.inline is not None else await asyncio.to_thread(self.path.read_bytes)


class ContentStore:
    """The directory of the large ones. A crash before the commit leaves a file without a row behind; it is swept."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def writer(self, content_id: str) -> "ContentWriter":
        """For bytes that arrive one after the other."""
        return ContentWriter(content_id, self._path(content_id))

    async def keep(self, content_id: str, data: bytes) -> Content:
        """Puts `data` on disk where it is large; its row still has to be written, with `insert_content`."""
        if len(data) > LARGEST_INLINE:
            return await asyncio.to_thread(self._keep_in_file, content_id, data)
        return Content(content_id, len(data), hashlib.sha256(data).hexdigest(), self._path(content_id), data)

    def _keep_in_file(self, content_id: str, data: bytes) -> Content:
        file = _NewFile(self._path(content_id))
        file.write([data])
        file.close_synced()
        return Content(content_id, len(data), hashlib.sha256(data).hexdigest(), file.path, inline=None)

    def load(self, connection: Connection, content_id: str) -> Content:
        """Raises ContentPurged."""
        row = connection.execute(select(content).where(content.c.id == content_id)).one()
        if row.purged_at is not None:
            raise ContentPurged(content_id)
        return Content(row.id, row.size, row.sha256, self._path(row.id), row.inline)

    def remove(self, content_id: str) -> None:
        """The file of a content, if it has one."""
        self._path(content_id).unlink(missing_ok=True)

    def _path(self, content_id: str) -> Path:
        return Path(f"{self.directory}/{content_id[:2]}/{content_id}")


class ContentWriter:
    """Bytes on their way into the spool: in memory while they are few, in a file from then on."""

    def __init__(self, content_id: str, path: Path) -> None:
        self._id = content_id
        self._path = path
        self._pieces: list[bytes] = []
        self._waiting = 0  # bytes in the pieces
        self._file: _NewFile | None = None
        self.size = 0

    async def write(self, data: bytes) -> None:
        """Raises OSError where the disk doesn't take it."""
        self._pieces.append(data)
        self._waiting += len(data)
        self.size += len(data)
        # Threads only where they are worth the switch.
        if self._waiting > PIECE:
            await asyncio.to_thread(self._spill)

    async def complete(self) -> Content:
        """All bytes have come, and can be read: ``at_hand``, or else in the file. Not synced yet."""
        at_hand = None
        if self._file is None:
            at_hand = b"".join(self._pieces)
            self._pieces = [at_hand]
        else:
            await asyncio.to_thread(self._spill)
        inline = at_hand if self.size <= LARGEST_INLINE else None
        return Content(self._id, self.size, None, self._path, inline, at_hand)

    async def sync(self) -> None:
        """On disk, if it goes to a file; its row still has to be written, with `insert_content`."""
        if self.size > LARGEST_INLINE:
            await asyncio.to_thread(self._close_synced)

    async def discard(self) -> None:
        """The bytes are not wanted; may be called at any time, once or more."""
        self._pieces.clear()
        if self._file is not None:
            await asyncio.to_thread(self._file.remove)

    def _spill(self) -> None:
        pieces, self._pieces, self._waiting = self._pieces, [], 0
        if self._file is None:
            self._file = _NewFile(self._path)
        self._file.write(pieces)

    def _close_synced(self) -> None:
        self._spill()
        if self._file is not None:
            self._file.close_synced()


class _NewFile:
    """The file of a large content while it is written; raises OSError. Its directory is made where it is missing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _make_directory(path.parent)
        self._descriptor: int | None = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, pieces: Sequence[bytes]) -> None:
        if self._descriptor is None:
            return
        for piece in pieces:
            left = memoryview(piece)
            while left:
                left = left[os.write(self._descriptor, left) :]

    def close_synced(self) -> None:
        """It and its name in the directory are on disk."""
        if self._descriptor is not None:
            os.fdatasync(self._descriptor)
        self._close()
        _sync_directory(self.path.parent)

    def remove(self) -> None:
        self._close()
        self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def insert_content(connection: Connection, kept: Content) -> None:
    """Writes the row; a second time in one transaction, for another row that refers to it, changes nothing."""
    connection.execute(INSERT_CONTENT, content_row(kept))


def content_row(kept: Content) -> dict[str, Any]:
    return {"id": kept.id, "size": kept.size, "sha256": kept.sha256, "inline": kept.inline}


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
