"""After the 250: the documents of a received job are made and stored, and the job is prepared."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

import structlog
from sqlalchemy import Connection

from gateway.documents.assembly import Assembled, Makers, assemble
from gateway.documents.converter import Converters, Unavailable
from gateway.documents.cover import Covers
from gateway.documents.planning import Opened, Plan, plan
from gateway.documents.unfaxable import Unfaxable
from gateway.intake.context import cover_context
from gateway.intake.directives import unheeded
from gateway.intake.examination import document_limits, fax_rules, mail_limits
from gateway.mail import parse_mail
from gateway.spool import attempts, jobs
from gateway.spool.attempts import StoredDocument
from gateway.spool.bell import Bell
from gateway.spool.content import ContentStore
from gateway.spool.database import Database
from gateway.spool.in_hand import InHand
from gateway.spool.job import Job
from gateway.spool.jobs import Note, Overtaken, new_id
from gateway.spool.rounds import rounds
from gateway.spool.states import Event, ForbiddenTransition, State

log = structlog.get_logger()

AT_ONCE = 16  # jobs in one round
AT_A_TIME = 4  # of them: one waits for the disk while another one is made
LONGEST_SLEEP = timedelta(seconds=5)
RETRY = timedelta(minutes=1)
# A job waits so long for mails that are just being accepted: their senders wait for a reply, nobody for a document.
LONGEST_COURTESY = timedelta(milliseconds=250)
# For the documents of one job, to look at them and once more to make them fit; nobody waits for a reply by now.
OPENED_WITHIN = timedelta(minutes=10)


class Preparer:
    """Takes received jobs in the order of their arrival; ``run`` until cancelled."""

    def __init__(
        self,
        *,
        database: Database,
        in_hand: InHand,
        contents: ContentStore,
        covers: Covers,
        converters: Converters,
        received: Bell,
        prepared: Bell,
        said: Bell,
        clock: Callable[[], datetime],
        until_quiet: Callable[[timedelta], Awaitable[None]],
    ) -> None:
        self._database = database
        self._in_hand = in_hand
        self._contents = contents
        self._covers = covers
        self._converters = converters
        self._received = received
        self._prepared = prepared
        self._said = said
        self._clock = clock
        self._until_quiet = until_quiet

    async def run(self) -> None:
        await rounds("preparation", self._round)

    async def _round(self) -> None:
        if await self.look() < AT_ONCE:
            await self._received.wait(LONGEST_SLEEP)

    async def look(self) -> int:
        """One round; returns how many jobs it found."""
        found = await self._in_hand.received(self._clock(), AT_ONCE)
        places = asyncio.Semaphore(AT_A_TIME)
        async with asyncio.TaskGroup() as group:
            for job in found:
                await places.acquire()
                await self._until_quiet(LONGEST_COURTESY)
                group.create_task(self._prepare_in(places, job))
        return len(found)

    async def _prepare_in(self, places: asyncio.Semaphore, job: Job) -> None:
        with structlog.contextvars.bound_contextvars(job_id=job.id, message_id=job.mail.message_id):
            try:
                await self._prepare(job)
            except (Overtaken, ForbiddenTransition) as overtaken:
                log.info("preparation_dropped", reason=str(overtaken))
            except Unavailable as unavailable:
                log.warning("converter_unavailable", error=str(unavailable), hint="tried again in a minute")
                await self._try_later(job)
            except Exception:
                log.exception("preparation_broken", hint="tried again until delivery.expire_after is over")
                await self._try_later(job)
            finally:
                places.release()

    async def _prepare(self, job: Job) -> None:
        raw = await self._database.read(lambda connection: self._contents.load(connection, job.mail.content_id))
        made = await asyncio.to_thread(documents_of, job, await raw.read(), self._covers, self._converters)
        match made:
            case Unfaxable():
                await self._fail(job, made)
            case Assembled():
                await self._keep(job, made)
            case _:
                assert_never(made)

    async def _keep(self, job: Job, made: Assembled) -> None:
        stored = [
            StoredDocument(document.name, document.charset, await self._contents.keep(new_id(), document.data))
            for document in made.documents
        ]
        note = Note("intake", self._clock(), ", ".join(document.name for document in made.documents))

        def keep(connection: Connection) -> None:
            attempts.keep_documents(connection, job, stored, note)
            for warning in made.warnings:
                jobs.record(connection, job.id, "changed", Note("intake", note.at, warning))

        await self._database.write(keep)
        log.info("prepared", documents=[document.name for document in stored], warnings=list(made.warnings))
        self._prepared.ring()

    async def _fail(self, job: Job, why: Unfaxable) -> None:
        note = Note("intake", self._clock(), why.sentence)
        await self._database.write(lambda connection: jobs.advance(connection, job, Event.UNPREPARABLE, note))
        log.warning("unpreparable", reason=why.sentence)
        self._said.ring()

    async def _try_later(self, job: Job) -> None:
        due_at = self._clock() + RETRY
        await self._database.write(lambda connection: jobs.postpone(connection, [job.id], [State.RECEIVED], due_at))


def documents_of(job: Job, raw: bytes, covers: Covers, converters: Converters) -> Assembled | Unfaxable:
    """The documents of a job, made from its mail."""
    mail = replace(parse_mail(raw, mail_limits(job.options)), subject=job.mail.subject)  # without directives
    rules, limits = fax_rules(job.options), document_limits(job.options)
    seconds = OPENED_WITHIN.total_seconds()
    opened = Opened(converters.look_within(limits, seconds), converters.unpack_within(limits, seconds))
    planned = plan(mail, rules, limits, mail_limits(job.options), opened)
    match planned:
        case Unfaxable():
            return planned
        case Plan():
            makers = Makers(
                converters.convert_within(limits, job.options.paper_format or "A4", seconds),
                converters.leave_out_blanks_within(limits, seconds),
            )
            made = assemble(planned, rules, limits, covers, cover_context(job, planned), makers)
            if isinstance(made, Assembled):
                return replace(made, warnings=(*unheeded(mail), *made.warnings))
            return made
        case _:
            assert_never(planned)
