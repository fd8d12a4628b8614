"""What senders have used of their quotas: counted in the transaction that takes a mail, so that none slips under.

SQLite has one writer. Daemons that share a spool on PostgreSQL take mails with quotas one after the other: a lock lasts
as long as the transaction. Without quotas there is no row, no query and no lock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select

from gateway.policy import Denied, Look
from gateway.policy.quotas import Amount, Quota, Used, exceeds, look, opens_at, refusal
from gateway.spool.locks import Lock, exclusively
from gateway.spool.schema import quota_use

KEPT = timedelta(days=1)  # the longest period


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose quotas a mail counts against; `quotas` isn't empty. `timezone`: of moments in a refusal."""

    sender: str
    quotas: tuple[Quota, ...]
    pages: int  # of the mail, for each recipient
    timezone: str


def enter(connection: Connection, mail_id: str, claim: Claim, recipients: int, at: datetime) -> Denied | None:
    """Writes what the mail uses; or says which quota is used up, and writes nothing."""
    exclusively(connection, Lock.QUOTAS)
    wanted = Amount(1, recipients, claim.pages * recipients)
    for quota in claim.quotas:
        denied = _judged(connection, quota, claim, wanted, at)[1]
        if denied is not None:
            return denied
    row = {"mail_id": mail_id, "sender": claim.sender, "at": at}
    row |= {"recipients": wanted.recipients, "pages": wanted.pages}
    connection.execute(insert(quota_use).values(row))
    return None


def looks(connection: Connection, claim: Claim, wanted: Amount, at: datetime) -> list[Look]:
    """What each quota says now; nothing is written."""
    found = ((quota, *_judged(connection, quota, claim, wanted, at)) for quota in claim.quotas)
    return [look(quota, used, denied) for quota, used, denied in found]


def forget(connection: Connection, now: datetime) -> None:
    """Removes what no period reaches any more."""
    connection.execute(delete(quota_use).where(quota_use.c.at <= now - KEPT))


def _judged(
    connection: Connection, quota: Quota, claim: Claim, wanted: Amount, at: datetime
) -> tuple[Amount, Denied | None]:
    table = quota_use.c
    sums = select(func.count(), func.coalesce(func.sum(table.recipients), 0), func.coalesce(func.sum(table.pages), 0))
    faxes, recipients, pages = connection.execute(_within(sums, quota, claim, at)).one()
    used = Amount(faxes, recipients, pages)
    if not exceeds(quota, used, wanted):
        return used, None
    listed = _within(select(table.at, table.recipients, table.pages), quota, claim, at).order_by(table.at)
    uses = [Used(row.at, Amount(1, row.recipients, row.pages)) for row in connection.execute(listed)]
    return used, refusal(quota, used, wanted, opens_at(quota, uses, wanted), claim.timezone)


def _within(query: Select[Any], quota: Quota, claim: Claim, at: datetime) -> Select[Any]:
    query = query.select_from(quota_use).where(quota_use.c.at > at - quota.lasts)
    return query if quota.of_all else query.where(quota_use.c.sender == claim.sender)
