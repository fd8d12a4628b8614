"""The dashboard of this daemon: its errands are run by rooms that it doesn't know."""

import asyncio
import email
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from urllib.parse import urlsplit

from gateway.config import Settings
from gateway.daemon import wiring
from gateway.daemon.previewing import Previewed, Refused, previewed_by, request_of, shown_request
from gateway.documents.converter import Converters, Unavailable
from gateway.documents.render import SourceDocument
from gateway.intake.acceptance import Intake
from gateway.intake.envelope import Client, Envelope, numbers_of
from gateway.intake.options import Treatments
from gateway.intake.reply import Reply
from gateway.notify.letters import Letters
from gateway.spool.attempts import StoredDocument
from gateway.spool.content import ContentStore
from gateway.spool.database import Database
from gateway.spool.forward_path import ForwardPath
from gateway.spool.job import Job
from gateway.spool.logins import LoginStore
from gateway.spool.outbox import Letter
from gateway.systemd.inherited import InheritedSockets
from gateway.web.desk import Desk, Errands, NotTaken, WouldGo
from gateway.web.drawer import Drawer
from gateway.web.identity import ProxyRules
from gateway.web.pages import Pages
from gateway.web.server import Dashboard
from gateway.web.throttle import Throttle

TRUSTED = Client(address=None, helo="dashboard", trusted=True)


def dashboard(
    current: Callable[[], Settings],
    *,
    treatments: Treatments,
    database: Database,
    contents: ContentStore,
    intake: Intake,
    converters: Converters,
    letters: Letters,
    wake: Callable[[], None],
    sockets: InheritedSockets,
) -> Dashboard:
    settings = current()
    desk = Desk(
        current=current,
        database=database,
        contents=contents,
        logins=LoginStore(database),
        treatments=treatments,
        recipients=wiring.recipient_rules(settings),
        covers=wiring.covers(settings),
        errands=_errands(current, intake, converters, letters, wake),
        pages=Pages(urlsplit(settings.web.public_url).path),
        drawer=Drawer(),
        throttle=Throttle(time.monotonic),
        clock=lambda: datetime.now(UTC),
    )
    inherited = sockets.take("web.listen", str(settings.web.listen))
    return Dashboard(settings.web.listen, desk, proxy_rules(settings), inherited)


def proxy_rules(settings: Settings) -> ProxyRules:
    web = settings.web
    return ProxyRules(
        trusted=web.trusted_proxies, user_header=web.user_header, secret=web.proxy_secret.get_secret_value()
    )


def _errands(
    current: Callable[[], Settings], intake: Intake, converters: Converters, letters: Letters, wake: Callable[[], None]
) -> Errands:
    one_at_a_time = asyncio.Semaphore(1)

    async def preview(raw: bytes, to: Sequence[str], sender: str | None) -> list[WouldGo]:
        settings, now = current(), datetime.now(UTC)
        async with one_at_a_time:
            try:
                found = await asyncio.to_thread(previewed_by, settings, raw, list(to), sender, now, converters)
            except (Refused, Unavailable) as refused:
                raise NotTaken(str(refused)) from refused
        return [_would_go(each, settings) for each in found]

    async def send(raw: bytes, reverse_path: str, number: str) -> list[str]:
        address = number if "@" in number else f"{number}@{current().smtp.domains[0]}"
        answer = intake.recipient(TRUSTED, reverse_path, ForwardPath(address=address))
        if isinstance(answer, Reply):
            raise NotTaken(str(answer))
        if not numbers_of(answer):
            raise NotTaken(f"{address} is no fax number")
        written = intake.writer()
        await written.write(raw)
        verdict = await intake.accept(
            Envelope(client=TRUSTED, reverse_path=reverse_path, recipients=(answer,)), written
        )
        if not verdict.reply.positive:
            raise NotTaken(str(verdict.reply))
        return list(dict.fromkeys(verdict.job_of.values()))

    def request(job: Job, stored: Sequence[StoredDocument]) -> str:
        return shown_request(job, stored, job.valid_until or job.start_at + current().retarus.valid_for)

    async def letter(word: Letter) -> str:
        try:
            return readable(await letters.write(word))
        except LookupError:
            return ""

    return Errands(preview=preview, send=send, request=request, letter=letter, wake=wake)


def readable(message: bytes) -> str:
    """The part of a mail of ours that people read."""
    parsed = email.message_from_bytes(message, _class=EmailMessage, policy=default)
    body = parsed.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def _would_go(each: Previewed, settings: Settings) -> WouldGo:
    sources = tuple(SourceDocument(made.name, made.data, made.charset) for made in each.assembled.documents)
    return WouldGo(each.job, sources, request_of(each, settings), tuple(each.assembled.warnings))
