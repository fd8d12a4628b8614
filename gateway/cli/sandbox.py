"""``fax-gateway sandbox``: the Fax-for-Applications service, locally."""

import asyncio
import contextlib
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import structlog
import typer

from gateway.cli.exits import Exit
from gateway.config import ListenAddress
from gateway.log import configure_logging
from gateway.sandbox import SandboxOptions
from gateway.sandbox import serve as run_sandbox

log = structlog.get_logger()


def host_and_port(text: str, option: str) -> ListenAddress:
    """``127.0.0.1:9100`` or ``[::1]:9100``; raises typer.BadParameter."""
    try:
        return ListenAddress.parse(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text}: {error}", param_hint=f"'{option}'") from error


def sandbox(
    listen: Annotated[str, typer.Option(help="HOST:PORT; port 0 takes a free one.")] = "127.0.0.1:9100",
    data: Annotated[Path | None, typer.Option(help="Keeps jobs and faxes; a temporary directory without it.")] = None,
    report_smtp: Annotated[str | None, typer.Option(help="HOST:PORT that takes the ReportMails.")] = None,
    render: Annotated[bool, typer.Option("--render/--no-render", help="Whether faxes are really rendered.")] = True,
    fixed_answer_ms: Annotated[
        int | None, typer.Option(min=0, help="Answer each job so many milliseconds after it came; for benchmarks.")
    ] = None,
) -> None:
    """Serve the Fax-for-Applications API locally (login sandbox/sandbox, customer 99999), and render every fax."""
    configure_logging("auto", "info", sys.stderr, mask=False)  # nobody gets its faxes
    address = host_and_port(listen, "--listen")
    smtp = host_and_port(report_smtp, "--report-smtp") if report_smtp else None
    with contextlib.ExitStack() as stack:
        directory = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fax-gateway-sandbox-")))
        options = SandboxOptions(
            listen_host=address.host,
            listen_port=address.port,
            data_dir=directory,
            report_smtp=(smtp.host, smtp.port) if smtp is not None else None,
            render=render,
            fixed_answer_ms=fixed_answer_ms,
        )
        try:
            asyncio.run(_until_stopped(options))
        except OSError as error:
            log.critical("not_started", error=str(error), listen=str(address))
            raise typer.Exit(Exit.FAILED) from None


async def _until_stopped(options: SandboxOptions) -> None:
    def ready(port: int) -> None:
        base = f"http://{ListenAddress(options.listen_host, port)}"
        log.info("ready", url=base, ha_url=f"{base}/ha/rest/v1", login="sandbox", customer_number="99999")

    serving = asyncio.create_task(run_sandbox(options, ready=ready))
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving
