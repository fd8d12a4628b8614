"""Bytes of the spool: mails as they came, documents as they go out.

Small content stands in its row: one commit syncs it with all that waits at that moment, where a file needs two syncs of
its own. Large content would be written twice there (WAL, then checkpoint), which from some size on costs more: it
stands in a file, synced with its directory before the row commits, so that a committed row always has its bytes.

Daemons on several machines share no directory: their large content stands in its row too (`in_database`). While it
arrives it is in a file all the same, so that many mails at a time need no memory; that one goes once the row has it.
"""

import asyncio
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self

from sqlalchemy import Connection, bindparam, select

from gateway.spool.insertion import Insertion
from gateway.spool.place import Place, Server, directory_of
from gateway.spool.schema import content
from gateway.spool.upsert import Upsert

# Bytes. A mail of 100 KB is taken 1.4 times as fast into a row as into a file, one of 1 MB no faster (bench/accept.py).
LARGEST_INLINE = 256 * 1024
# So much of a large content waits in memory before it is written: what is no longer goes to its file in one step, by
# one switch to a thread, and whoever looks at it meanwhile needn't read it back. Bytes.
PIECE = 2 * 1024 * 1024
INSERT_CONTENT = Upsert.or_nothing(content)
_insert_small = Insertion(INSERT_CONTENT)
_BY_ID = select(content).where(content.c.id == bindparam("wanted"))


class ContentPurged(LookupError):
    """Its bytes were kept as long as retention wants, and are gone."""

    def __init__(self, content_id: str) -> None:
        super().__init__(f"content {content_id} has been purged")


@dataclass(frozen=True, slots=True)
class Content:
    """Stored bytes: ``size`` in bytes, ``open`` to read them. Where ``inline`` is None, ``path`` holds them.

    `for_the_row`: they are still to be taken into the row from there.
    Of what has just arrived, ``at_hand`` are the bytes in any case, while there are few enough of them.
    """

    id: str
    size: int
    sha256: str | None  # None: not wanted
    path: Path
    inline: bytes | None
    for_the_row: bool = False
    at_hand: bytes | None = field(default=None, repr=False, compare=False)

    def open(self) -> BinaryIO:
        return BytesIO(self.inline) if self.inline is not None else self.path.open("rb")

    async def read(self) -> bytes:
        return self.inline if self.inline is not None else await asyncio.to_thread(self.path.read_bytes)


class ContentStore:
    """The directory of the large ones. A crash before the commit leaves a file without a row behind; it is swept."""

    def __init__(self, directory: Path, *, in_database: bool = False) -> None:
        self.directory = directory
        self._in_database = in_database

    def writer(self, content_id: str) -> "ContentWriter":
        """For bytes that arrive one after the other."""
        return ContentWriter(content_id, self.path(content_id), for_the_row=self._in_database)

    async def keep(self, content_id: str, data: bytes) -> Content:
        """Puts `data` on disk where it is large; its row still has to be written, with `insert_content`."""
        if len(data) > LARGEST_INLINE and not self._in_database:
            return await asyncio.to_thread(self._keep_in_file, content_id, data)
        return Content(content_id, len(data), hashlib.sha256(data).hexdigest(), self.path(content_id), data)

    def _keep_in_file(self, content_id: str, data: bytes) -> Content:
        file = _NewFile(self.path(content_id))
        file.write([data])
        file.close_synced()
        return Content(content_id, len(data), hashlib.sha256(data).hexdigest(), file.path, inline=None)

    def load(self, connection: Connection, content_id: str) -> Content:
        """Raises ContentPurged."""
        row = connection.execute(_BY_ID, {"wanted": content_id}).one()
        if row.purged_at is not None:
            raise ContentPurged(content_id)
        return Content(row.id, row.size, row.sha256, self.path(row.id), row.inline)

    def at(self, directory: Path) -> Self:
        """The same elsewhere."""
        return type(self)(directory, in_database=self._in_database)

    def is_inline(self, size: int) -> bool:
        """Whether a content of so many bytes stands in its row here."""
        return self._in_database or size <= LARGEST_INLINE

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
        return Path(f"{self.directory}/{content_id[:2]}/{content_id}")


def content_of(
    place: Place, where: Literal["auto", "files", "database"] = "auto", directory: Path | None = None
) -> ContentStore:
    """Daemons that share a database share its bytes too: they stand in it, unless told otherwise."""
    in_database = where == "database" or (where == "auto" and isinstance(place, Server))
    return ContentStore(directory or directory_of(place) / "content", in_database=in_database)


class ContentWriter:
    """Bytes on their way into the spool: in memory while they are few, in a file from then on."""

    def __init__(self, content_id: str, path: Path, *, for_the_row: bool) -> None:
        self._id = content_id
        self._path = path
        self._for_the_row = for_the_row
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
        inline = at_hand if self.size <= LARGEST_INLINE or self._for_the_row else None
        for_the_row = self._for_the_row and inline is None
        return Content(self._id, self.size, None, self._path, inline, for_the_row, at_hand)

    async def sync(self) -> None:
        """On disk, if it goes to a file; its row still has to be written, with `insert_content`."""
        if self.size > LARGEST_INLINE and not self._for_the_row:
            await asyncio.to_thread(self._close_synced)

    async def committed(self) -> None:
        """The row stands; what only served to fill it goes."""
        if self._for_the_row:
            await self.discard()

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
    connection.execute(INSERT_CONTENT.for_(connection), content_row(kept))


def insert_contents(connection: Connection, kept: Iterable[Content]) -> None:
    """As ``insert_content``; large ones one by one, so that only one is in memory."""
    small: list[dict[str, Any]] = []
    for each in kept:
        if each.for_the_row:
            insert_content(connection, each)
        else:
            small.append(content_row(each))
    _insert_small(connection, small)


def content_row(kept: Content) -> dict[str, Any]:
    inline = kept.path.read_bytes() if kept.for_the_row else kept.inline
    return {"id": kept.id, "size": kept.size, "sha256": kept.sha256, "inline": inline}


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
