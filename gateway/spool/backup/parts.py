"""A backup as a stream of named parts, so that it may be written here or sent to somebody who writes it.

No part is whole in memory, and none on the spool's disk: each piece is made when it is asked for.
"""

import hashlib
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from gateway import __version__
from gateway.spool.backup import archive, rows
from gateway.spool.backup.archive import Told
from gateway.spool.backup.manifest import FORMAT, NAME, Manifest, PartFacts
from gateway.spool.content import ContentStore
from gateway.spool.erasing import erased_jobs
from gateway.spool.erasures import ErasureLog, lines

Snapshot = Callable[[], AbstractContextManager[Connection]]  # each call sees one moment, for as long as it is open

ROWS = "rows.jsonl"
CONTENTS = "content.tar"
ERASURES = "erasures.jsonl"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a part; the pieces of a part come one after the other."""

    part: str
    data: bytes


@dataclass(slots=True)
class _Measured:
    """What has gone through of a part."""

    size: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def through(self, part: str, pieces: Iterator[bytes]) -> Iterator[Piece]:
        for data in pieces:
            self.size += len(data)
            self.digest.update(data)
            yield Piece(part, data)

    @property
    def facts(self) -> PartFacts:
        return PartFacts(self.size, self.digest.hexdigest())


def backup(snapshot: Snapshot, contents: ContentStore, erasures: ErasureLog, at: datetime) -> Generator[Piece]:
    """The rows, the bytes, the erasure log, and last the manifest. Blocking: for a thread of its own.

    The rows' transaction is open until the small contents are out: a SQLite spool's write-ahead log grows until then.
    """
    told, counts = Told(), dict[str, int]()
    of_rows, of_contents, of_erasures = _Measured(), _Measured(), _Measured()
    with snapshot() as connection:
        schema = rows.revision(connection)
        yield from of_rows.through(ROWS, rows.exported(connection, counts))
        with_file = archive.ids_with_file(connection)
        erased = erased_jobs(connection)
        yield from of_contents.through(CONTENTS, archive.row_members(connection, told))
    yield from of_contents.through(CONTENTS, archive.file_members(contents, with_file, told))
    # Those of other machines too, which have logs of their own at a shared database.
    yield from of_erasures.through(ERASURES, iter([lines(erased | erasures.entries())]))
    with snapshot() as connection:
        gone = archive.gone_since(connection, told.without_file)
    manifest = Manifest(
        format=FORMAT,
        release=__version__,
        schema=schema,
        at=at,
        rows=counts,
        contents=told.written,
        purged_meanwhile=len(gone),
        missing=tuple(each for each in told.without_file if each not in gone),
        parts={ROWS: of_rows.facts, CONTENTS: of_contents.facts, ERASURES: of_erasures.facts},
    )
    yield Piece(NAME, manifest.to_json())
