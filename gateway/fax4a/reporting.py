"""The five report operations, at one data centre each (Fax4A).

Never at the HA URL, whose answers about reports are inconsistent.
"""

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any

import aiohttp
import structlog
from pydantic import ValidationError
from yarl import URL

from gateway.fax4a.account import Account
from gateway.fax4a.errors import Refused, Unreachable, Unreadable
from gateway.fax4a.outcome import describe, message_of
from gateway.fax4a.report import (
    LARGEST_BULK,
    NOT_FOUND,
    BulkAction,
    BulkRequest,
    FaxReport,
    JobDeleteReport,
    Listed,
    read_deletions,
    read_reports,
)
from gateway.fax4a.transport import Transport

log = structlog.get_logger()

LARGEST_ANSWER = 64 * 1024 * 1024  # bytes: 1000 reports of several hundred recipients
OK = 200
ABSENT = 404


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    at: datetime | None  # by the service's clock


class Reporting:
    """Raises ReportError: Unreachable, Refused, Unreadable. KeyError for a data centre that the account hasn't."""

    def __init__(
        self, account: Account, transport: Transport, session: aiohttp.ClientSession, slots: asyncio.Semaphore
    ) -> None:
        self._account = account
        self._transport = transport
        self._total = (transport.connect_timeout + transport.response_timeout).total_seconds()
        self._session = session
        self._slots = slots

    async def oldest(self, datacenter: str) -> Listed:
        answer = await self._ask(datacenter, "GET")
        _only(datacenter, answer, OK)
        reports, unreadable = _read_reports(datacenter, answer.body)
        return Listed(tuple(reports), unreadable, answer.at)

    async def get_many(self, datacenter: str, job_ids: Iterable[str]) -> list[FaxReport]:
        found: list[FaxReport] = []
        for batch in _batches(job_ids):
            reports, _ = _read_reports(datacenter, await self._bulk(datacenter, BulkAction.GET, batch))
            found += reports
        return found

    async def get(self, datacenter: str, job_id: str) -> FaxReport | None:
        answer = await self._ask(datacenter, "GET", job_id)
        if answer.status == ABSENT and _says_absent(answer.body):
            return None
        _only(datacenter, answer, OK)
        try:
            return FaxReport.model_validate_json(answer.body)
        except ValidationError as error:
            raise Unreadable(datacenter, f"report {job_id} is none: {_faults(error)}") from None

    async def delete_many(self, datacenter: str, job_ids: Iterable[str]) -> list[JobDeleteReport]:
        done: list[JobDeleteReport] = []
        for batch in _batches(job_ids):
            done += _deletions(datacenter, await self._bulk(datacenter, BulkAction.DELETE, batch))
        return done

    async def delete(self, datacenter: str, job_id: str) -> JobDeleteReport:
        answer = await self._ask(datacenter, "DELETE", job_id)
        try:
            report = JobDeleteReport.model_validate_json(answer.body)
        except ValidationError as error:
            if answer.status == ABSENT and _says_absent(answer.body):
                return JobDeleteReport(job_id=job_id, deleted=False, reason=NOT_FOUND)
            _only(datacenter, answer, OK)
            raise Unreadable(datacenter, f"the deletion of {job_id} can't be read: {_faults(error)}") from None
        _only(datacenter, answer, OK, ABSENT)
        return report

    async def delete_oldest(self, datacenter: str) -> list[JobDeleteReport]:
        answer = await self._ask(datacenter, "DELETE")
        _only(datacenter, answer, OK)
        return _deletions(datacenter, answer.body)

    async def _bulk(self, datacenter: str, action: BulkAction, job_ids: Sequence[str]) -> bytes:
        request = BulkRequest(action=action, job_ids=tuple(job_ids))
        answer = await self._ask(datacenter, "POST", body=request.model_dump_json(by_alias=True).encode())
        # The Go SDK reads the list from a 404 too: some ids were found, others not.
        _only(datacenter, answer, *([OK, ABSENT] if _is_list(answer.body) else [OK]))
        return answer.body

    async def _ask(
        self, datacenter: str, method: str, job_id: str | None = None, *, body: bytes | None = None
    ) -> _Answer:
        base = self._account.datacenters[datacenter]
        url = URL(base) / self._account.customer_number / "fax" / "reports"
        # The login is no header of the session: aiohttp would hand those to the proxy too.
        headers = {"Authorization": self._account.authorization, **self._transport.headers_for(base)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        async with self._slots:
            try:
                async with (
                    asyncio.timeout(self._total),
                    self._session.request(
                        method,
                        url / job_id if job_id else url,
                        data=body,
                        headers=headers,
                        proxy_headers=self._transport.tunnel_headers_for(base),
                        allow_redirects=False,
                    ) as response,
                ):
                    return _Answer(response.status, await _read(datacenter, response), _date(response))
            except aiohttp.ClientPayloadError as error:
                raise Unreadable(datacenter, f"the answer is cut off: {describe(error)}") from error
            except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
                raise Unreachable(datacenter, f"no answer: {describe(error)}") from error


async def _read(datacenter: str, response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > LARGEST_ANSWER:
            raise Unreadable(datacenter, f"the answer is larger than {LARGEST_ANSWER} bytes")
    return bytes(body)


def _batches(job_ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(job_ids)
    while batch := list(islice(rest, LARGEST_BULK)):
        yield batch


def _only(datacenter: str, answer: _Answer, *good: int) -> None:
    if answer.status not in good:
        raise Refused(datacenter, answer.status, message_of(answer.body))


def _date(response: aiohttp.ClientResponse) -> datetime | None:
    """What the service's own clock said (RFC 9110 §6.6.1)."""
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _read_reports(datacenter: str, body: bytes) -> tuple[list[FaxReport], int]:
    """The reports, and how many there are that can't be read."""
    try:
        answer, broken = read_reports(_json(body))
    except ValueError as error:
        raise Unreadable(datacenter, str(error)) from None
    if broken:
        log.warning("unreadable_reports", datacenter=datacenter, count=broken, hint="the others are read")
    return list(answer.reports), broken


def _deletions(datacenter: str, body: bytes) -> list[JobDeleteReport]:
    try:
        answer, broken = read_deletions(_json(body))
    except ValueError as error:
        raise Unreadable(datacenter, str(error)) from None
    if broken:
        log.warning("unreadable_deletions", datacenter=datacenter, count=broken, hint="they are asked for again")
    return list(answer.reports)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("the answer is no JSON") from None


def _is_list(body: bytes) -> bool:
    try:
        value = _json(body)
    except ValueError:
        return False
    return isinstance(value, dict) and isinstance(value.get("reports"), list)


def _says_absent(body: bytes) -> bool:
    """Whether a 404 is the service's: empty, or its error object. A web server's page says that the URL is wrong."""
    if not body.strip():
        return True
    try:
        value = _json(body)
    except ValueError:
        return False
    return isinstance(value, dict)


def _faults(error: ValidationError) -> str:
    return ", ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
