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

# A lookup that finds nothing proves nothing: a report that was read after the backup is gone at the data centres.
PERHAPS_SENT_SINCE = "it comes from a backup and was perhaps faxed since: ask the recipient first"


def cancel(connection: Connection, job: Job, note: Note) -> Done:
    """Before its submission; the sender is told."""
    if job.state in TOO_LATE or job.standing.perhaps_there:
        return Done(job.id, TOO_LATE.get(job.state, TOO_LATE[State.IN_DOUBT]), refused=True)
    return _moved(connection, job, Event.CANCELLED, note, "cancelled; its sender is told")


def hold(connection: Connection, job: Job, note: Note) -> Done:
    """It keeps its former state beside it; its deadline goes on."""
    if job.state is State.SUBMITTING:
        return Done(job.id, TOO_LATE[State.SUBMITTING], refused=True)
    return _moved(connection, job, Event.HELD, note, "held until it is released; its deadline goes on")


def release(connection: Connection, job: Job, note: Note) -> Done:
    """Of a backup's only by who says that it may be faxed twice, as the next one does."""
    if job.state is State.HELD and job.standing.restored:
        return Done(job.id, f"{PERHAPS_SENT_SINCE}, then say --may-duplicate to let it go on", refused=True)
    return release_though_it_may_duplicate(connection, job, note)


def release_though_it_may_duplicate(connection: Connection, job: Job, note: Note) -> Done:
    if job.state is State.HELD and lineage.purged(connection, job):
        return Done(job.id, "its documents are gone: ask its sender for the mail", refused=True)
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
    if event is Event.RELEASED and job.standing.restored:
        # A backup's job may be long past its deadlines: they count from the release.
        start_at = max(note.at, job.start_at)
        changes = {"due_at": start_at, "start_at": start_at}
    try:
        advance(connection, job, event, note, changes=changes)
    except (ForbiddenTransition, Overtaken) as reason:
        return Done(job.id, str(reason), refused=True)
    return Done(job.id, said)
