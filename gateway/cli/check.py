"""``fax-gateway check``: is everything there that a fax needs, and what would policy say of one?"""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from gateway.cli import nagios
from gateway.cli.options import ConfigOption, Loaded, load
from gateway.daemon.checks import Finding, Level, findings
from gateway.daemon.explaining import explained, quota_looks, treatment_of
from gateway.intake.decision import Question
from gateway.intake.envelope import Client
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
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"
    NAGIOS = "nagios"


FormatOption = Annotated[Form, typer.Option("--format", help="For people, programs, or a monitoring system.")]

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

    def look() -> list[Finding]:
        loaded = load(context, config)
        if sender is None and to is None:
            return asyncio.run(_all(loaded))
        question = Question(
            sender=sender or "", to=to or "", client=_client(user, client), author=author, now=_moment(at)
        )
        return _explained(loaded, question)

    if form is Form.NAGIOS:
        raise typer.Exit(nagios.report(look))
    shown = look()
    for finding in shown:
        _show(finding, as_json=as_json or form is Form.JSON)
    if any(finding.level is Level.FAULT for finding in shown):
        raise typer.Exit(1)


async def _all(loaded: Loaded) -> list[Finding]:
    return [finding async for finding in findings(loaded.settings, loaded.spool)]


def _explained(loaded: Loaded, question: Question) -> list[Finding]:
    """With what was used of the quotas, where there is a spool that says it."""
    treatment = treatment_of(loaded.settings, question)
    looks: tuple[Look, ...] = ()
    with suppress(SQLAlchemyError):  # a spool that another user keeps, or of an older release
        if treatment.quotas and exists(loaded.spool):
            looks = write_once(loaded.spool, lambda connection: quota_looks(connection, treatment, question))
    return list(explained(loaded.settings, question, looks))


def _client(user: str | None, address: str | None) -> Client:
    if address is None:
        return Client(address=None, helo="check", auth_user=user, trusted=user is None)
    try:
        return Client(address=ip_address(address), helo="check", auth_user=user)
    except ValueError:
        raise typer.BadParameter("write an IP address: 192.0.2.7", param_hint="--client") from None


def _moment(text: str | None) -> datetime:
    """Without a zone it is this machine's."""
    try:
        return (datetime.fromisoformat(text) if text is not None else datetime.now(UTC)).astimezone(UTC)
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
