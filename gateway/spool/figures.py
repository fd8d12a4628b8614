"""What the overview counts: jobs that came and ended over time, why faxes failed, when data centres were heard."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, String, cast, func, select

from gateway.fax4a.status import delivered
from gateway.spool import schema
from gateway.spool.states import State


class Step(Enum):
    """A bar of a chart: the format of its moment, whose text is the begin of the moments in it, and its width."""

    MINUTE = ("%Y-%m-%d %H:%M", timedelta(minutes=1))
    HOUR = ("%Y-%m-%d %H", timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Bar:
    begin: datetime
    received: int
    ended: Mapping[State, int]


@dataclass(frozen=True, slots=True)
class Failure:
    status: str  # as on the wire; empty: without a report
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours: a look at each job of them."""

    bars: list[Bar]
    failures: list[Failure]


@dataclass(frozen=True, slots=True)
class Datacenter:
    name: str
    read_at: datetime  # when its list of reports was last read whole


def last_day(connection: Connection, now: datetime) -> Day:
    return Day(bars(connection, now, Step.HOUR, 24), failures(connection, now - timedelta(days=1)))


def bars(connection: Connection, now: datetime, step: Step, count: int) -> list[Bar]:
    """The last `count` steps, the oldest first, those without a job too."""
    pattern, width = step.value
    first = datetime.strptime(now.astimezone(UTC).strftime(pattern), pattern).replace(tzinfo=UTC) - width * (count - 1)
    length = len(first.strftime(pattern))
    job = schema.job.c
    came, gone = (func.substr(cast(each, String), 1, length) for each in (job.created_at, job.finished_at))
    by_begin = select(came, func.count()).where(job.created_at >= first).group_by(came)
    received = {str(row[0]): int(row[1]) for row in connection.execute(by_begin)}
    ended: dict[str, dict[State, int]] = defaultdict(dict)
    by_state = select(gone, job.state, func.count()).where(job.finished_at >= first).group_by(gone, job.state)
    for begin, state, number in connection.execute(by_state):
        ended[begin][State(state)] = number
    moments = [first + width * index for index in range(count)]
    return [Bar(at, received.get(at.strftime(pattern), 0), ended.get(at.strftime(pattern), {})) for at in moments]


def failures(connection: Connection, since: datetime) -> list[Failure]:
    """Recipients without the fax, by status, of jobs that ended since; the most frequent first."""
    job, recipient = schema.job.c, schema.recipient.c
    missed = (State.FAILED, State.PARTLY_SENT, State.EXPIRED, State.UNKNOWN)
    query = (
        select(recipient.status, func.count())
        .join(schema.job, job.id == recipient.job_id)
        .where(job.finished_at >= since, job.state.in_(missed))
        .group_by(recipient.status)
    )
    counted = [Failure(status or "", number) for status, number in connection.execute(query)]
    return sorted((each for each in counted if not delivered(each.status)), key=lambda each: -each.count)


def datacenters(connection: Connection) -> list[Datacenter]:
    table = schema.list_read.c
    query = select(table.datacenter, func.max(table.read_at)).group_by(table.datacenter).order_by(table.datacenter)
    return [Datacenter(name, read_at) for name, read_at in connection.execute(query)]
