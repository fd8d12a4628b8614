"""What a restored backup does to its jobs (docs/architecture.md, "Storage and several daemons").

Whatever had not ended may have been faxed by the daemon that came after the backup. A look at the data centres that
finds nothing proves nothing: a report that was read since is deleted there. So each waits, held, until a report tells
what became of it, an operator releases it and takes a second fax into account, or `delivery.expire_after` is over.

What had ended without success may have been retried since: it is marked, so that a further retry asks first.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update

from gateway.spool import schema
from gateway.spool.attempts import RecordedAccount, keep_account
from gateway.spool.job import Job
from gateway.spool.jobs import Note, advance, load_many
from gateway.spool.outbox import DELAYED, withdraw
from gateway.spool.states import FINAL, Event

AT_ONCE = 500  # jobs in memory


def hold_restored(connection: Connection, backed_up_at: datetime, note: Note) -> int:
    """Holds every job that had not ended, and returns how many; marks the others. `note`: who restores, when."""
    open_ones = select(schema.job.c.id).where(schema.job.c.state.not_in(list(FINAL))).order_by(schema.job.c.created_at)
    ids = list(connection.execute(open_ones).scalars())
    ended = update(schema.job).where(schema.job.c.state.in_(list(FINAL)))
    connection.execute(ended.values(restored_at=note.at))
    said = f"restored from a backup of {backed_up_at:%Y-%m-%d %H:%M} UTC"
    for start in range(0, len(ids), AT_ONCE):
        for job in load_many(connection, ids[start : start + AT_ONCE]):
            _hold(connection, job, Note(note.actor, note.at, said))
    return len(ids)


def look_there_too(connection: Connection, account: RecordedAccount) -> None:
    """Makes the spool know the daemon's own account, where a restored job may have been sent there since its backup."""
    job = schema.job.c
    query = select(job.id).where(job.restored_at.is_not(None), job.account_id.is_(None), job.finished_at.is_(None))
    if connection.execute(query.limit(1)).first() is not None:
        keep_account(connection, account)


def _hold(connection: Connection, job: Job, note: Note) -> None:
    """Its deadlines count from the restore, and "not sent yet" isn't said any more: it may be wrong."""
    is_past = job.timing.ends_by is not None and job.timing.ends_by <= note.at
    changes = {
        "restored_at": note.at,
        "owner": None,
        "due_at": note.at,
        "start_at": max(job.start_at, note.at),
        "ends_by": None if is_past else job.timing.ends_by,
        "warned_at": job.warned_at or note.at,
        "late_told_at": job.late_told_at or note.at,
        "last_error": note.detail,
    }
    advance(connection, job, Event.RESTORED, note, changes=changes)
    withdraw(connection, job.id, DELAYED)
