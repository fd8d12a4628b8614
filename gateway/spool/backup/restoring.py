"""A backup becomes a spool, beside the one that is there until it stands; then they change places.

Only for who has the spool alone: its lock is held from begin to end.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, bindparam, func, select, update

from gateway.spool import schema
from gateway.spool.backup import archive, rows
from gateway.spool.backup.manifest import PIECE, BadBackup, Manifest, verified
from gateway.spool.backup.parts import CONTENTS, ROWS
from gateway.spool.backup.writing import sync_directory
from gateway.spool.content import ContentStore
from gateway.spool.database import close_for_good, snapshot, take_lock, write_once
from gateway.spool.migrations import is_known, upgrade

Afterwards = Callable[[Connection, Manifest], Iterable[str]]

AT_ONCE = 200  # inline contents of one statement
DATABASE_FILES = ("", "-wal", "-shm")


class NotEmpty(Exception):
    """There is a spool that holds something; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    set_aside: tuple[Path, ...]  # what was there before


def restore(
    directory: Path, spool: Path, content_directory: Path, then: Afterwards, *, replace: bool, at: datetime
) -> Restored:
    """`then` is run on the restored rows, in a transaction of its own, before the spool is put in its place.

    It returns the contents whose files are not wanted.

    Raises BadBackup, NotEmpty, SpoolLocked, OSError; whatever it raises, the spool that was there is as it was.
    """
    manifest = verified(directory)
    if not is_known(manifest.schema):
        raise BadBackup(
            f"its schema {manifest.schema} is not known here: restore it with fax-gateway {manifest.release} or newer"
        )
    lock = take_lock(spool)
    try:
        if not replace and not is_empty(spool):
            raise NotEmpty(f"the spool {spool} is not empty: with --replace it is set aside, and kept")
        made, made_contents = _beside(spool, "restoring"), ContentStore(_beside(content_directory, "restoring"))
        _remove(made, made_contents.directory)
        try:
            _fill(manifest, directory, made, made_contents, at)
            upgrade(made)
            for content_id in write_once(made, lambda connection: then(connection, manifest)):
                made_contents.erase(content_id)
            close_for_good(made)
            os.sync()  # Linux waits for all of it, sync(2): one call instead of one for each content
        except BaseException:
            _remove(made, made_contents.directory)
            raise
        return Restored(manifest, _change_places(spool, content_directory, at))
    finally:
        os.close(lock)


def is_empty(spool: Path) -> bool:
    """Whether it holds no mail, no word and no login; what can't be read counts as something."""
    if not spool.exists():
        return True
    try:
        with snapshot(spool) as connection:
            counts = [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (schema.mail, schema.outbox, schema.login)
            ]
    except Exception:  # noqa: BLE001 - whatever it is, it isn't nothing
        return False
    return not any(counts)


def _fill(manifest: Manifest, directory: Path, made: Path, contents: ContentStore, at: datetime) -> None:
    upgrade(made, manifest.schema)

    def fill(connection: Connection) -> None:
        with (directory / ROWS).open("rb") as lines:
            found = rows.imported(connection, lines)
        if found != dict(manifest.rows):
            raise BadBackup(f"it holds other rows than its manifest says: {found}")
        kept = set(_contents(connection, archive.members(directory / CONTENTS), contents))
        _purge_the_rest(connection, kept, at)

    write_once(made, fill)


def _contents(connection: Connection, members: Iterable[archive.Member], contents: ContentStore) -> Iterable[str]:
    """Puts bytes where they were, in their rows or in files; the ids of all."""
    table = schema.content.c
    into_row = update(schema.content).where(table.id == bindparam("of")).values(inline=bindparam("bytes"))
    waiting: list[dict[str, object]] = []
    contents.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for member in members:
        yield member.id
        if not member.is_inline:
            _write(contents.path(member.id), member.pieces)
            continue
        waiting.append({"of": member.id, "bytes": b"".join(member.pieces)})
        if len(waiting) == AT_ONCE:
            connection.execute(into_row, waiting)
            waiting = []
    if waiting:
        connection.execute(into_row, waiting)


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb", buffering=PIECE) as file:
        file.writelines(pieces)


def _purge_the_rest(connection: Connection, kept: set[str], at: datetime) -> None:
    """What was purged while the backup was made: its row says so."""
    table = schema.content.c
    standing = connection.execute(select(table.id).where(table.purged_at.is_(None))).scalars()
    lost = [{"of": content_id} for content_id in standing if content_id not in kept]
    if lost:
        connection.execute(update(schema.content).where(table.id == bindparam("of")).values(purged_at=at), lost)


def _change_places(spool: Path, content_directory: Path, at: datetime) -> tuple[Path, ...]:
    """Three renames or so; the database goes last, so that no daemon finds one without its contents."""
    word = f"replaced-{at:%Y%m%dT%H%M%SZ}"
    set_aside = []
    for path in (*(Path(f"{spool}{end}") for end in DATABASE_FILES), content_directory):
        if path.exists():
            aside = path.with_name(path.name.replace(spool.name, f"{spool.name}.{word}", 1))
            aside = aside if aside != path else _beside(path, word)
            path.rename(aside)
            set_aside.append(aside)
    _beside(content_directory, "restoring").rename(content_directory)
    _beside(spool, "restoring").rename(spool)
    for parent in {spool.parent, content_directory.parent}:
        sync_directory(parent)
    return tuple(set_aside)


def _beside(path: Path, word: str) -> Path:
    return path.with_name(f"{path.name}.{word}")


def _remove(made: Path, made_contents: Path) -> None:
    """What a restore leaves that broke."""
    for end in DATABASE_FILES:
        Path(f"{made}{end}").unlink(missing_ok=True)
    if made_contents.exists():
        shutil.rmtree(made_contents)
