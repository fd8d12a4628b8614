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

import aiosmtplib
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

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
from gateway.spool.place import Place, Server, directory_of
from gateway.spool.presence import exists
from gateway.spool.unfinished import RestoreUnfinished, refuse_unfinished

RENEWED_BEFORE = timedelta(days=14)  # that a certificate should have been
LONGEST_CONNECT = 10.0  # seconds
CLOCKS_APART = timedelta(minutes=2)  # an answer's Date is as old as its way is long
UNAUTHORIZED = frozenset({401, 403})
SYNCED = frozenset({"on", "remote_apply"})  # settings of synchronous_commit with which a commit is on disk
DURABILITY = "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
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


async def findings(settings: Settings, spool: Place, *, before_start: bool = False) -> AsyncIterator[Finding]:
    """In the order in which an operator would look. `before_start`: no daemon runs that needs what starts with it."""
    for finding in await asyncio.to_thread(_on_this_machine, settings, spool, before_start=before_start):
        yield finding
    yield await _smarthost(settings)
    async for finding in _fax_service(settings):
        yield finding


def _on_this_machine(settings: Settings, spool: Place, *, before_start: bool) -> list[Finding]:
    """In a thread: a daemon that is asked goes on with its mails."""
    converters = converter_service(settings, before_start=before_start)
    return [*_covers(settings), *_spool(spool), *_certificate(settings), *_documents(), *converters]


def cover_problems(settings: Settings, covers: Covers) -> Iterator[Finding]:
    """What is wrong with the templates that the configuration names."""
    names = {settings.cover.template, *(profile.cover for profile in settings.profile if profile.cover)}
    for name in sorted(names):
        for problem in covers.problems(name):
            yield Finding(f"cover {name}", Level.FAULT, f"{problem}; until it is mended the bundled cover is used")


def _covers(settings: Settings) -> Iterator[Finding]:
    problems = list(cover_problems(settings, wiring.covers(settings)))
    yield from problems or [Finding("covers", Level.OK, "every template that is used gives a page")]


def _spool(spool: Place) -> Iterator[Finding]:
    if not os.access(directory_of(spool), os.W_OK | os.X_OK):
        yield Finding("spool", Level.FAULT, f"{directory_of(spool)} can't be written; create it, owned by this user")
        return
    try:
        yield from _database(spool)
    except SQLAlchemyError as error:
        yield Finding("spool", Level.FAULT, f"{spool}: {str(error.__cause__ or error).strip()}")


def _database(spool: Place) -> Iterator[Finding]:
    if isinstance(spool, Server):
        yield from _durability(spool)
    else:
        try:
            refuse_unfinished(spool)
        except RestoreUnfinished as reason:
            yield Finding("spool", Level.FAULT, str(reason))
            return
    if not exists(spool):
        yield Finding("spool", Level.OK, f"{spool} will be made at the first start")
    elif differences(spool):
        yield Finding("spool", Level.WARNING, f"{spool} has the schema of another release; the next start upgrades it")
    else:
        yield Finding("spool", Level.OK, f"{spool} has the schema of this release")
        for switch in write_once(spool, pauses.standing):
            yield Finding(switch.activity, Level.WARNING, f"{switch}; `fax-gateway resume {switch.activity}` ends it")


def _durability(server: Server) -> Iterator[Finding]:
    """What the 250 rests on (PostgreSQL §20.5.1)."""
    fsync, commits = write_once(server, lambda connection: connection.execute(text(DURABILITY)).one())
    lost = "what is answered 250 could be lost"
    if fsync != "on":
        yield Finding("spool", Level.FAULT, f"{server} has fsync = {fsync}: {lost}; set it on")
    if commits not in SYNCED:
        yield Finding("spool", Level.FAULT, f"{server} has synchronous_commit = {commits}: {lost}; set it on")


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


def _documents() -> Iterator[Finding]:
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


def converter_service(settings: Settings, *, before_start: bool = False) -> Iterator[Finding]:
    """Whether it starts a process for whoever asks here; nothing where the daemon does without it."""
    if settings.documents.converter == "children":
        return
    if before_start and not settings.documents.converter.exists():
        sentence = f"{settings.documents.converter} isn't there yet: fax-gateway.service starts its socket with itself"
        yield Finding("converter", Level.OK, sentence)
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
        sentence = "retarus.username and retarus.password are not set: `fax-gateway init` asks for them"
        yield Finding("fax service", Level.FAULT, sentence)
        return
    try:
        async with wiring.client(settings) as client:
            names = list(wiring.account(settings).datacenters)
            for answers in await asyncio.gather(*(_data_center(client, name) for name in names)):
                for answer in answers:
                    yield answer
    except Fax4AError as error:
        yield Finding("fax service", Level.FAULT, f"{error}; see docs/configuration.md, [retarus]")


async def _data_center(client: Fax4AClient, name: str) -> list[Finding]:
    subject = f"fax service {name}"
    try:
        listed = await client.list_reports(name)
    except Refused as refused:
        hint = "; is the login right, and may this address use it?" if refused.code in UNAUTHORIZED else ""
        return [Finding(subject, Level.FAULT, f"{refused}{hint}".removeprefix(f"{name}: "))]
    except ReportError as error:
        return [Finding(subject, Level.FAULT, str(error).removeprefix(f"{name}: "))]
    foreign = [report for report in listed.reports if not _is_ours(report)]
    answers = Finding(subject, Level.OK, "answers, and the login is right")
    if foreign:
        hint = "give the gateway a login of its own, or they may hide ours"
        sentence = f"has {len(foreign)} reports of somebody else; {hint}"
        answers = Finding(subject, Level.WARNING, sentence)
    return [answers, *_clock(name, listed.at, datetime.now(UTC))]


def _clock(name: str, theirs: datetime | None, ours: datetime) -> Iterator[Finding]:
    """Our clock makes a request's jobValid, theirs judges it: if ours is far behind, every job is expired (400)."""
    apart = ours - theirs if theirs is not None else timedelta()
    if abs(apart) > CLOCKS_APART:
        way = "ahead of" if apart > timedelta() else "behind"
        seconds = round(abs(apart).total_seconds())
        sentence = f"this machine's is {seconds} s {way} that of {name}; set it (NTP), or faxes expire or wait too long"
        yield Finding("clock", Level.FAULT, sentence)


def _is_ours(report: FaxReport) -> bool:
    reference = report.reference.customer_defined_id if report.reference is not None else None
    return reference is not None and _OUR_REFERENCE.fullmatch(reference) is not None
