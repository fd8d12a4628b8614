"""What ``fax-gateway demo`` does, from the first process to the verdict."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Any

import aiohttp
import aiosmtplib
import typer
from rich.console import Console
from rich.panel import Panel

from gateway.cli.demo.child import Child, ChildFailed
from gateway.cli.demo.mailbox import Mailbox
from gateway.cli.demo.picture import page_as_blocks
from gateway.cli.demo.sample import ATTACHMENT, NUMBER, RECIPIENT, SENDER, sample_mail, sample_pdf
from gateway.cli.demo.stages import Stages
from gateway.cli.demo.standing import CONFIG, Ports, documented_ports, how_to_go_on
from gateway.cli.exits import Exit
from gateway.documents.render import pages_as_png

PATIENCE_SECONDS = 90  # a fax takes three seconds; a loaded machine is slow to render

CONFIGURATION = """\
hostname = "fax.example.com"
[smtp]
listen = ["127.0.0.1:{ports.smtp}"]
domains = ["fax.local"]
[retarus]
ha_url = "{base}/ha/rest/v1"
datacenter_urls = {{ dc1 = "{base}/dc1/rest/v1", dc2 = "{base}/dc2/rest/v1" }}
customer_number = "99999"
username = "sandbox"
password = "sandbox"
[notify]
smarthost = "127.0.0.1:{mailbox_port}"
[web]
listen = "127.0.0.1:{ports.web}"
[metrics]
listen = "127.0.0.1:0"
[log]
format = "json"
mask = false  # its people are made up
"""


@dataclass(frozen=True, slots=True)
class Addresses:
    sandbox: str  # base URL
    smtp_port: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the daemon's log said of the job, and the mail that told the sender."""

    report: dict[str, Any]
    status_mail: EmailMessage

    @property
    def delivered(self) -> bool:
        statuses = self.report.get("statuses") or ()
        return len(statuses) > 0 and all(status == "OK" for status in statuses)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Stay up, and print how to send the next mail.")] = False,
) -> None:
    """Start sandbox and daemon, send one real mail with a PDF, show the fax that came out.

    Exit status 0 only if the report says OK for every recipient.
    """
    console = Console()
    directory = Path(tempfile.mkdtemp(prefix="fax-gateway-demo-"))
    try:
        delivered = asyncio.run(_demo(directory, console, keep=keep))
    except (ChildFailed, TimeoutError, aiosmtplib.SMTPException) as error:
        console.print(f"[bold red]failed[/] {_reason(error)}; logs are in {directory}", soft_wrap=True)
        raise typer.Exit(Exit.FAILED) from error
    except KeyboardInterrupt:
        raise typer.Exit(Exit.DONE) from None
    if not delivered:
        console.print(f"[bold red]failed[/] the report does not say OK; logs are in {directory}", soft_wrap=True)
        raise typer.Exit(Exit.FAILED)


def _reason(error: Exception) -> str:
    return "no report came in time" if isinstance(error, TimeoutError) else str(error)


async def _demo(directory: Path, console: Console, *, keep: bool) -> bool:
    stages = Stages(console)
    async with contextlib.AsyncExitStack() as stack:
        mailbox = await stack.enter_async_context(Mailbox())
        ports = documented_ports() if keep else Ports()
        addresses, events = await _start(stack, directory, mailbox, stages, ports)
        pdf = await asyncio.to_thread(sample_pdf)
        offer = directory / "offer.pdf"
        offer.write_bytes(pdf)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await _send(addresses, pdf, stages)
            outcome = await _follow(events, mailbox, stages)
            await _show(addresses, directory, outcome, console)
        if keep and outcome.delivered:
            lines = how_to_go_on(replace(ports, smtp=addresses.smtp_port), addresses.sandbox, directory, offer)
            console.print(lines, soft_wrap=True, highlight=False, markup=False)
            await _stay(events, mailbox, stages)
    return outcome.delivered


async def _start(
    stack: contextlib.AsyncExitStack, directory: Path, mailbox: Mailbox, stages: Stages, ports: Ports
) -> tuple[Addresses, AsyncIterator[dict[str, Any]]]:
    report_smtp = f"127.0.0.1:{mailbox.port}"
    listen, data = f"127.0.0.1:{ports.sandbox}", str(directory / "faxes")
    arguments = ["sandbox", "--listen", listen, "--data", data, "--report-smtp", report_smtp]
    sandbox = await stack.enter_async_context(Child("sandbox", arguments, directory))
    sandbox_events = sandbox.events()
    base = str((await sandbox.ready(sandbox_events))["url"])
    reading = asyncio.create_task(_drain(sandbox_events))
    stack.callback(reading.cancel)
    stages.step("sandbox", f"the fax service, locally: {base}")
    config = directory / CONFIG
    config.write_text(CONFIGURATION.format(base=base, ports=ports, mailbox_port=mailbox.port), encoding="utf-8")
    daemon = await stack.enter_async_context(Child("daemon", ["serve", "--config", str(config)], directory))
    events = daemon.events()
    port = int((await daemon.ready(events))["listening"][0].rpartition(":")[2])
    stages.step("daemon", f"takes mail at 127.0.0.1:{port}")
    return Addresses(base, port), events


async def _drain(events: AsyncIterator[dict[str, Any]]) -> None:
    async for _ in events:
        pass


async def _send(addresses: Addresses, pdf: bytes, stages: Stages) -> None:
    mail = sample_mail(pdf, datetime.now(UTC), f"<{token_hex(8)}@example.com>")
    _, answer = await aiosmtplib.send(
        mail, sender=SENDER, recipients=[RECIPIENT], hostname="127.0.0.1", port=addresses.smtp_port
    )
    stages.step("mail", f"{SENDER} sends “{ATTACHMENT}” to {RECIPIENT}: {answer}")


async def _follow(events: AsyncIterator[dict[str, Any]], mailbox: Mailbox, stages: Stages) -> Outcome:
    async for event in events:
        stages.event(event)
        if event.get("event") == "reported":
            status_mail = await mailbox.next()
            stages.step("status mail", str(status_mail["Subject"]))
            return Outcome(event, status_mail)
    raise TimeoutError("the daemon stopped")


async def _show(addresses: Addresses, directory: Path, outcome: Outcome, console: Console) -> None:
    """The status mail, where the fax lies, and its first page."""
    tiff = await _fetch_fax(addresses)
    fax = directory / "fax.tiff"
    fax.write_bytes(tiff)
    pages = await asyncio.to_thread(pages_as_png, tiff)
    for number, png in enumerate(pages, start=1):
        (directory / f"page-{number:03}.png").write_bytes(png)
    (directory / "status-mail.eml").write_bytes(outcome.status_mail.as_bytes())
    body = outcome.status_mail.get_body(("plain",))
    text = body.get_content().strip() if body is not None else ""
    console.print(Panel(text, title=f"status mail to {SENDER}", expand=False))
    if console.is_terminal:
        console.print(Panel(page_as_blocks(pages[0]), title=f"page 1 of the fax to {NUMBER}", expand=False))
    console.print(f"the fax, as the recipient's machine prints it ({len(pages)} pages): {fax}", soft_wrap=True)
    console.print(f"its pages as pictures: {directory / 'page-001.png'} ...", soft_wrap=True)


async def _fetch_fax(addresses: Addresses) -> bytes:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{addresses.sandbox}/_sandbox/jobs") as answer:
            jobs = await answer.json()
        async with session.get(f"{addresses.sandbox}/_sandbox/jobs/{jobs[-1]['jobId']}/fax.tiff") as answer:
            answer.raise_for_status()
            return await answer.read()


async def _stay(events: AsyncIterator[dict[str, Any]], mailbox: Mailbox, stages: Stages) -> None:
    """Stays up until Ctrl-C, and goes on showing what happens."""

    async def status_mails() -> None:
        while True:
            stages.step("status mail", str((await mailbox.next())["Subject"]))

    reading = asyncio.create_task(status_mails())
    try:
        async for event in events:
            stages.event(event)
    finally:
        reading.cancel()
