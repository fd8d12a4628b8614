"""A backup becomes a spool: a SQLite one beside what is there, then they change places; on PostgreSQL an empty one.

Only while no daemon has the spool. What is to be done to the rows before one may have them (``Afterwards``) is done
before they are in place, or in the transaction that brings them.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.exc import OperationalError

from gateway.spool import schema
from gateway.spool.backup import archive, rows
from gateway.spool.backup.manifest import PIECE, BadBackup, Manifest, verified
from gateway.spool.backup.parts import CONTENTS, ROWS
from gateway.spool.backup.writing import sync_directory
from gateway.spool.commits import CommitUnknown
from gateway.spool.content import ContentStore
from gateway.spool.database import close_for_good, snapshot, write_much, write_once
from gateway.spool.lock import take_lock
from gateway.spool.migrations import is_known, upgrade
from gateway.spool.place import Place, Server
from gateway.spool.presence import exists, is_in_use
from gateway.spool.unfinished import REPLACED, RESTORING, beside

AT_ONCE = 16 * 1024 * 1024  # bytes of contents for rows that wait in memory
DATABASE_FILES = ("", "-wal", "-shm")

Afterwards = Callable[[Connection, Manifest], Iterable[str]]


class NotRestored(Exception):
    """Why nothing was changed; the text is for the operator."""


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    set_aside: tuple[Path, ...]  # what was there before


def restore(
    directory: Path, place: Place, contents: ContentStore, then: Afterwards, *, replace: bool, at: datetime
) -> Restored:
    """`then` is run on the restored rows before a daemon can have them; it returns contents that aren't wanted.

    Raises BadBackup, NotRestored, SpoolLocked, OSError; whatever it raises, the spool that was there is as it was.
    """
    manifest = verified(directory)
    if not is_known(manifest.schema):
        raise BadBackup(
            f"its schema {manifest.schema} is not known here: restore it with fax-gateway {manifest.release} or newer"
        )
    if isinstance(place, Server):
        _into_server(_Source(directory, manifest, at), place, contents, then)
        return Restored(manifest, ())
    lock = take_lock(place)
    try:
        if not replace and not is_empty(place):
            raise NotRestored(f"the spool {place} is not empty: with --replace it is set aside, and kept")
        if contents.directory.is_mount():
            raise NotRestored(
                f"{contents.directory} is a mount point, and can't be set aside: let database.content_dir name a "
                "directory below it"
            )
        made, made_contents = beside(place, RESTORING), contents.at(beside(contents.directory, RESTORING))
        _remove(made, made_contents.directory)
        try:
            _into_file(_Source(directory, manifest, at), made, made_contents, then)
            return Restored(manifest, _change_places(place, contents.directory, at))
        except BaseException:
            _remove(made, made_contents.directory)
            raise
    finally:
        os.close(lock)


def is_empty(place: Place) -> bool:
    """Whether it holds no mail, no word and no login; what can't be read counts as something.

    Raises OperationalError where a server is not reached.
    """
    try:
        if not exists(place):
            return True
        with snapshot(place) as connection:
            counts = [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (schema.mail, schema.outbox, schema.login)
            ]
    except OperationalError:
        if isinstance(place, Server):  # it was not asked what it holds
            raise
        return False
    except Exception:  # noqa: BLE001 - whatever it is, it isn't nothing
        return False
    return not any(counts)


@dataclass(frozen=True, slots=True)
class _Source:
    directory: Path
    manifest: Manifest
    at: datetime  # of the restore

    def fill(self, connection: Connection, contents: ContentStore, written: list[str]) -> None:
        """Rows and bytes, into a database of the backup's schema; `written` grows by the ids that have a file now."""
        with (self.directory / ROWS).open("rb") as lines:
            found = rows.imported(connection, lines)
        if found != dict(self.manifest.rows):
            raise BadBackup(f"it holds other rows than its manifest says: {found}")
        kept = set(_contents(connection, archive.members(self.directory / CONTENTS), contents, written))
        _purge_the_rest(connection, kept, self.at)


def _into_file(source: _Source, made: Path, contents: ContentStore, then: Afterwards) -> None:
    upgrade(made, until=source.manifest.schema)
    contents.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_once(made, lambda connection: source.fill(connection, contents, []))
    upgrade(made)
    for content_id in write_once(made, lambda connection: list(then(connection, source.manifest))):
        contents.erase(content_id)
    close_for_good(made)
    os.sync()  # Linux waits for all of it, sync(2): one call instead of one for each content


def _into_server(source: _Source, server: Server, contents: ContentStore, then: Afterwards) -> None:
    """In one transaction: no daemon may find jobs that are not held yet."""
    if not is_empty(server):
        raise NotRestored(f"{server} is not empty: make another database, and name it in database.url")
    if exists(server) and is_in_use(server):
        raise NotRestored(f"{server} is in use by a fax-gateway: stop all of them first")
    upgrade(server)
    written: list[str] = []

    def fill(connection: Connection) -> list[str]:
        if rows.revision(connection) != source.manifest.schema:
            raise NotRestored(
                f"it is of schema {source.manifest.schema}, this release has another one: restore it with fax-gateway "
                f"{source.manifest.release}, then upgrade"
            )
        source.fill(connection, contents, written)
        return list(then(connection, source.manifest))

    try:
        erased = write_much(server, fill)
    except CommitUnknown:
        raise  # the rows are perhaps there, and need their files
    except BaseException:
        for content_id in written:
            contents.remove(content_id)
        raise
    for content_id in erased:
        contents.erase(content_id)
    os.sync()


def _contents(
    connection: Connection, members: Iterable[archive.Member], contents: ContentStore, written: list[str]
) -> Iterable[str]:
    """Puts bytes where this spool has them, in rows or in files; the ids of all. Those with files go to `written`."""
    table = schema.content.c
    into_row = update(schema.content).where(table.id == bindparam("of")).values(inline=bindparam("bytes"))
    waiting: list[dict[str, object]] = []
    size = 0
    for member in members:
        yield member.id
        if not contents.is_inline(member.size):
            descriptor = _create(contents, member.id)
            written.append(member.id)
            with os.fdopen(descriptor, "wb", buffering=PIECE) as file:
                file.writelines(member.pieces)
            continue
        waiting.append({"of": member.id, "bytes": b"".join(member.pieces)})
        size += member.size
        if size > AT_ONCE:
            connection.execute(into_row, waiting)
            waiting, size = [], 0
    if waiting:
        connection.execute(into_row, waiting)


def _create(contents: ContentStore, content_id: str) -> int:
    path = contents.path(content_id)
    for directory in (contents.directory, path.parent):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _purge_the_rest(connection: Connection, kept: set[str], at: datetime) -> None:
    """What was purged while the backup was made: its row says so."""
    table = schema.content.c
    standing = connection.execute(select(table.id).where(table.purged_at.is_(None))).scalars()
    lost = [{"of": content_id} for content_id in standing if content_id not in kept]
    if lost:
        connection.execute(update(schema.content).where(table.id == bindparam("of")).values(purged_at=at), lost)


def _change_places(spool: Path, content_directory: Path, at: datetime) -> tuple[Path, ...]:
    """A few renames, all or none; the database goes last, so that no daemon finds one without its contents.

    A crash in between leaves no spool, which ``refuse_unfinished`` notices.
    """
    word = f"{REPLACED}-{at:%Y%m%dT%H%M%SZ}"
    aside = [(Path(f"{spool}{end}"), Path(f"{beside(spool, word)}{end}")) for end in DATABASE_FILES]
    aside = [(path, to) for path, to in [*aside, (content_directory, beside(content_directory, word))] if path.exists()]
    in_place = [(beside(path, RESTORING), path) for path in (content_directory, spool)]
    done: list[tuple[Path, Path]] = []
    try:
        for path, to in [*aside, *in_place]:
            path.rename(to)
            done.append((path, to))
        for parent in {spool.parent, content_directory.parent}:
            sync_directory(parent)
    except BaseException as error:
        _rename_back(done, error)
        raise
    return tuple(to for _, to in aside)


def _rename_back(done: list[tuple[Path, Path]], why: BaseException) -> None:
    stuck = []
    for path, to in reversed(done):
        try:
            to.rename(path)
        except OSError:
            stuck.append(f"{to} to {path}")
    if stuck:
        raise NotRestored(f"{why}; what was there could not be put back: rename {', '.join(stuck)}") from why


def _remove(made: Path, made_contents: Path) -> None:
    """What a restore leaves that broke."""
    for end in DATABASE_FILES:
        Path(f"{made}{end}").unlink(missing_ok=True)
    if made_contents.exists():
        shutil.rmtree(made_contents)
