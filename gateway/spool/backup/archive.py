"""Contents as a tar archive (POSIX.1-2008 pax, plain ustar headers), written and read as a stream."""

import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, select

from gateway.spool import schema
from gateway.spool.backup.manifest import PIECE, BadBackup
from gateway.spool.content import LARGEST_INLINE, ContentStore

AT_ONCE = 100  # contents of at most LARGEST_INLINE bytes in memory; of larger ones one
END = bytes(2 * tarfile.BLOCKSIZE)
_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(slots=True)
class Told:
    """What was found while the archive was written."""

    written: int = 0
    without_file: list[str] = field(default_factory=list)


def row_members(connection: Connection, told: Told) -> Iterator[bytes]:
    """Those whose bytes stand in their rows: few in a SQLite spool are large, in a PostgreSQL one all may be there."""
    table = schema.content.c
    there = [table.inline.is_not(None), table.purged_at.is_(None)]
    small = select(table.id, table.inline).where(*there, table.size <= LARGEST_INLINE)
    for row in connection.execution_options(yield_per=AT_ONCE).execute(small):
        told.written += 1
        yield _header(row.id, len(row.inline)) + row.inline + _padding(len(row.inline))
    large = list(connection.execute(select(table.id).where(*there, table.size > LARGEST_INLINE)).scalars())
    for content_id in large:
        data = connection.execute(select(table.inline).where(table.id == content_id)).scalar_one()
        told.written += 1
        yield _header(content_id, len(data))
        yield from (data[start : start + PIECE] for start in range(0, len(data), PIECE))
        yield _padding(len(data))


def ids_with_file(connection: Connection) -> list[str]:
    table = schema.content.c
    return list(connection.execute(select(table.id).where(table.inline.is_(None), table.purged_at.is_(None))).scalars())


def file_members(contents: ContentStore, ids: Iterable[str], told: Told) -> Iterator[bytes]:
    """And the archive's end."""
    for content_id in ids:
        try:
            descriptor = os.open(contents.path(content_id), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            told.without_file.append(content_id)
            continue
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            told.written += 1
            yield _header(content_id, size)
            while piece := file.read(PIECE):
                yield piece
            yield _padding(size)
    yield END


def gone_since(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Which of the contents have been purged or erased meanwhile, with their rows or without."""
    table, wanted = schema.content.c, list(ids)
    standing: set[str] = set()
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        query = select(table.id).where(table.id.in_(some), table.purged_at.is_(None))
        standing |= set(connection.execute(query).scalars())
    return set(wanted) - standing


@dataclass(frozen=True, slots=True)
class Member:
    """A content of an archive, of `size` bytes; read it before the next one is asked for."""

    id: str
    size: int
    pieces: Iterator[bytes]


def members(path: Path) -> Iterator[Member]:
    """Raises BadBackup for what is no member of ours."""
    with tarfile.open(path, mode="r|") as archive:
        for each in archive:
            file = archive.extractfile(each) if _NAME.fullmatch(each.name) and each.isreg() else None
            if file is None:
                raise BadBackup(f"{path} holds {each.name!r}, which is no content")
            yield Member(each.name, each.size, iter(lambda file=file: file.read(PIECE), b""))  # type: ignore[misc] # mypy can't infer a lambda with a default


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)
