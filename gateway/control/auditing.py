"""`audit export`: who looked at what and did what, the oldest first."""

from collections.abc import AsyncGenerator
from functools import partial
from typing import Literal

from pydantic import AwareDatetime

from gateway.control.desk import Desk
from gateway.control.protocol import Item, Moment, Request
from gateway.spool import audit

BATCH = 500


class ExportAudit(Request):
    do: Literal["audit export"] = "audit export"
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None  # not that moment itself


class ShownDeed(Item):
    number: int  # grows from row to row; where one is missing it was purged, or never committed
    at: Moment
    login: str
    address: str
    action: str
    job_id: str | None
    detail: str


async def exported(desk: Desk, request: ExportAudit) -> AsyncGenerator[ShownDeed, None]:
    after = 0
    while some := await desk.spool.read(
        partial(audit.following, after=after, since=request.since, until=request.until, limit=BATCH)
    ):
        for entry in some:
            deed = entry.deed
            yield ShownDeed(
                number=entry.number,
                at=deed.at,
                login=deed.login,
                address=deed.address,
                action=deed.action,
                job_id=deed.job_id,
                detail=deed.detail,
            )
        after = some[-1].number
