"""``fax-gateway audit``: who looked at what and did what."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import TypeAdapter

from gateway.cli.asking import Asking
from gateway.cli.options import ConfigOption
from gateway.cli.output import show_json
from gateway.control.auditing import ExportAudit, ShownDeed

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
SinceOption = Annotated[
    datetime | None, typer.Option("--since", metavar="TIME", formats=FORMATS, help="UTC, like 2026-11-01.")
]
UntilOption = Annotated[
    datetime | None,
    typer.Option("--until", metavar="TIME", formats=FORMATS, help="As --since, before which."),
]

app = typer.Typer(help="The audit log.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The audit log."""


@app.command("export")
def export(
    context: typer.Context, since: SinceOption = None, until: UntilOption = None, config: ConfigOption = None
) -> None:
    """Write the audit log, one JSON object a line, the oldest first."""
    wanted = ExportAudit(since=_utc(since), until=_utc(until))
    for deed in Asking(context, config).items(wanted, TypeAdapter(ShownDeed)):
        show_json(deed)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None else None
