"""The outbox reaches the smarthost: each word until it is taken, the same message each time."""

import asyncio
import email
import email.policy
import socket
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from random import Random
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from gateway.fax4a.report import FaxReport
from gateway.notify.letters import Letters
from gateway.notify.sender import OutboxSender
from gateway.notify.smarthost import Smarthost
from gateway.spool import schema
from gateway.spool.attempts import finish
from gateway.spool.bell import Bell
from gateway.spool.content import LARGEST_INLINE
from gateway.spool.jobs import Note, advance, warn
from gateway.spool.reports import store
from gateway.spool.states import Event

TRACE = "from mfp.example.com ([192.0.2.7]) with ESMTP"


class Server:
    """A smarthost that answers as it is told."""

    def __init__(self) -> None:
        self.answer = "250 2.0.0 taken"
        self.rcpt_answer = "250 2.1.5 ok"
        self.port = _free_port()
        self.taken: list[tuple[str, str, bytes]] = []
        self.sessions: set[int] = set()
        self.hangs_up_after = 0  # mails; 0: never

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.rcpt_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt_answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.sessions.add(_server.session.peer[1])
        if self.answer.startswith("250"):
            self.taken.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.content))
        if self.hangs_up_after and len(self.taken) == self.hangs_up_after:
            _server.transport.abort()
        return self.answer


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def server() -> Any:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sender(spool: Any, port: int, clock: Clock, *, username: str = "") -> OutboxSender:
    letters = Letters(
        database=spool.database,
        contents=spool.contents,
        sender="fax@example.com",
        reporting_mta="fax.example.com",
        expire_after=timedelta(hours=24),
        language="en",
    )
    return OutboxSender(
        database=spool.database,
        in_hand=spool.in_hand,
        letters=letters,
        smarthost=Smarthost(host="127.0.0.1", port=port, username=username, password=username),
        postmaster="postmaster@example.com",
        said=Bell(),
        clock=clock,
        chance=Random(1),
    )


async def expired(spool: Any, samples: Any, **changes: object) -> None:
    job = await samples.prepared(spool, **changes)
    note = Note("delivery", samples.now, "no connection")
    await spool.database.write(lambda c: advance(c, job, Event.EXPIRED, note))


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_a_word_is_a_notification_from_nobody_to_the_sender(open_spool: Any, samples: Any, server: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await expired(spool, samples, subject="Angebot für Müller")
            await sender(spool, server.port, Clock(samples.now)).look()
            assert await samples.letters(spool) == []

    asyncio.run(scenario())
    ((reverse_path, forward_path, raw),) = server.taken
    assert reverse_path in {"", "<>"}
    assert forward_path == "jana@example.com"
    message = parsed(raw)
    assert message.get_content_type() == "multipart/report"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["In-Reply-To"] == "<1@example.com>"
    assert b"This word is for" not in raw
    assert "Angebot für Müller" in str(message["Subject"])
    assert b"Status: 5.4.7" in raw


def test_what_the_fax_service_never_saw_is_not_said_to_be_its_word(open_spool: Any, samples: Any, server: Any) -> None:
    """A document that turns out after the 250 not to be faxable; and a request that the service refuses."""

    async def scenario() -> None:
        async with open_spool() as spool:
            taken = await samples.take(spool, samples.job())
            unmade = await samples.load(spool, taken.job_ids[0])
            note = Note("intake", samples.now, "Brief.docx is damaged and can't be converted")
            await spool.database.write(lambda c: advance(c, unmade, Event.UNPREPARABLE, note))
            refused = await samples.submitting(spool, message_id="<2@example.com>")
            note = Note("delivery", samples.now, "400 No number available for rcpt")
            await spool.database.write(lambda c: finish(c, refused, Event.REJECTED, note, due_at=samples.now))
            await sender(spool, server.port, Clock(samples.now)).look()

    asyncio.run(scenario())
    texts = [raw.decode() for _, _, raw in server.taken]
    ours = next(text for text in texts if "Brief.docx" in text)
    assert "Reason: Brief.docx is damaged" in ours
    assert "no fax could be made of the mail" in ours
    assert "Status: 5.6.0" in ours
    assert "Diagnostic-Code: X-Fax-Gateway; Brief.docx" in ours
    theirs = next(text for text in texts if "400 No number" in text)
    assert "The fax service says: 400 No number available" in theirs
    assert "Diagnostic-Code: X-Fax4A; 400" in theirs


def test_a_word_that_is_sent_again_is_the_same_word(open_spool: Any, samples: Any, server: Any) -> None:
    clock = Clock(samples.now)
    server.answer = "451 4.3.0 later"

    async def scenario() -> None:
        async with open_spool() as spool:
            await expired(spool, samples)
            part = sender(spool, server.port, clock)
            await part.look()
            assert server.taken == []
            (waiting,) = await samples.letters(spool)
            assert waiting.tries == 1
            server.answer = "250 2.0.0 taken"
            clock.now += timedelta(hours=1)
            first = await part._letters.write(waiting)
            await part.look()
            ((_, _, second),) = server.taken
            assert parsed(first)["Message-ID"] == parsed(second)["Message-ID"]
            assert parsed(first)["Date"] == parsed(second)["Date"]

    asyncio.run(scenario())


def test_a_smarthost_that_is_down_loses_nothing(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await expired(spool, samples)
            await sender(spool, _free_port(), Clock(samples.now)).look()
            (waiting,) = await samples.letters(spool)
            assert waiting.tries == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("where", ["rcpt_answer", "answer"])
def test_what_is_refused_for_good_goes_to_the_postmaster_and_no_further(
    open_spool: Any, samples: Any, server: Any, where: str
) -> None:
    clock = Clock(samples.now)
    setattr(server, where, "550 5.1.1 nobody here")

    async def scenario() -> None:
        async with open_spool() as spool:
            await expired(spool, samples)
            part = sender(spool, server.port, clock)
            await part.look()
            (letter,) = await samples.letters(spool)
            assert letter.forward_path == "postmaster@example.com"
            await part.look()
            assert await samples.letters(spool) == []

    asyncio.run(scenario())
    assert server.taken == []


def test_the_postmaster_reads_for_whom_a_word_was(open_spool: Any, samples: Any, server: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await expired(spool, samples)
            part = sender(spool, server.port, Clock(samples.now))
            server.rcpt_answer = "550 5.1.1 nobody here"
            await part.look()
            server.rcpt_answer = "250 2.1.5 ok"
            await part.look()

    asyncio.run(scenario())
    ((_, forward_path, raw),) = server.taken
    assert forward_path == "postmaster@example.com"
    assert b"This word is for jana@example.com, who could not be reached." in raw


def test_a_delayed_fax_says_until_when_it_is_tried(open_spool: Any, samples: Any, server: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            note = Note("delivery", samples.now, "no connection")
            await spool.database.write(lambda c: warn(c, job, note))
            await sender(spool, server.port, Clock(samples.now)).look()

    asyncio.run(scenario())
    ((_, _, raw),) = server.taken
    assert b"Action: delayed" in raw
    assert b"Will-Retry-Until: Tue, 24 Nov 2026 09:30:00 +0000" in raw


def test_the_mail_and_its_fax_are_told_in_one_zone(open_spool: Any, samples: Any, server: Any) -> None:
    """Else a fax that took a minute seems to have been sent an hour before its mail came."""

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            at_home = asdict(replace(job.options, report_by="gateway", language="de", timezone="Europe/Berlin"))
            await spool.database.write(lambda c: c.execute(update(schema.job).values(options=at_home)))
            job = await samples.load(spool, job.id)
            dialled = {"number": "+4989123456", "status": "OK", "sentTs": "2026-11-23T09:31:00Z"}
            report = FaxReport.model_validate({"jobId": "FJJ1", "pages": 1, "recipientStatus": [dialled]})
            note = Note("tracking", samples.now, "report FJJ1")
            await spool.database.write(lambda c: store(c, job, report, note, datacenter="dc1", all_datacenters=()))
            await sender(spool, server.port, Clock(samples.now)).look()

    asyncio.run(scenario())
    ((_, _, raw),) = server.taken
    text = parsed(raw).get_body(("plain",)).get_content()  # type: ignore[union-attr] # there is one
    assert "Ihre Mail vom: 23.11.2026, 10:30 CET" in text
    assert "Zeit: 23.11.2026, 10:31 CET" in text
    assert b"Last-Attempt-Date: Mon, 23 Nov 2026 10:31:00 +0100" in raw


def test_a_job_that_ends_while_its_delay_is_being_said_is_not_said_to_be_delayed(
    open_spool: Any, samples: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            note = Note("delivery", samples.now)
            await spool.database.write(lambda c: warn(c, job, note))
            write = Letters.write

            async def write_of_an_ended_job(letters: Letters, letter: Any) -> bytes:
                if letter.word == "delayed":
                    await spool.database.write(lambda c: advance(c, job, Event.CANCELLED, note))
                return await write(letters, letter)

            monkeypatch.setattr(Letters, "write", write_of_an_ended_job)
            for _ in range(2):
                await sender(spool, server.port, Clock(samples.now)).look()

    asyncio.run(scenario())
    assert ["cancelled" in str(parsed(raw)["Subject"]) for _, _, raw in server.taken] == [True]


@pytest.mark.parametrize("raw", [b"Subject: x\r\n\r\nhi\r\n", "Subject: Größe\r\n\r\nGröße\r\n".encode()])
def test_a_mail_to_the_postmaster_goes_on_as_it_came_with_a_trace(
    open_spool: Any, samples: Any, server: Any, raw: bytes
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.for_postmaster(spool, raw, reverse_path="ida@example.org", trace=TRACE)
            await sender(spool, server.port, Clock(samples.now)).look()

    asyncio.run(scenario())
    ((reverse_path, forward_path, sent),) = server.taken
    assert (reverse_path, forward_path) == ("ida@example.org", "postmaster@example.com")
    assert sent.startswith(b"Received: from mfp.example.com ([192.0.2.7]) with ESMTP\r\n\tby fax.example.com")
    assert b"\r\nX-Fax-Gateway: fax.example.com\r\n" in sent
    assert sent.endswith(raw)


@pytest.mark.sqlite
def test_one_letter_that_cannot_be_written_holds_up_no_other(open_spool: Any, samples: Any, server: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            raw = b"x" * (LARGEST_INLINE + 1)
            kept = await samples.for_postmaster(spool, raw, reverse_path="", trace=TRACE)
            kept.path.unlink()
            await expired(spool, samples)
            await sender(spool, server.port, Clock(samples.now)).look()
            (waiting,) = await samples.letters(spool)
            assert waiting.word == "postmaster"

    asyncio.run(scenario())
    assert len(server.taken) == 1


def test_a_mail_whose_content_is_gone_is_given_up(open_spool: Any, samples: Any, server: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            kept = await samples.for_postmaster(
                spool, b"Subject: x\r\n\r\n", reverse_path="ida@example.org", trace=TRACE
            )
            gone = update(schema.content).where(schema.content.c.id == kept.id)
            await spool.database.write(lambda c: c.execute(gone.values(inline=None, purged_at=samples.now)))
            await sender(spool, server.port, Clock(samples.now)).look()
            assert await samples.letters(spool) == []
            (row,) = await spool.database.read(lambda c: c.execute(select(schema.outbox)).all())
            assert (row.refused_at, row.last_error) == (samples.now, "its content is gone")

    asyncio.run(scenario())
    assert server.taken == []


@pytest.mark.parametrize("stage", ["MAIL", "AUTH", "greeting"])
def test_a_fault_of_the_smarthost_costs_no_word(open_spool: Any, samples: Any, stage: str) -> None:
    """Only RCPT and the mail itself are answered for this letter; what comes before says nothing of it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        refusals = {"MAIL": b"530 5.7.0 log in first\r\n", "AUTH": b"535 5.7.8 no\r\n"}
        writer.write(b"554 no service\r\n" if stage == "greeting" else b"220 smarthost\r\n")
        while line := await reader.readline():
            verb = line[:4].upper().decode()
            writer.write(b"250-x\r\n250 AUTH PLAIN\r\n" if verb == "EHLO" else refusals.get(verb, b"250 ok\r\n"))
        writer.close()

    async def scenario() -> None:
        async with open_spool() as spool:
            await expired(spool, samples)
            smarthost = await asyncio.start_server(serve, "127.0.0.1", 0)
            port = smarthost.sockets[0].getsockname()[1]
            clock = Clock(samples.now)
            part = sender(spool, port, clock, username="u" if stage == "AUTH" else "")
            for _ in range(3):
                await part.look()
                clock.now += timedelta(hours=1)
            (letter,) = await samples.letters(spool)
            assert letter.forward_path == "jana@example.com"
            assert letter.tries == 3
            smarthost.close()

    asyncio.run(scenario())


def test_a_word_that_nobody_takes_for_five_days_goes_to_the_postmaster(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await expired(spool, samples)
            clock = Clock(samples.now + timedelta(days=5, hours=1))
            await sender(spool, 9, clock).look()
            rows = await spool.database.read(lambda c: c.execute(select(schema.outbox.c.forward_path)).scalars().all())
            assert rows == ["postmaster@example.com"]

    asyncio.run(scenario())


@pytest.mark.parametrize(("reverse_path", "told"), [("ida@example.org", True), ("", False)])
def test_a_mail_to_the_postmaster_that_nobody_takes_comes_back_to_its_sender(
    open_spool: Any, samples: Any, server: Any, reverse_path: str, told: bool
) -> None:
    """RFC 5321 §6.1; from the null reverse-path nobody is told."""
    clock = Clock(samples.now)
    server.rcpt_answer = "550 5.1.1 nobody here"
    raw = b"Subject: Wer sind Sie?\r\nMessage-ID: <7@example.org>\r\n\r\nHallo\r\n"

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.for_postmaster(spool, raw, reverse_path=reverse_path, trace="from x")
            part = sender(spool, server.port, clock)
            await part.look()
            waiting = await samples.letters(spool)
            assert [(letter.word, letter.forward_path) for letter in waiting] == (
                [("undelivered", "ida@example.org")] if told else []
            )
            server.rcpt_answer = "250 2.1.5 ok"
            await part.look()
            assert await samples.letters(spool) == []

    asyncio.run(scenario())
    if not told:
        assert server.taken == []
        return
    ((sent_from, forward_path, content),) = server.taken
    assert (sent_from in {"", "<>"}, forward_path) == (True, "ida@example.org")
    message = parsed(content)
    assert message.get_content_type() == "multipart/report"
    assert str(message["Subject"]) == "Mail to postmaster not delivered: Wer sind Sie?"
    assert message["In-Reply-To"] == "<7@example.org>"
    assert b"Final-Recipient: rfc822; postmaster@fax.example.com" in content
    assert b"Status: 5.1.1" in content
    assert b"X-Fax-Number" not in content


@pytest.mark.parametrize(("hangs_up_after", "sessions", "again"), [(0, 1, 0), (2, 2, 1)])
def test_words_that_are_due_together_share_a_session_and_outlive_one_that_ends(
    open_spool: Any, samples: Any, server: Any, hangs_up_after: int, sessions: int, again: int
) -> None:
    """A word whose answer was lost is sent again: with the same Message-ID, so that it is the same word."""
    clock = Clock(samples.now)
    server.hangs_up_after = hangs_up_after

    async def scenario() -> None:
        async with open_spool() as spool:
            for number in range(4):
                await expired(spool, samples, message_id=f"<{number}@example.com>")
            part = sender(spool, server.port, clock)
            assert await part.look() == 4
            clock.now += timedelta(hours=1)
            server.hangs_up_after = 0
            await part.look()
            assert await samples.letters(spool) == []

    asyncio.run(scenario())
    assert len(server.taken) == 4 + again
    assert len({parsed(content)["Message-ID"] for _, _, content in server.taken}) == 4
    assert len(server.sessions) == sessions + again
