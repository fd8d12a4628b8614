"""What senders have used of their quotas: counted in the transaction that takes a mail, so that none slips under.

SQLite has one writer. Daemons that share a spool on PostgreSQL take mails with quotas one after the other: a lock lasts
as long as the transaction. Without quotas there is no row, no query and no lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from gateway.policy import Denied, Look
from gateway.policy.quotas import Amount, Period, Quota, Used, exceeds, look, opens_at, refusal
from gateway.spool.locks import Lock, exclusively
from gateway.spool.schema import quota_use

KEPT = timedelta(days=1)  # the longest period

# Built once: to build a statement costs more than to run it.
_INSERT = insert(quota_use)
_OF_ALL = quota_use.c.at > bindparam("since")
_OF_ONE = quota_use.c.sender == bindparam("sender")
_SUMS = select(
    func.count(),
    func.coalesce(func.sum(quota_use.c.recipients), 0),
    func.coalesce(func.sum(quota_use.c.pages), 0),
).where(_OF_ALL)
_SUMS_OF_ONE = _SUMS.where(_OF_ONE)
_USES = select(quota_use.c.at, quota_use.c.recipients, quota_use.c.pages).where(_OF_ALL).order_by(quota_use.c.at)
_USES_OF_ONE = _USES.where(_OF_ONE)


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose quotas a mail counts against; `quotas` isn't empty. `timezone`: of moments in a refusal."""

    sender: str
    quotas: tuple[Quota, ...]
    pages: int  # of the mail, for each recipient
    timezone: str


@dataclass(slots=True)
class Ledger:
    """The quotas in one transaction that takes mails: what was used is read once for all of them."""

    connection: Connection
    _used: dict[tuple[str | None, Period], Amount] = field(default_factory=dict)  # None: of all senders
    _rows: list[dict[str, Any]] = field(default_factory=list)

    def enter(self, mail_id: str, claim: Claim, recipients: int, at: datetime) -> Denied | None:
        """Notes what the mail uses; or says which quota is used up, and notes nothing."""
        wanted = Amount(1, recipients, claim.pages * recipients)
        for quota in claim.quotas:
            used = self._used_of(quota, claim, at)
            if exceeds(quota, used, wanted):
                self.write()
                return _refusal(self.connection, quota, claim, used, wanted, at)
        for scope, period in self._used:
            if scope in {None, claim.sender}:
                self._used[scope, period] += wanted
        row = {"mail_id": mail_id, "sender": claim.sender, "at": at}
        self._rows.append(row | {"recipients": wanted.recipients, "pages": wanted.pages})
        return None

    def write(self) -> None:
        if self._rows:
            self.connection.execute(_INSERT, self._rows)
            self._rows.clear()

    def _used_of(self, quota: Quota, claim: Claim, at: datetime) -> Amount:
        key = (None if quota.of_all else claim.sender, quota.period)
        if key not in self._used:
            if not self._used:
                exclusively(self.connection, Lock.QUOTAS)
            self.write()
            self._used[key] = _used(self.connection, quota, claim, at)
        return self._used[key]


def looks(connection: Connection, claim: Claim, wanted: Amount, at: datetime) -> list[Look]:
    """What each quota says now; nothing is written."""
    found = []
    for quota in claim.quotas:
        used = _used(connection, quota, claim, at)
        too_much = exceeds(quota, used, wanted)
        denied = _refusal(connection, quota, claim, used, wanted, at) if too_much else None
        found.append(look(quota, used, denied))
    return found


def forget(connection: Connection, now: datetime) -> None:
    """Removes what no period reaches any more."""
    connection.execute(delete(quota_use).where(quota_use.c.at <= now - KEPT))


def _used(connection: Connection, quota: Quota, claim: Claim, at: datetime) -> Amount:
    query = _SUMS if quota.of_all else _SUMS_OF_ONE
    faxes, recipients, pages = connection.execute(query, _bound(quota, claim, at)).one()
    return Amount(faxes, recipients, pages)


def _refusal(connection: Connection, quota: Quota, claim: Claim, used: Amount, wanted: Amount, at: datetime) -> Denied:
    query = _USES if quota.of_all else _USES_OF_ONE
    rows: Sequence[Any] = connection.execute(query, _bound(quota, claim, at)).all()
    uses = [Used(row.at, Amount(1, row.recipients, row.pages)) for row in rows]
    return refusal(quota, used, wanted, opens_at(quota, uses, wanted), claim.timezone)


def _bound(quota: Quota, claim: Claim, at: datetime) -> dict[str, object]:
    bound: dict[str, object] = {"since": at - quota.lasts}
    return bound if quota.of_all else bound | {"sender": claim.sender}
