"""``fax-gateway check``: is everything there that a fax needs, and what would policy say of one?

Where a daemon runs, it looks itself: at the configuration that it has loaded, with its secrets and its rights.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from gateway.cli import nagios
from gateway.cli.asking import Asking, nothing
from gateway.cli.exits import Exit
from gateway.cli.options import ConfigOption, Loaded
from gateway.cli.output import JsonOption, progress
from gateway.config.sources import DEFAULT_PATH
from gateway.control.checking import Check
from gateway.control.desk import Asked, Errands
from gateway.control.found import Found
from gateway.daemon.addresses import listener_findings
from gateway.daemon.checks import Finding, Level, findings
from gateway.daemon.control import found as as_found
from gateway.daemon.explaining import explained, question_of, quota_looks, treatment_of
from gateway.policy import Look
from gateway.spool.database import write_once
from gateway.spool.presence import exists

SenderOption = Annotated[str | None, typer.Option("--sender", metavar="ADDRESS", help="Who would send: reverse-path.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="ADDRESS", help="To which number, as in RCPT.")]
UserOption = Annotated[str | None, typer.Option("--user", metavar="NAME", help="Logged in as, by SMTP AUTH.")]
ClientOption = Annotated[
    str | None, typer.Option("--client", metavar="IP", help="From which address; else that is no question.")
]
AuthorOption = Annotated[str | None, typer.Option("--from", metavar="ADDRESS", help="Header From; else the sender.")]
AtOption = Annotated[
    str | None, typer.Option("--at", metavar="MOMENT", help="At another moment: 2026-11-28T13:00:00+01:00.")
]


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"
    NAGIOS = "nagios"


FormatOption = Annotated[Form, typer.Option("--format", help="For people, programs, or a monitoring system.")]

NO_CONFIGURATION = f"there is no file {DEFAULT_PATH}: what is built in counts; `fax-gateway init` makes one"
_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.FAULT: "bold red"}


def check(  # noqa: PLR0917 - each is an option of the command
    context: typer.Context,
    sender: SenderOption = None,
    to: ToOption = None,
    user: UserOption = None,
    client: ClientOption = None,
    author: AuthorOption = None,
    at: AtOption = None,
    as_json: JsonOption = False,
    form: FormatOption = Form.TEXT,
    config: ConfigOption = None,
) -> None:
    """Look at configuration, templates, spool, programs, smarthost and fax service; exit 1 on any fault.

    With --format nagios: one line with performance data; exit 0 ok, 1 warning, 2 critical, 3 unknown.
    """
    wanted = Check(sender=sender, to=to, user=user, client=_address(client), author=author, at=_moment(at))
    if form is Form.NAGIOS:
        asking, is_question = Asking(context, config, _errands), sender is not None or to is not None
        status = nagios.report(
            lambda: list(_looked(asking, wanted)), lambda: is_question or asking.by_ourselves is None
        )
        raise typer.Exit(status)
    if look(context, config, wanted, as_json=as_json or form is Form.JSON):
        raise typer.Exit(Exit.FAILED)


def look(context: typer.Context, config: Path | None, wanted: Check | None = None, *, as_json: bool = False) -> bool:
    """Shows what is found as it is found; returns whether a fault is among it."""
    is_faulty = False
    with progress("looking"):
        for finding in _looked(Asking(context, config, _errands), wanted or Check()):
            is_faulty = is_faulty or finding.level is Level.FAULT
            _show(finding, as_json=as_json)
    return is_faulty


def _looked(asking: Asking, wanted: Check) -> Iterator[Finding]:
    for found in asking.items(wanted, TypeAdapter(Found)):
        yield Finding(found.subject, Level(found.level), found.sentence)


def _errands(loaded: Loaded) -> Errands:
    """For the case that no daemon is there: this process looks, at what it has loaded itself."""

    async def looked() -> AsyncIterator[Found]:
        if loaded.path is None:
            yield as_found(Finding("configuration", Level.WARNING, NO_CONFIGURATION))
        for finding in listener_findings(loaded.settings):
            yield as_found(finding)
        async for finding in findings(loaded.settings, loaded.spool, before_start=True):
            yield as_found(finding)

    async def policy(asked: Asked) -> AsyncIterator[Found]:
        for finding in _explained(loaded, asked):
            yield as_found(finding)

    return Errands(moved=lambda: None, switched=nothing, findings=looked, explained=policy)


def _explained(loaded: Loaded, asked: Asked) -> Iterator[Finding]:
    """With what was used of the quotas, where there is a spool that says it."""
    question = question_of(asked, datetime.now(UTC))
    treatment = treatment_of(loaded.settings, question)
    looks: tuple[Look, ...] = ()
    with suppress(SQLAlchemyError):  # a spool of an older release
        if treatment.quotas and exists(loaded.spool):
            looks = write_once(loaded.spool, lambda connection: quota_looks(connection, treatment, question))
    yield from explained(loaded.settings, question, looks)


def _address(text: str | None) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text) if text is not None else None
    except ValueError:
        raise typer.BadParameter("write an IP address: 192.0.2.7", param_hint="--client") from None


def _moment(text: str | None) -> datetime | None:
    """Without a zone it is this machine's."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text is not None else None
    except ValueError:
        raise typer.BadParameter("write a moment: 2026-11-28T13:00:00+01:00", param_hint="--at") from None


def _show(finding: Finding, *, as_json: bool) -> None:
    if as_json:
        fields = {"subject": finding.subject, "level": finding.level, "sentence": finding.sentence}
        typer.echo(json.dumps(fields, ensure_ascii=False))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{finding.level:8}", style=_STYLES[finding.level], end="")
    console.print(f"{finding.subject}: {finding.sentence}", markup=False)
