"""The control socket of this daemon: what it is asked beyond the spool is done by rooms that it doesn't know."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.config import ConfigError, Settings
from gateway.config.changes import changed_keys, needs_restart
from gateway.control.desk import Asked, Desk, Errands
from gateway.control.found import Found
from gateway.control.server import ControlServer
from gateway.daemon.checks import Finding, Level, findings
from gateway.daemon.explaining import explained, question_of, quota_looks, treatment_of
from gateway.spool.content import ContentStore
from gateway.spool.database import Database
from gateway.spool.place import Place


@dataclass(frozen=True, slots=True)
class Origin:
    """What the daemon was started from. `read_again` raises ConfigError."""

    socket: Path
    configuration: Path | None
    read_again: Callable[[], Settings]


def control(
    started_with: Settings,
    current: Callable[[], Settings],
    *,
    spool: Place,
    database: Database,
    contents: ContentStore,
    origin: Origin,
    moved: Callable[[], None],
    switched: Callable[[], Awaitable[None]],
) -> ControlServer:
    async def checked() -> AsyncIterator[Found]:
        for finding in await asyncio.to_thread(lambda: list(_configuration(started_with, current(), origin))):
            yield found(finding)
        async for finding in findings(current(), spool):
            yield found(finding)

    async def policy(asked: Asked) -> AsyncIterator[Found]:
        question = question_of(asked, datetime.now(UTC))
        treatment = treatment_of(current(), question)
        looks = await database.read(lambda connection: quota_looks(connection, treatment, question))
        for finding in explained(current(), question, looks):
            yield found(finding)

    errands = Errands(
        moved=moved,
        switched=switched,
        findings=checked,
        explained=policy,
    )
    desk = Desk(spool=database, place=spool, contents=contents, errands=errands, clock=lambda: datetime.now(UTC))
    return ControlServer(origin.socket, desk, origin.configuration)


def found(finding: Finding) -> Found:
    return Found(subject=finding.subject, level=finding.level.value, sentence=finding.sentence)


def _configuration(started_with: Settings, current: Settings, origin: Origin) -> Iterator[Finding]:
    """Whether what is loaded is what stands in the file, and is in effect."""
    subject = "configuration"
    try:
        written = origin.read_again()
    except ConfigError as error:
        problems = "; ".join(error.problems)
        yield Finding(
            subject, Level.FAULT, f"a restart would fail, the daemon goes on with what it has loaded: {problems}"
        )
        return
    unread = changed_keys(written, current)
    waiting = [key for key in changed_keys(current, started_with) if needs_restart(key)]
    if unread:
        yield Finding(subject, Level.WARNING, f"changed since it was loaded, reload: {', '.join(unread)}")
    if waiting:
        yield Finding(subject, Level.WARNING, f"loaded, but in effect only after a restart: {', '.join(waiting)}")
    if not unread and not waiting:
        yield Finding(subject, Level.OK, "what is written is in effect")
