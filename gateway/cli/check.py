"""``fax-gateway check``: is everything there that a fax needs, and what would policy say of one?

Where a daemon runs, it looks itself: at the configuration that it has loaded, with its secrets and its rights.
"""

import json
from collections.abc import AsyncIterator
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console

from gateway.cli.asking import Asking
from gateway.cli.exits import Exit
from gateway.cli.options import ConfigOption, Loaded
from gateway.cli.output import JsonOption, progress
from gateway.control.checking import Check
from gateway.control.desk import Errands
from gateway.control.found import Found
from gateway.daemon.checks import Finding, Level, findings
from gateway.daemon.control import found as as_found
from gateway.daemon.explaining import verdict

SenderOption = Annotated[str | None, typer.Option("--sender", metavar="ADDRESS", help="Who would send: reverse-path.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="ADDRESS", help="To which number, as in RCPT.")]

_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.FAULT: "bold red"}


def check(
    context: typer.Context,
    sender: SenderOption = None,
    to: ToOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Look at configuration, templates, spool, programs, smarthost and fax service; exit 1 on any fault."""
    asking = Asking(context, config, _errands)
    is_faulty = False
    with progress("looking") as _:
        for found in asking.items(Check(sender=sender, to=to), TypeAdapter(Found)):
            finding = Finding(found.subject, Level(found.level), found.sentence)
            is_faulty = is_faulty or finding.level is Level.FAULT
            _show(finding, as_json=as_json)
    if is_faulty:
        raise typer.Exit(Exit.FAILED)


def _errands(loaded: Loaded) -> Errands:
    """For the case that no daemon is there: this process looks, at what it has loaded itself."""

    async def nothing() -> None:
        """Nothing is paused by looking."""

    async def looked() -> AsyncIterator[Found]:
        async for finding in findings(loaded.settings, loaded.spool):
            yield as_found(finding)

    return Errands(
        moved=lambda: None,
        switched=nothing,
        findings=looked,
        verdict=lambda sender, to: as_found(verdict(loaded.settings, sender, to)),
    )


def _show(finding: Finding, *, as_json: bool) -> None:
    if as_json:
        fields = {"subject": finding.subject, "level": finding.level, "sentence": finding.sentence}
        typer.echo(json.dumps(fields, ensure_ascii=False))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{finding.level:8}", style=_STYLES[finding.level], end="")
    console.print(f"{finding.subject}: {finding.sentence}", markup=False)
