"""Erasing, legal holds, the audit log's export and backups, as the daemon is asked for them."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from gateway.control.auditing import ExportAudit
from gateway.control.backups import BackUp
from gateway.control.erasing import EraseJobs
from gateway.control.holds import AddHold, ListHolds, RemoveHolds
from gateway.control.jobs import ListJobs
from gateway.control.protocol import Refused
from gateway.fax4a import FaxReport
from gateway.spool import audit, legal_holds, reports, retention, schema
from gateway.spool.audit import Deed
from gateway.spool.backup.manifest import Manifest
from gateway.spool.backup.parts import Piece
from gateway.spool.backup.restoring import restore
from gateway.spool.backup.writing import write_backup
from gateway.spool.content import LARGEST_INLINE, insert_content
from gateway.spool.database import snapshot
from gateway.spool.erasing import replay
from gateway.spool.erasures import ErasureLog, log_path
from gateway.spool.housekeeping import Housekeeping, RetentionRules
from gateway.spool.job import Job
from gateway.spool.jobs import Note
from gateway.spool.restored import hold_restored
from gateway.spool.states import State

PERSONAL = "Befund Klara Beispiel"
LARGE = f"Subject: {PERSONAL}\r\n\r\n".encode() + b"x" * LARGEST_INLINE
DAY = timedelta(days=1)


async def faxed(spool: Any, samples: Any, number: str = "+4989123456", **changes: object) -> Job:
    """Ended by a report, with a large mail and a document, and told."""
    changes = {"message_id": f"<{number}@example.com>", "subject": PERSONAL} | changes
    job = await samples.submitted(spool, number, wire_id=f"FJ{number[-5:]}", **changes)
    report = {
        "jobId": f"FJ{number[-5:]}",
        "pages": 2,
        "recipientStatus": [
            {"number": number, "status": "OK", "reason": PERSONAL, "remoteCsid": number, "durationInSecs": 40}
        ],
    }
    note = Note("tracking", samples.now, f"report at dc1: {PERSONAL}")
    await spool.database.write(
        lambda c: reports.store(
            c, job, FaxReport.model_validate(report), note, datacenter="dc1", all_datacenters=("dc1",)
        )
    )
    deed = Deed(at=samples.now, login="olaf", address="192.0.2.1", action="document", job_id=job.id, detail=PERSONAL)
    await spool.database.write(lambda c: audit.note(c, [deed]))
    loaded: Job = await samples.load(spool, job.id)
    return loaded


async def ask(control: Any, request: Any) -> list[Any]:
    answer: list[Any] = await asyncio.to_thread(control.ask, request)
    return answer


def rest_of(directory: Path) -> bytes:
    """Everything that the spool has on disk."""
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())


def test_what_the_spool_holds_of_a_person_goes_and_the_bare_row_stays(
    open_control: Any, samples: Any, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            job = await faxed(control.spool, samples)
            other = await faxed(control.spool, samples, "+4989123499", reverse_path="olaf@example.com")
            kept = await control.spool.contents.keep("f" * 32, LARGE)
            large = update(schema.mail).where(schema.mail.c.id == job.mail.id).values(content_id=kept.id)
            await control.database.write(lambda c: insert_content(c, kept))
            await control.database.write(lambda c: c.execute(large))
            on_disk = isinstance(
                control.database.place, Path
            )  # what PostgreSQL keeps until VACUUM, docs/privacy.md says
            assert not on_disk or PERSONAL.encode() in rest_of(tmp_path)
            assert (tmp_path / "content" / "ff" / kept.id).exists() == on_disk

            total, told = await ask(control, EraseJobs(sender="JANA@*"))
            assert (total["jobs"], told["job_id"], told["refused"]) == (1, job.id, False)

            assert not (tmp_path / "content" / "ff" / kept.id).exists()
            bare = await samples.load(control.spool, job.id)
            assert (bare.state, bare.pages, bare.wire_id) == (State.SENT, 2, job.wire_id)
            assert (bare.recipients[0].status, bare.recipients[0].duration_seconds) == ("OK", 40)
            assert (bare.mail.reverse_path, bare.mail.subject, bare.recipients[0].number) == ("", "", "erased")
            handover = select(schema.handover).where(schema.handover.c.job_id == job.id)
            assert len(await control.database.read(lambda c: c.execute(handover).all())) == 1
            (shown,) = await ask(control, ListJobs(sender="olaf@example.com"))
            assert (shown["id"], shown["subject"]) == (other.id, PERSONAL)
            entries = await control.database.read(lambda c: audit.newest(c, limit=9))
            assert [(each.deed.action, each.deed.job_id, each.deed.detail) for each in entries] == [
                ("erase", job.id, ""),
                ("document", other.id, PERSONAL),
                ("document", job.id, ""),
            ]
            await ask(control, EraseJobs(ids=(other.id,)))
        assert PERSONAL.encode() not in rest_of(tmp_path)  # SQLite overwrites what it frees, and its log is gone
        assert b"jana@example.com" not in rest_of(tmp_path)

    asyncio.run(scenario())


def test_a_relay_that_hands_an_erased_mail_over_again_makes_no_second_fax(open_control: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            first = await samples.submitted(control.spool)
            report = FaxReport.model_validate(
                {"jobId": "FJJ1", "recipientStatus": [{"number": "+4989123456", "status": "OK"}]}
            )
            note = Note("tracking", samples.now)
            await control.database.write(
                lambda c: reports.store(c, first, report, note, datacenter="dc1", all_datacenters=("dc1",))
            )
            await ask(control, EraseJobs(number="+4989123456"))
            taken = await samples.take(control.spool, samples.job())
            assert taken.repeated == (first.id,)

    asyncio.run(scenario())


def test_only_what_has_ended_and_was_told_is_erased(open_control: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            ended = await faxed(control.spool, samples)
            await samples.prepared(control.spool, "+4989123457")
            answers = (await ask(control, EraseJobs(sender="*")))[1:]
            assert {each["said"] for each in answers} == {
                "erased",
                "it is prepared: only what has ended can be erased",
            }
            assert (await ask(control, EraseJobs(ids=(ended.id,))))[1]["said"] == "erased"  # once more changes nothing
            untold = await faxed(control.spool, samples, "+4989123458")
            letter = {
                "id": "a" * 32,
                "job_id": untold.id,
                "word": "perhaps",
                "reverse_path": "",
                "forward_path": "jana@example.com",
                "detail": "",
                "created_at": samples.now,
                "due_at": samples.now,
                "tries": 0,
            }
            await control.database.write(lambda c: c.execute(insert(schema.outbox).values(letter)))
            (told,) = (await ask(control, EraseJobs(ids=(untold.id,))))[1:]
            assert "a word to its sender still waits" in told["said"]
            with pytest.raises(Refused, match="name jobs"):
                await ask(control, EraseJobs())

    asyncio.run(scenario())


def test_where_more_fit_than_are_erased_at_once_that_is_said(
    open_control: Any, samples: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.control.erasing.MOST_JOBS", 2)

    async def scenario() -> None:
        async with open_control() as control:
            for last in (6, 7, 8):
                await faxed(control.spool, samples, f"+498912345{last}")
            total, *answers = await ask(control, EraseJobs(sender="jana@example.com"))
            assert (total["jobs"], [each["said"] for each in answers[:2]]) == (2, ["erased", "erased"])
            assert [(each["said"], each["refused"]) for each in answers[2:]] == [
                ("these were the newest 2 jobs: say it again for the others", True)
            ]
            total, *answers = await ask(control, EraseJobs(sender="jana@example.com"))
            assert (total["jobs"], [each["said"] for each in answers]) == (1, ["erased"])

    asyncio.run(scenario())


def test_a_legal_hold_stops_purge_and_erase_until_it_is_removed(open_control: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            job = await faxed(control.spool, samples)
            of_sender = await faxed(control.spool, samples, "+4989123457", reverse_path="olaf@example.com")
            free = await faxed(control.spool, samples, "+4989123458", reverse_path="nils@example.com")
            (on_job,) = await ask(control, AddHold(ids=(job.id[:8],), reason="Az. 12/26"))
            (on_sender,) = await ask(control, AddHold(sender="OLAF@*"))
            assert [each["number"] for each in await ask(control, ListHolds())] == [
                on_job["number"],
                on_sender["number"],
            ]
            for held in (job, of_sender):
                assert "legal hold" in (await ask(control, EraseJobs(ids=(held.id,))))[1]["said"]

            async def purge() -> set[str]:
                later = samples.now + 1000 * DAY
                rules = RetentionRules(content=DAY, rows=DAY, audit=1000 * DAY)
                spool = control.spool
                await Housekeeping(
                    database=spool.database, contents=spool.contents, rules=rules, clock=lambda: later
                ).look()
                standing = select(schema.mail.c.id).join(schema.content).where(schema.content.c.purged_at.is_(None))
                return set(await control.database.read(lambda c: c.execute(standing).scalars().all()))

            assert await purge() == {job.mail.id, of_sender.mail.id}
            assert free.mail.id not in await purge()
            numbers = (on_job["number"], on_sender["number"], 99)
            assert len(await ask(control, RemoveHolds(numbers=numbers))) == 2
            assert await control.database.read(legal_holds.listed) == []
            assert await purge() == set()

    asyncio.run(scenario())


def test_the_audit_log_is_exported_in_its_order(
    open_control: Any, samples: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.control.auditing.BATCH", 2)

    async def scenario() -> None:
        async with open_control() as control:
            deeds = [
                Deed(at=samples.now + hour * timedelta(hours=1), login="jana", address="192.0.2.1", action=f"a{hour}")
                for hour in range(5)
            ]
            await control.database.write(lambda c: audit.note(c, deeds))
            assert [each["action"] for each in await ask(control, ExportAudit())] == ["a0", "a1", "a2", "a3", "a4"]
            some = ExportAudit(since=samples.now + timedelta(hours=1), until=samples.now + timedelta(hours=3))
            assert [each["action"] for each in await ask(control, some)] == ["a1", "a2"]
            json.dumps(await ask(control, some))
            await control.database.write(lambda c: retention.purge_audit(c, samples.now + timedelta(hours=4)))
            assert [each["action"] for each in await ask(control, ExportAudit())] == ["a4"]

    asyncio.run(scenario())


async def back_up(control: Any, directory: Path) -> Manifest:
    return await asyncio.to_thread(lambda: write_backup(directory, streamed(control)))


def streamed(control: Any) -> list[Piece]:
    part, pieces = "", []
    for each in control.ask(BackUp()):
        if isinstance(each, bytes):
            pieces.append(Piece(part, each))
        else:
            part = each["part"]
    return pieces


def test_an_erasure_is_done_again_to_a_backup_of_before_it(open_control: Any, samples: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            ended = await faxed(control.spool, samples)
            waiting = await samples.prepared(control.spool, "+4989123457", subject=PERSONAL, message_id="<2@x>")
            kept = await back_up(control, tmp_path / "kept")
            assert kept.rows["job"] == 2
            over = update(schema.job).where(schema.job.c.id == waiting.id)
            await control.database.write(lambda c: c.execute(over.values(state="failed", finished_at=samples.now)))
            await ask(control, EraseJobs(ids=(ended.id, waiting.id)))
            later = await asyncio.to_thread(
                write_backup, tmp_path / "later", await asyncio.to_thread(streamed, control)
            )
            assert later.parts["erasures.jsonl"].size > 0
        logs = [ErasureLog(log_path(control.database.place)), ErasureLog(tmp_path / "later" / "erasures.jsonl")]
        assert logs[0].entries().keys() == logs[1].entries().keys()
        for number, log in enumerate(logs):  # what stayed on this machine, and what a later backup has brought
            other = tmp_path / f"other{number}" / "spool.db"
            now = datetime.now(UTC)

            def then(connection: Any, _: Any, log: ErasureLog = log, now: datetime = now) -> tuple[str, ...]:
                note = Note("operator jana", now)
                hold_restored(connection, now, note)
                return replay(connection, log.entries().keys(), note).contents

            contents = control.spool.contents.at(other.parent / "content")
            restore(tmp_path / "kept", other, contents, then, replace=False, at=now)
            assert PERSONAL.encode() not in rest_of(other.parent)
            with snapshot(other) as connection:
                rows = connection.execute(select(schema.job.c.id, schema.job.c.state)).all()
                assert {row.id: row.state for row in rows} == {ended.id: "sent", waiting.id: "unknown"}
                assert connection.execute(select(schema.outbox)).all() == []

    asyncio.run(scenario())
