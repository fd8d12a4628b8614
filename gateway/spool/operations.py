"""What an operator may do to a job, race-free with the workers: each is one conditional transition, or says why not."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.spool import lineage
from gateway.spool.job import Job
from gateway.spool.jobs import Note, Overtaken, advance
from gateway.spool.lineage import NotRetried
from gateway.spool.states import Event, ForbiddenTransition, State


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it, for the operator."""

    job_id: str
    said: str
    refused: bool = False


Operation = Callable[[Connection, Job, Note], Done]

TOO_LATE = {
    State.SUBMITTING: "it is being submitted at this moment: try again in a minute",
    State.SUBMITTED: "the fax service has it: only its portal can cancel it now",
    State.IN_DOUBT: "it perhaps is at the fax service: only its portal can cancel it now",
}


def cancel(connection: Connection, job: Job, note: Note) -> Done:
    """Before its submission; the sender is told."""
    if job.state in TOO_LATE or job.standing.perhaps_arrived:
        return Done(job.id, TOO_LATE.get(job.state, TOO_LATE[State.IN_DOUBT]), refused=True)
    return _moved(connection, job, Event.CANCELLED, note, "cancelled; its sender is told")


def hold(connection: Connection, job: Job, note: Note) -> Done:
    """It keeps its former state beside it; its deadline goes on."""
    if job.state is State.SUBMITTING:
        return Done(job.id, TOO_LATE[State.SUBMITTING], refused=True)
    return _moved(connection, job, Event.HELD, note, "held until it is released; its deadline goes on")


def release(connection: Connection, job: Job, note: Note) -> Done:
    return _moved(connection, job, Event.RELEASED, note, "released")


def retry(connection: Connection, job: Job, note: Note) -> Done:
    return _retried(connection, job, note, may_duplicate=False)


def retry_though_it_may_duplicate(connection: Connection, job: Job, note: Note) -> Done:
    return _retried(connection, job, note, may_duplicate=True)


def _retried(connection: Connection, job: Job, note: Note, *, may_duplicate: bool) -> Done:
    try:
        child = lineage.retry(connection, job, note, may_duplicate=may_duplicate)
    except NotRetried as reason:
        return Done(job.id, str(reason), refused=True)
    return Done(job.id, f"sent again as {child}")


def _moved(connection: Connection, job: Job, event: Event, note: Note, said: str) -> Done:
    changes = {"due_at": job.due_from(note.at)} if event is Event.RELEASED else None
    try:
        advance(connection, job, event, note, changes=changes)
    except (ForbiddenTransition, Overtaken) as reason:
        return Done(job.id, str(reason), refused=True)
    return Done(job.id, said)
