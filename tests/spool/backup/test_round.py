"""A backup of a spool that is in use, and the spool that comes of it."""

import asyncio
import errno
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, update

from gateway.spool import lineage, logins, schema, sessions
from gateway.spool.backup import parts, restoring
from gateway.spool.backup.manifest import BadBackup, Manifest
from gateway.spool.backup.parts import Piece, backup
from gateway.spool.backup.restoring import NotRestored, Restored, restore
from gateway.spool.backup.writing import write_backup
from gateway.spool.content import LARGEST_INLINE, ContentStore
from gateway.spool.database import Database, snapshot, write_once
from gateway.spool.erasures import ErasureLog
from gateway.spool.jobs import Note, advance, record
from gateway.spool.lock import SpoolLocked
from gateway.spool.migrations import differences, pending, upgrade
from gateway.spool.states import Event
from gateway.spool.unfinished import RestoreUnfinished
from tests.living.postgresql import PostgreSQL

LARGE = bytes(range(256)) * (LARGEST_INLINE // 256 + 1)
LATER = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def nothing(_connection: Connection, _manifest: Manifest) -> list[str]:
    return []


def made(spool: Path) -> Iterator[Piece]:
    contents, log = ContentStore(spool.parent / "content"), ErasureLog(spool.parent / "log")
    return backup(lambda: snapshot(spool), contents, log, datetime(2026, 11, 23, 10, 0, tzinfo=UTC))


def restored(directory: Path, spool: Path, *, replace: bool = False, at: datetime = LATER) -> Restored:
    return restore(directory, spool, ContentStore(spool.parent / "content"), nothing, replace=replace, at=at)


def everything(spool: Path) -> dict[str, list[Any]]:
    with snapshot(spool) as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in schema.metadata.sorted_tables
            if table.name != "web_session"
        }


async def filled(open_spool: Any, samples: Any) -> None:
    async with open_spool() as spool:
        await samples.prepared(spool, "+4989123456", subject="Angebot für Müller\u2028")
        await samples.take(spool, samples.job("+4989123459", message_id="<2@x>"), raw=LARGE, message_id="<2@x>")
        failed = await samples.submitted(spool, "+4989123457", message_id="<3@x>")
        note = Note("test", samples.now)
        await spool.database.write(lambda c: advance(c, failed, Event.REPORTED_FAILED, note))
        failed = await samples.load(spool, failed.id)
        child = await spool.database.write(lambda c: lineage.retry(c, failed, note, may_duplicate=False))
        # Whom a row refers to may stand behind it in the file: ids are random.
        later = update(schema.job).where(schema.job.c.id == child).values(created_at=samples.now)
        await spool.database.write(lambda c: c.execute(later))


def test_what_is_restored_is_what_was_there(open_spool: Any, samples: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        await filled(open_spool, samples)
        async with open_spool():  # the daemon that has it is no hindrance
            manifest = await asyncio.to_thread(write_backup, tmp_path / "kept", made(tmp_path / "spool.db"))
        assert (manifest.rows["job"], manifest.contents, manifest.missing) == (4, 5, ())
        before = everything(tmp_path / "spool.db")
        other = tmp_path / "elsewhere" / "spool.db"
        restored(tmp_path / "kept", other)
        assert everything(other) == before
        (large,) = (other.parent / "content").glob("??/*")
        assert large.read_bytes() == LARGE
        async with Database.open(other) as database:  # rows that count by themselves go on
            events = schema.event.c
            newest = await database.read(lambda c: c.execute(select(func.max(events.id))).scalar_one())
            job = (await database.read(lambda c: c.execute(select(schema.job.c.id)).scalars().all()))[0]
            await database.write(lambda c: record(c, job, "test", Note("test", samples.now)))
            assert await database.read(lambda c: c.execute(select(func.max(events.id))).scalar_one()) == newest + 1

    asyncio.run(scenario())


def test_only_its_owner_can_read_a_backup(open_spool: Any, samples: Any, tmp_path: Path) -> None:
    asyncio.run(filled(open_spool, samples))
    write_backup(tmp_path / "kept", made(tmp_path / "spool.db"))
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "kept").iterdir()} == {0o600}


def test_who_is_logged_in_at_the_dashboard_is_left_out(open_spool: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await spool.database.write(lambda c: logins.add(c, "jana", "secret", LATER))
            await spool.database.write(lambda c: sessions.begin(c, "jana", LATER))
        write_backup(tmp_path / "kept", made(tmp_path / "spool.db"))
        restored(tmp_path / "kept", tmp_path / "other" / "spool.db")
        with snapshot(tmp_path / "other" / "spool.db") as connection:
            assert [login.name for login in logins.listed(connection)] == ["jana"]
            assert connection.execute(select(schema.web_session)).all() == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda kept: (kept / parts.ROWS).write_bytes(b"[]"), "changed, or is damaged"),
        (lambda kept: (kept / parts.CONTENTS).unlink(), "is missing"),
        (lambda kept: (kept / "manifest.json").unlink(), "no backup, or one that was not finished"),
        (lambda kept: (kept / "manifest.json").write_text("{"), "can't be read"),
        (lambda kept: _edit(kept, format=2), "its format is 2, this release reads 1"),
        (lambda kept: _edit(kept, schema="9999_later"), "9999_later is not known here"),
    ],
    ids=["changed", "lacks a part", "unfinished", "cut off", "another format", "of a newer release"],
)
def test_a_backup_that_is_not_whole_restores_nothing(
    open_spool: Any, samples: Any, tmp_path: Path, damage: Callable[[Path], object], said: str
) -> None:
    asyncio.run(filled(open_spool, samples))
    write_backup(tmp_path / "kept", made(tmp_path / "spool.db"))
    damage(tmp_path / "kept")
    before = everything(tmp_path / "spool.db")
    with pytest.raises(BadBackup, match=said):
        restored(tmp_path / "kept", tmp_path / "spool.db", replace=True)
    assert everything(tmp_path / "spool.db") == before
    assert not list(tmp_path.glob("*.restoring*"))


def _edit(kept: Path, **changes: object) -> None:
    facts = json.loads((kept / "manifest.json").read_text())
    (kept / "manifest.json").write_text(json.dumps(facts | changes))


def test_a_stream_that_breaks_leaves_nothing(open_spool: Any, samples: Any, tmp_path: Path) -> None:
    asyncio.run(filled(open_spool, samples))

    def cut() -> Iterator[Piece]:
        for piece in made(tmp_path / "spool.db"):
            if piece.part == parts.CONTENTS:
                return
            yield piece

    with pytest.raises(BadBackup, match="ended before its manifest"):
        write_backup(tmp_path / "kept", cut())
    assert not (tmp_path / "kept").exists()
    (tmp_path / "cut off by a crash").mkdir()
    (tmp_path / "cut off by a crash" / parts.ROWS).touch()
    with pytest.raises(BadBackup, match="not empty, and holds no whole backup"):
        write_backup(tmp_path / "cut off by a crash", made(tmp_path / "spool.db"))
    with pytest.raises(BadBackup, match="there is no part"):
        write_backup(tmp_path / "other", iter([Piece("../../etc/passwd", b"")]))


def test_a_spool_that_holds_something_is_replaced_only_if_asked_and_kept(
    open_spool: Any, samples: Any, tmp_path: Path
) -> None:
    async def scenario() -> None:
        spool = tmp_path / "spool.db"
        await filled(open_spool, samples)
        write_backup(tmp_path / "kept", made(spool))
        async with open_spool() as opened:
            await samples.take(opened, samples.job(message_id="<9@x>"), raw=LARGE, message_id="<9@x>")
            with pytest.raises(SpoolLocked):
                restored(tmp_path / "kept", spool, replace=True)
        newer = everything(spool)
        with pytest.raises(NotRestored, match="with --replace it is set aside"):
            restored(tmp_path / "kept", spool)
        assert everything(spool) == newer
        found = restored(tmp_path / "kept", spool, replace=True)
        assert {path.name for path in found.set_aside} >= {
            "spool.db.replaced-20261124T093000Z",
            "content.replaced-20261124T093000Z",
        }
        assert everything(found.set_aside[0]) == newer
        assert len(everything(spool)["job"]) == 4
        assert len(list((tmp_path / "content").glob("??/*"))) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("fails_at", ["content", "content.restoring", "spool.db.restoring"])
def test_a_restore_that_fails_while_places_change_puts_everything_back(
    open_spool: Any, samples: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    asyncio.run(filled(open_spool, samples))
    write_backup(tmp_path / "kept", made(tmp_path / "spool.db"))
    before, names = everything(tmp_path / "spool.db"), sorted(each.name for each in tmp_path.iterdir())
    rename = Path.rename

    def failing(path: Path, to: Path) -> Path:
        if path.name == fails_at:
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(path, to)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", failing)
        with pytest.raises(OSError, match="busy"):
            restored(tmp_path / "kept", tmp_path / "spool.db", replace=True)
    assert sorted(each.name for each in tmp_path.iterdir()) == names
    assert everything(tmp_path / "spool.db") == before
    assert len(list((tmp_path / "content").glob("??/*"))) == 1


def test_contents_that_are_a_mount_point_are_refused_before_anything_is_done(
    open_spool: Any, samples: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(filled(open_spool, samples))
    write_backup(tmp_path / "kept", made(tmp_path / "spool.db"))
    monkeypatch.setattr(Path, "is_mount", lambda path: path.name == "content")
    with pytest.raises(NotRestored, match="is a mount point"):
        restored(tmp_path / "kept", tmp_path / "spool.db", replace=True)
    assert not [*tmp_path.glob("*.restoring*"), *tmp_path.glob("*.replaced*")]


def test_no_empty_spool_is_made_where_a_crash_has_left_a_restore_unfinished(
    open_spool: Any, samples: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = tmp_path / "spool.db"
    asyncio.run(filled(open_spool, samples))
    write_backup(tmp_path / "kept", made(spool))
    rename = Path.rename

    def crashing(path: Path, to: Path) -> Path:
        if path.name == "spool.db.restoring":
            raise SystemExit
        return rename(path, to)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", crashing)
        patched.setattr(restoring, "_rename_back", lambda *_: None)
        patched.setattr(restoring, "_remove", lambda *_: None)
        with pytest.raises(SystemExit):
            restored(tmp_path / "kept", spool, replace=True)
    for refusing in (upgrade, pending):
        with pytest.raises(RestoreUnfinished, match=r"spool\.db\.replaced-20261124T093000Z"):
            refusing(spool)
    assert not spool.exists()
    restored(tmp_path / "kept", spool, at=LATER + timedelta(minutes=1))  # as the refusal says
    upgrade(spool)
    assert len(everything(spool)["job"]) == 4


def test_what_is_purged_between_rows_and_files_comes_back_as_purged_and_what_is_lost_is_said(
    open_spool: Any, samples: Any, tmp_path: Path
) -> None:
    async def scenario() -> None:
        spool = tmp_path / "spool.db"
        async with open_spool() as opened:
            contents = []
            for message_id in ("<1@x>", "<2@x>"):
                taken = await samples.take(opened, samples.job(message_id=message_id), raw=LARGE, message_id=message_id)
                contents.append((await samples.load(opened, taken.job_ids[0])).mail.content_id)
            purged, lost = contents

            def meanwhile() -> Iterator[Piece]:
                pieces = made(spool)
                yield next(pieces)  # the rows' transaction has begun
                for content_id in contents:
                    opened.contents.remove(content_id)
                gone = update(schema.content).where(schema.content.c.id == purged).values(purged_at=samples.now)
                write_once(spool, lambda c: c.execute(gone))
                yield from pieces

            manifest = await asyncio.to_thread(write_backup, tmp_path / "kept", meanwhile())
        assert (manifest.purged_meanwhile, manifest.missing) == (1, (lost,))
        restored(tmp_path / "kept", tmp_path / "other" / "spool.db")
        with snapshot(tmp_path / "other" / "spool.db") as connection:
            assert set(connection.execute(select(schema.content.c.purged_at)).scalars()) == {LATER}

    asyncio.run(scenario())


def test_a_backup_of_an_older_release_is_brought_to_this_schema(tmp_path: Path) -> None:
    upgrade(tmp_path / "spool.db", until="0001")
    write_once(tmp_path / "spool.db", lambda c: logins.add(c, "jana", "secret", LATER))
    assert write_backup(tmp_path / "kept", made(tmp_path / "spool.db")).schema == "0001"
    restored(tmp_path / "kept", tmp_path / "other" / "spool.db")
    assert not differences(tmp_path / "other" / "spool.db")
    with snapshot(tmp_path / "other" / "spool.db") as connection:
        assert [login.name for login in logins.listed(connection)] == ["jana"]


def test_on_postgresql_neither_backup_nor_restore_is_cut_off_while_it_waits(
    open_spool: Any, samples: Any, tmp_path: Path, postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgresql.empty(tmp_path / "there")
    upgrade(server)
    monkeypatch.setattr("gateway.spool.engines.IDLE_IN_TRANSACTION", 500)
    there = ContentStore(tmp_path / "there" / "content", in_database=True)
    asyncio.run(filled(open_spool, samples))
    write_backup(tmp_path / "kept", made(tmp_path / "spool.db"))

    def slowly(_connection: Connection, _manifest: Manifest) -> list[str]:
        time.sleep(1)
        return []

    restore(tmp_path / "kept", server, there, slowly, replace=False, at=samples.now)
    assert not (tmp_path / "there").exists()  # nothing had to be written on this machine
    pieces = backup(lambda: snapshot(server), there, ErasureLog(tmp_path / "log"), samples.now)
    assert next(pieces).part == parts.ROWS
    time.sleep(1)
    assert list(pieces)


def test_a_restore_to_postgresql_that_fails_takes_its_files_away(
    open_spool: Any, samples: Any, tmp_path: Path, postgresql: PostgreSQL
) -> None:
    server = postgresql.empty(tmp_path / "there")
    there = ContentStore(tmp_path / "there" / "content", in_database=False)
    asyncio.run(filled(open_spool, samples))
    write_backup(tmp_path / "kept", made(tmp_path / "spool.db"))

    def failing(_connection: Connection, _manifest: Manifest) -> list[str]:
        assert list(there.directory.glob("??/*"))
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        restore(tmp_path / "kept", server, there, failing, replace=False, at=samples.now)
    assert not list(there.directory.glob("??/*"))
    restore(tmp_path / "kept", server, there, nothing, replace=False, at=samples.now)
    assert len(list(there.directory.glob("??/*"))) == 1


def test_a_spool_moves_to_postgresql_and_back(
    open_spool: Any, samples: Any, tmp_path: Path, postgresql: PostgreSQL
) -> None:
    server = postgresql.empty(tmp_path / "there")
    there = ContentStore(tmp_path / "there" / "content", in_database=True)
    here, now = tmp_path / "back" / "spool.db", samples.now
    asyncio.run(filled(open_spool, samples))
    before = everything(tmp_path / "spool.db")
    write_backup(tmp_path / "kept", made(tmp_path / "spool.db"))
    restore(tmp_path / "kept", server, there, nothing, replace=False, at=now)
    with pytest.raises(NotRestored, match="not empty: make another database"):
        restore(tmp_path / "kept", server, there, nothing, replace=True, at=now)
    with snapshot(server) as connection:
        assert connection.execute(select(func.length(schema.content.c.inline))).scalars().all().count(len(LARGE)) == 1
    job = write_once(server, lambda c: c.execute(select(schema.job.c.id)).scalars().all())[0]
    write_once(server, lambda c: record(c, job, "test", Note("test", now)))  # rows that count by themselves go on

    pieces = backup(lambda: snapshot(server), there, ErasureLog(tmp_path / "log"), now)
    write_backup(tmp_path / "again", pieces)
    restored(tmp_path / "again", here)
    after = everything(here)
    assert len(after.pop("event")) == len(before.pop("event")) + 1
    assert after == before
    (large,) = (here.parent / "content").glob("??/*")
    assert large.read_bytes() == LARGE
