"""One attempt to submit a job: its request, the commit before its first byte, the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection

from gateway.delivery.request import fax_job_request
from gateway.fax4a import Fax4AClient, FaxJobRequest, HttpStatusPush, Outcome, PerhapsArrived
from gateway.spool import attempts, jobs, pauses
from gateway.spool.attempts import RecordedAccount
from gateway.spool.content import ContentStore
from gateway.spool.database import Database
from gateway.spool.job import Job
from gateway.spool.lease import Lease
from gateway.spool.pauses import Activity

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Attempted:
    """`job` is `submitting` where the attempt began, else as it was."""

    job: Job
    outcome: Outcome


class Sending:
    """By one client, to one account."""

    def __init__(
        self,
        *,
        database: Database,
        contents: ContentStore,
        client: Fax4AClient,
        account: RecordedAccount,
        push: Callable[[str], HttpStatusPush] | None,
        lease: Lease,
        valid_for: timedelta,
    ) -> None:
        self._database = database
        self._contents = contents
        self._client = client
        self._account = account
        self._push = push  # where a job's report is pushed to, by its id
        self._lease = lease
        self._valid_for = valid_for
        self._account_kept = False  # in the spool

    async def send(self, job: Job, now: datetime) -> Attempted | None:
        """None: its time is over. Raises Overtaken, ForbiddenTransition, LeaseLost or Paused where it may not begin."""
        valid_until = min(now + self._valid_for, job.timing.ends_by or datetime.max.replace(tzinfo=UTC))
        if valid_until <= now:
            return None
        documents = await self._database.read(lambda connection: attempts.documents(connection, self._contents, job.id))
        push = self._push(job.id) if self._push is not None else None
        return await self._attempt(job, fax_job_request(job, documents, valid_until, push), now, valid_until)

    async def _attempt(self, job: Job, request: FaxJobRequest, now: datetime, valid_until: datetime) -> Attempted:
        begun: list[Job] = []

        def begin(connection: Connection) -> Job:
            self._lease.confirm(connection)
            pauses.refuse_if_paused(connection, Activity.SUBMIT)
            if not self._account_kept:
                attempts.keep_account(connection, self._account)
            attempts.start(connection, job, self._account.id, owner=self._lease.owner, at=now, valid_until=valid_until)
            return jobs.reload(connection, job)

        async def before_first_byte() -> None:
            begun.append(await self._database.write(begin))
            self._account_kept = True
            log.info("submitting", attempt=begun[0].attempts, documents=len(request.documents))

        try:
            outcome = await self._client.submit(request, before_first_byte=before_first_byte)
        except Exception as error:
            if not begun:
                raise
            # Whatever broke, the request may be there: never to be sent again as if it weren't.
            log.exception("submission_broken", hint="its report is looked for")
            outcome = PerhapsArrived(f"internal error: {type(error).__name__}")
        return Attempted(begun[0] if begun else job, outcome)
