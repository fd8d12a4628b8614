"""``fax-gateway check``: is everything there that a fax needs, and what would policy say of one?"""

import asyncio
import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from gateway.cli import nagios
from gateway.cli.options import ConfigOption, Loaded, load
from gateway.config import Settings
from gateway.daemon import wiring
from gateway.daemon.checks import Finding, Level, findings
from gateway.intake.envelope import Client
from gateway.intake.recipients import judge_recipient
from gateway.intake.reply import Reply
from gateway.spool.forward_path import ForwardPath

SenderOption = Annotated[str | None, typer.Option("--sender", metavar="ADDRESS", help="Who would send: reverse-path.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="ADDRESS", help="To which number, as in RCPT.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"
    NAGIOS = "nagios"


FormatOption = Annotated[Form, typer.Option("--format", help="For people, programs, or a monitoring system.")]

_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.FAULT: "bold red"}


def check(
    context: typer.Context,
    sender: SenderOption = None,
    to: ToOption = None,
    as_json: JsonOption = False,
    form: FormatOption = Form.TEXT,
    config: ConfigOption = None,
) -> None:
    """Look at configuration, templates, spool, programs, smarthost and fax service; exit 1 on any fault.

    With --format nagios: one line with performance data; exit 0 ok, 1 warning, 2 critical, 3 unknown.
    """

    def look() -> list[Finding]:
        loaded = load(context, config)
        if sender is not None or to is not None:
            return [_verdict(loaded.settings, sender or "", to or "")]
        return asyncio.run(_all(loaded))

    if form is Form.NAGIOS:
        raise typer.Exit(nagios.report(look))
    shown = look()
    for finding in shown:
        _show(finding, as_json=as_json or form is Form.JSON)
    if any(finding.level is Level.FAULT for finding in shown):
        raise typer.Exit(1)


async def _all(loaded: Loaded) -> list[Finding]:
    return [finding async for finding in findings(loaded.settings, loaded.spool)]


def _verdict(settings: Settings, sender: str, to: str) -> Finding:
    """What RCPT would be answered to a relay of ours."""
    client = Client(address=None, helo="check", trusted=True)
    treatment = wiring.treatments(settings).of(sender)
    address = to if "@" in to else f"{to}@{settings.smtp.domains[0]}"
    answer = judge_recipient(
        wiring.recipient_rules(settings), treatment, client, ForwardPath(address=address), heard=bool(sender)
    )
    if isinstance(answer, Reply):
        return Finding("policy", Level.FAULT, str(answer))
    return Finding("policy", Level.OK, f"{sender or '<>'} may fax to {getattr(answer, 'number', address)}")


def _show(finding: Finding, *, as_json: bool) -> None:
    if as_json:
        fields = {"subject": finding.subject, "level": finding.level, "sentence": finding.sentence}
        typer.echo(json.dumps(fields, ensure_ascii=False))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{finding.level:8}", style=_STYLES[finding.level], end="")
    console.print(f"{finding.subject}: {finding.sentence}", markup=False)
