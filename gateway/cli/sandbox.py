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

from gateway.config import ListenAddress
from gateway.log import configure_logging
from gateway.sandbox import SandboxOptions
from gateway.sandbox import serve as run_sandbox

log = structlog.get_logger()


def host_and_port(text: str) -> tuple[str, int]:
    """``127.0.0.1:9100`` or ``[::1]:9100``; raises typer.BadParameter."""
    try:
        address = ListenAddress.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return address.host, address.port


def sandbox(
    listen: Annotated[str, typer.Option(help="HOST:PORT; port 0 takes a free one.")] = "127.0.0.1:9100",
    data: Annotated[Path | None, typer.Option(help="Keeps jobs and faxes; a temporary directory without it.")] = None,
    report_smtp: Annotated[str | None, typer.Option(help="HOST:PORT that takes the ReportMails.")] = None,
    render: Annotated[bool, typer.Option("--render/--no-render", help="Whether faxes are really rendered.")] = True,
) -> None:
    """Serve the Fax-for-Applications API locally (login sandbox/sandbox, customer 99999), and render every fax."""
    configure_logging("auto", "info", sys.stderr)
    host, port = host_and_port(listen)
    with contextlib.ExitStack() as stack:
        directory = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fax-gateway-sandbox-")))
        options = SandboxOptions(
            listen_host=host,
            listen_port=port,
            data_dir=directory,
            report_smtp=host_and_port(report_smtp) if report_smtp else None,
            render=render,
            fixed_answer_ms=None,
            seed=None,
        )
        asyncio.run(_until_stopped(options))


async def _until_stopped(options: SandboxOptions) -> None:
    def ready(port: int) -> None:
        base = f"http://{options.listen_host}:{port}"
        log.info("ready", url=base, ha_url=f"{base}/ha/rest/v1", login="sandbox", customer_number="99999")

    serving = asyncio.create_task(run_sandbox(options, ready=ready))
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving
