"""What a crash left behind: a job in `submitting` whose owner is gone may be at the fax service, or not."""

from datetime import datetime

import structlog
from sqlalchemy import Connection

from gateway.spool import attempts, jobs
from gateway.spool.database import Database
from gateway.spool.jobs import Note
from gateway.spool.states import Event, State

log = structlog.get_logger()


async def recover(database: Database, now: datetime) -> int:
    """Puts every interrupted submission in doubt; returns how many. Only for the daemon that holds the spool alone."""

    def put_in_doubt(connection: Connection) -> list[str]:
        interrupted = jobs.in_states(connection, [State.SUBMITTING])
        for job in interrupted:
            note = Note("delivery", now, "the daemon stopped while it was being submitted")
            attempts.finish(connection, job, Event.PERHAPS_ARRIVED, note, due_at=now)
        return [job.id for job in interrupted]

    found = await database.write(put_in_doubt)
    for job_id in found:
        log.warning("in_doubt", job_id=job_id, reason="interrupted", hint="not sent again; its report is looked for")
    return len(found)
