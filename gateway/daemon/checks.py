"""What can be wrong with an installation, looked at before it matters: one finding for each thing that is needed.

Nothing is changed by looking, and nothing is sent: at the fax service only the lists of reports are read.
"""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import aiosmtplib

from gateway.config import Settings
from gateway.daemon import wiring
from gateway.documents.converter import Unavailable
from gateway.documents.converter.confinement import missing_confinements
from gateway.documents.cover import Covers
from gateway.documents.libmagic import LibmagicMissing, libmagic
from gateway.documents.libreoffice import office_available
from gateway.fax4a import Fax4AClient, Fax4AError
from gateway.fax4a.errors import Refused, ReportError
from gateway.fax4a.report import FaxReport
from gateway.smtp.tls import Certificate, CertificateUnusable, certificate_end
from gateway.spool import pauses
from gateway.spool.database import write_once
from gateway.spool.migrations import differences

RENEWED_BEFORE = timedelta(days=14)  # that a certificate should have been
LONGEST_CONNECT = 10.0  # seconds
UNAUTHORIZED = frozenset({401, 403})
_OUR_REFERENCE = re.compile(r"[0-9a-f]{32}")  # a job's id


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """`sentence` says what is so, and for a fault what to do."""

    subject: str
    level: Level
    sentence: str


async def findings(settings: Settings, spool: Path) -> AsyncIterator[Finding]:
    """In the order in which an operator would look."""
    for finding in (*_covers(settings), *_spool(spool), *_certificate(settings), *_documents(settings)):
        yield finding
    yield await _smarthost(settings)
    async for finding in _fax_service(settings):
        yield finding


def cover_problems(settings: Settings, covers: Covers) -> Iterator[Finding]:
    """What is wrong with the templates that the configuration names."""
    names = {settings.cover.template, *(profile.cover for profile in settings.profile if profile.cover)}
    for name in sorted(names):
        for problem in covers.problems(name):
            yield Finding(f"cover {name}", Level.FAULT, f"{problem}; until it is mended the bundled cover is used")


def _covers(settings: Settings) -> Iterator[Finding]:
    problems = list(cover_problems(settings, wiring.covers(settings)))
    yield from problems or [Finding("covers", Level.OK, "every template that is used gives a page")]


def _spool(spool: Path) -> Iterator[Finding]:
    if not os.access(spool.parent, os.W_OK | os.X_OK):
        yield Finding("spool", Level.FAULT, f"{spool.parent} can't be written; create it, owned by this user")
    elif not spool.exists():
        yield Finding("spool", Level.OK, f"{spool} will be made at the first start")
    elif differences(spool):
        yield Finding("spool", Level.WARNING, f"{spool} has the schema of another release; the next start upgrades it")
    else:
        yield Finding("spool", Level.OK, f"{spool} has the schema of this release")
        for switch in write_once(spool, pauses.standing):
            yield Finding(switch.activity, Level.WARNING, f"{switch}; `fax-gateway resume {switch.activity}` ends it")


def _certificate(settings: Settings) -> Iterator[Finding]:
    chain, key = settings.tls.certificate, settings.tls.private_key
    if chain is None or key is None:
        return
    try:
        Certificate(chain, key, min_version=settings.tls.min_version)
        ends = certificate_end(chain)
    except CertificateUnusable as error:
        yield Finding("certificate", Level.FAULT, str(error))
        return
    if ends is None:
        yield Finding("certificate", Level.FAULT, f"{chain} holds no certificate that can be read")
        return
    left = ends - datetime.now(UTC)
    level = Level.FAULT if left <= timedelta() else Level.WARNING if left < RENEWED_BEFORE else Level.OK
    yield Finding("certificate", level, f"{chain} is good until {ends:%Y-%m-%d %H:%M} UTC")


def _documents(settings: Settings) -> Iterator[Finding]:
    try:
        magic = libmagic()
        yield Finding("libmagic", Level.OK, f"{magic.version // 100}.{magic.version % 100:02}, {magic.origin}")
    except LibmagicMissing as missing:
        yield Finding("libmagic", Level.FAULT, str(missing))
    if office_available():
        yield Finding("LibreOffice", Level.OK, "office documents can be faxed")
    else:
        yield Finding("LibreOffice", Level.WARNING, "is not installed: office documents are refused")
    for missing_one in missing_confinements():
        yield Finding("converter", Level.WARNING, f"this kernel has no {missing_one}")
    yield from converter_service(settings)


def converter_service(settings: Settings) -> Iterator[Finding]:
    """Whether it starts a process for whoever asks here; nothing where the daemon does without it."""
    if settings.documents.converter == "children":
        return
    start, deadline = wiring.converter_start(settings), time.monotonic() + LONGEST_CONNECT
    try:
        start(office=False, deadline=deadline).end()
    except Unavailable as error:
        yield Finding("converter", Level.FAULT, f"{error}; is fax-gateway-convert.socket started, is this its user?")
    else:
        yield Finding("converter", Level.OK, f"the service at {settings.documents.converter} starts processes")


async def _smarthost(settings: Settings) -> Finding:
    host = wiring.smarthost(settings)
    where = f"notify.smarthost {host.host}:{host.port}"
    connection = aiosmtplib.SMTP(
        hostname=host.host,
        port=host.port,
        use_tls=host.tls == "tls",
        start_tls=host.tls == "starttls",
        username=host.username or None,
        password=host.password or None,
        timeout=LONGEST_CONNECT,
    )
    try:
        async with connection:
            return Finding("smarthost", Level.OK, f"{where} takes our mails")
    except (aiosmtplib.SMTPException, OSError) as error:
        return Finding("smarthost", Level.FAULT, f"{where}: {error}; words to senders wait until it answers")


async def _fax_service(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.retarus.username or not settings.retarus.password.get_secret_value():
        yield Finding("fax service", Level.FAULT, "retarus.username and retarus.password are not set")
        return
    try:
        async with wiring.client(settings) as client:
            names = list(wiring.account(settings).datacenters)
            for answer in await asyncio.gather(*(_data_center(client, name) for name in names)):
                yield answer
    except Fax4AError as error:
        yield Finding("fax service", Level.FAULT, f"{error}; see docs/configuration.md, [retarus]")


async def _data_center(client: Fax4AClient, name: str) -> Finding:
    subject = f"fax service {name}"
    try:
        reports = (await client.list_reports(name)).reports
    except Refused as refused:
        hint = "; is the login right, and may this address use it?" if refused.code in UNAUTHORIZED else ""
        return Finding(subject, Level.FAULT, f"{refused}{hint}".removeprefix(f"{name}: "))
    except ReportError as error:
        return Finding(subject, Level.FAULT, str(error).removeprefix(f"{name}: "))
    foreign = [report for report in reports if not _is_ours(report)]
    if foreign:
        return Finding(
            subject,
            Level.WARNING,
            f"has {len(foreign)} reports of somebody else; give the gateway a login of its own, or they may hide ours",
        )
    return Finding(subject, Level.OK, "answers, and the login is right")


def _is_ours(report: FaxReport) -> bool:
    reference = report.reference.customer_defined_id if report.reference is not None else None
    return reference is not None and _OUR_REFERENCE.fullmatch(reference) is not None
