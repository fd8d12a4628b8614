"""After the 250: documents are made, stored, and what was done to them stands in the job's events."""

import asyncio
import io
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pikepdf
import structlog
from PIL import Image
from sqlalchemy import select

from gateway.documents.converter import Converters, Start, Unavailable
from gateway.documents.converter.children import start_child
from gateway.documents.converter.worker import Worker
from gateway.documents.cover import Covers
from gateway.intake.preparation import Preparer
from gateway.spool import attempts, schema
from gateway.spool.bell import Bell
from gateway.spool.states import State


def locked_pdf() -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(target, encryption=pikepdf.Encryption(user="", owner="secret"))
    return target.getvalue()


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(target, "PNG")
    return target.getvalue()


def mail(*files: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Angebot"
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


async def prepared(
    open_spool: Any, samples: Any, raw: bytes, start: Start = start_child
) -> tuple[State, list[str], list[str]]:
    """The job's state, the names of its documents, what its events say."""

    async def quiet(_longest: timedelta) -> None:
        pass

    def now() -> datetime:
        moment: datetime = samples.now
        return moment

    async with open_spool() as spool:
        taken = await samples.take(spool, samples.job("+4989123456"), raw=raw)
        with Converters(start) as converters:
            preparer = Preparer(
                database=spool.database,
                in_hand=spool.in_hand,
                contents=spool.contents,
                covers=Covers(),
                converters=converters,
                received=Bell(),
                prepared=Bell(),
                said=Bell(),
                clock=now,
                until_quiet=quiet,
            )
            assert await preparer.look() == 1
        job = await samples.load(spool, taken.job_ids[0])
        documents = await spool.database.read(lambda c: attempts.documents(c, spool.contents, job.id))
        events = await spool.database.read(lambda c: [row.detail for row in c.execute(select(schema.event))])
        return job.standing.state, [each.name for each in documents], events


def test_what_was_rewritten_is_an_event_of_the_job(open_spool: Any, samples: Any) -> None:
    files = mail(("Vertrag.pdf", locked_pdf()), ("Foto.png", picture()))
    state, documents, events = asyncio.run(prepared(open_spool, samples, files))
    assert state is State.PREPARED
    assert documents == ["Vertrag.pdf", "Foto.pdf"]
    told = [event for event in events if event and "SHA-256" in event]
    assert len(told) == 2
    assert told[0].startswith("Vertrag.pdf is not sent as it came: its owner's password has been taken off; SHA-256 ")
    assert told[1].startswith("Foto.png is not sent as it came: the picture has been put on a page of a PDF; SHA-256 ")


def test_what_was_taken_undecided_and_cannot_be_faxed_fails_the_job(open_spool: Any, samples: Any) -> None:
    state, documents, events = asyncio.run(prepared(open_spool, samples, mail(("a.png", picture()[:-40]))))
    assert state is State.FAILED
    assert documents == []
    assert "a.png is a damaged picture" in events


def test_while_no_converter_can_be_had_a_job_waits(open_spool: Any, samples: Any) -> None:
    def start(*, office: bool, deadline: float) -> Worker:
        raise Unavailable("the service is down")

    with structlog.testing.capture_logs() as logged:
        state, documents, _ = asyncio.run(prepared(open_spool, samples, mail(("a.png", picture())), start))
    assert (state, documents) == (State.RECEIVED, [])
    assert [(each["event"], each["error"]) for each in logged] == [("converter_unavailable", "the service is down")]
