"""Starts the parts in the order in which they need each other, runs them until told to stop, and stops them in reverse.

A part that breaks stops the daemon with its error: better an operator who looks than a gateway that takes mail and
sends nothing. What was accepted stands in the spool either way.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom

import structlog

from gateway import __version__
from gateway.config import Settings
from gateway.daemon import wiring
from gateway.daemon.checks import cover_problems
from gateway.daemon.control import Origin, control
from gateway.daemon.dashboard import dashboard
from gateway.daemon.mail_front import MailFront
from gateway.daemon.monitoring import monitoring
from gateway.daemon.push import AskForPush, pushes
from gateway.daemon.reload import LatestTreatments
from gateway.delivery.deadlines import Deadlines
from gateway.delivery.recovery import Recovery
from gateway.delivery.submitter import Submitter
from gateway.documents.converter import Converters
from gateway.documents.converter.confinement import missing_confinements
from gateway.fax4a import Fax4AClient
from gateway.intake.acceptance import Intake
from gateway.intake.options import Treatments
from gateway.intake.preparation import Preparer
from gateway.monitor.machine import LoopLag
from gateway.monitor.metrics import Metrics
from gateway.notify.letters import Letters
from gateway.notify.sender import OutboxSender
from gateway.spool.attempts import RecordedAccount, recorded
from gateway.spool.bell import Bell
from gateway.spool.content import ContentStore
from gateway.spool.database import Database
from gateway.spool.housekeeping import Housekeeping
from gateway.spool.in_hand import InHand
from gateway.spool.lease import Lease
from gateway.spool.migrations import newest, upgrade
from gateway.spool.pauses import Activity, PauseWatch
from gateway.spool.place import Place
from gateway.spool.restored import look_there_too
from gateway.spool.rounds import until_done
from gateway.systemd.inherited import InheritedSockets
from gateway.tracking.tracker import Tracker

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bells:
    """Who is told that something is due."""

    received: Bell
    prepared: Bell
    submitted: Bell
    said: Bell

    def ring(self) -> None:
        """Somebody has moved jobs from outside."""
        for bell in (self.received, self.prepared, self.submitted, self.said):
            bell.ring()


@dataclass(frozen=True, slots=True)
class Running:
    """Of a daemon that takes mail: what can be changed while it does."""

    front: MailFront
    treatments: LatestTreatments


def clock() -> datetime:
    return datetime.now(UTC)


async def serve(
    settings: Settings,
    spool: Place,
    *,
    origin: Origin,
    metrics: Metrics,
    ready: Callable[[Running], None],
    stop: asyncio.Event,
    sockets: InheritedSockets,
) -> None:
    """Runs until `stop` is set. `ready` is called once mail is accepted. `sockets` are used where one fits an address.

    Raises SpoolLocked where another daemon has the spool, CertificateUnusable where TLS can't be offered, OSError where
    an address can't be listened on.
    """
    log.info("starting", version=__version__, spool=str(spool))
    for problem in cover_problems(settings, wiring.covers(settings)):
        log.warning("cover_broken", cover=problem.subject, problem=problem.sentence)
    for missing in missing_confinements():  # the dashboard's pages are drawn by children in any case
        log.warning("converter_less_confined", missing=missing)
    async with AsyncExitStack() as stack:
        database = Database.open(spool)
        await asyncio.to_thread(upgrade, spool)
        await stack.enter_async_context(database)
        lease = await stack.enter_async_context(Lease(database, host=settings.hostname, schema=newest()))
        await _run_parts(
            settings, database, lease, stack, origin=origin, metrics=metrics, ready=ready, stop=stop, sockets=sockets
        )
    log.info("stopped")


async def _run_parts(
    settings: Settings,
    database: Database,
    lease: Lease,
    stack: AsyncExitStack,
    *,
    origin: Origin,
    metrics: Metrics,
    ready: Callable[[Running], None],
    stop: asyncio.Event,
    sockets: InheritedSockets,
) -> None:
    bells = Bells(Bell(), Bell(), Bell(), Bell())
    contents = wiring.content_store(settings, database.place)
    client = await stack.enter_async_context(wiring.client(settings))
    converters = stack.enter_context(Converters(wiring.converter_start(settings)))
    treatments = LatestTreatments(settings)
    intake = build_intake(settings, treatments, database, contents, bells, converters)
    lag = LoopLag()
    watch = PauseWatch(database=database, resumed=bells.prepared.ring)
    await watch.look()  # before the first mail
    tracker = _tracker(settings, database, client, stack, bells)
    push = await stack.enter_async_context(pushes(settings, database, tracker.filing, sockets))
    recovery = Recovery(database=database, clock=clock)
    await database.write(lambda connection: look_there_too(connection, recorded(client.account)))
    in_hand = InHand(database, lease)
    submitter = _submitter(settings, database, lease, in_hand, contents, client, bells, push)

    async def submit() -> None:
        """Mail is taken meanwhile, and the lease renewed: there may be much to recover."""
        await until_done("recovery", recovery.look)
        await submitter.run()

    workers = [
        lag.run(),
        watch.run(),
        _preparer(settings, database, in_hand, contents, bells, converters, intake).run(),
        submit(),
        Deadlines(database=database, rules=wiring.deadline_rules(settings), said=bells.said, clock=clock).run(),
        Housekeeping(database=database, contents=contents, rules=wiring.retention_rules(settings), clock=clock).run(),
        tracker.run(),
        _outbox_sender(settings, database, in_hand, contents, bells).run(),
        *([lease.run(), recovery.run()] if database.is_shared else []),  # a worker that ends ends the daemon
    ]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(worker) for worker in workers]
        front = MailFront(settings, intake, database, paused=lambda: watch.is_paused(Activity.ACCEPT), sockets=sockets)
        pages = dashboard(
            lambda: treatments.settings,
            treatments=treatments,
            database=database,
            contents=contents,
            intake=intake,
            converters=converters,
            letters=_letters(settings, database, contents),
            wake=bells.ring,
            sockets=sockets,
        )
        commands = control(
            settings,
            lambda: treatments.settings,
            spool=database.place,
            database=database,
            contents=contents,
            origin=origin,
            moved=bells.ring,
            switched=watch.look,
        )
        async with monitoring(settings, database, metrics, front, lag, stop, sockets), pages, commands, front:
            for unused in sockets.left:
                hint = "no listener of the configuration has this address, and none is named like this socket"
                log.warning("socket_unused", name=unused.name, address=unused.address, hint=hint)
            ready(Running(front, treatments))
            await _until_stopped(stop, tasks)
            log.info("stopping")
        for task in tasks:
            task.cancel()


async def _until_stopped(stop: asyncio.Event, tasks: Sequence[asyncio.Task[None]]) -> None:
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def build_intake(
    settings: Settings,
    treatments: Treatments,
    database: Database,
    contents: ContentStore,
    bells: Bells,
    converters: Converters,
) -> Intake:
    return Intake(
        rules=wiring.intake_rules(settings),
        treatments=treatments,
        covers=wiring.covers(settings),
        converters=converters,
        database=database,
        contents=contents,
        received=bells.received,
        said=bells.said,
        clock=clock,
    )


def _preparer(
    settings: Settings,
    database: Database,
    in_hand: InHand,
    contents: ContentStore,
    bells: Bells,
    converters: Converters,
    intake: Intake,
) -> Preparer:
    return Preparer(
        database=database,
        in_hand=in_hand,
        contents=contents,
        covers=wiring.covers(settings),
        converters=converters,
        received=bells.received,
        prepared=bells.prepared,
        said=bells.said,
        clock=clock,
        until_quiet=intake.until_quiet,
    )


def _submitter(
    settings: Settings,
    database: Database,
    lease: Lease,
    in_hand: InHand,
    contents: ContentStore,
    client: Fax4AClient,
    bells: Bells,
    push: AskForPush | None,
) -> Submitter:
    return Submitter(
        database=database,
        contents=contents,
        client=client,
        account=recorded(client.account),
        rules=wiring.submit_rules(settings),
        push=push,
        lease=lease,
        in_hand=in_hand,
        prepared=bells.prepared,
        submitted=bells.submitted,
        said=bells.said,
        clock=clock,
        chance=SystemRandom(),
    )


def _tracker(
    settings: Settings, database: Database, client: Fax4AClient, stack: AsyncExitStack, bells: Bells
) -> Tracker:
    clients = {recorded(client.account).id: client}

    async def connect(account: RecordedAccount) -> Fax4AClient | None:
        """A job is followed where it was sent, whatever the URLs are today: the login is what must still be ours."""
        if account.id not in clients and account.is_login_of(client.account):
            elsewhere = wiring.client_at(settings, account)
            clients[account.id] = await stack.enter_async_context(elsewhere)
        return clients.get(account.id)

    return Tracker(database=database, connect=connect, submitted=bells.submitted, said=bells.said, clock=clock)


def _outbox_sender(
    settings: Settings, database: Database, in_hand: InHand, contents: ContentStore, bells: Bells
) -> OutboxSender:
    return OutboxSender(
        database=database,
        in_hand=in_hand,
        letters=_letters(settings, database, contents),
        smarthost=wiring.smarthost(settings),
        postmaster=settings.notify.postmaster,
        said=bells.said,
        clock=clock,
        chance=SystemRandom(),
    )


def _letters(settings: Settings, database: Database, contents: ContentStore) -> Letters:
    return Letters(
        database=database,
        contents=contents,
        sender=settings.notify.sender,
        reporting_mta=settings.hostname,
        expire_after=settings.delivery.expire_after,
        language=settings.report.language,
    )
