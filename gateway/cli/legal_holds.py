"""``fax-gateway jobs legal-hold``: what is neither purged nor erased until the hold is removed."""

from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from gateway.cli.asking import Asking
from gateway.cli.exits import Exit
from gateway.cli.options import ConfigOption
from gateway.cli.output import JsonOption, moment, show, show_json, table
from gateway.control.choosing import MOST_IDS
from gateway.control.holds import LONGEST_REASON, AddHold, ListHolds, RemoveHolds, ShownHold
from gateway.control.protocol import LONGEST_NAME

HOLD = TypeAdapter(ShownHold)

app = typer.Typer(help="Keep what somebody may need as evidence.", no_args_is_help=True)


@app.command()
def add(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Jobs by id; the first digits do.")] = None,
    sender: Annotated[
        str | None, typer.Option("--sender", metavar="GLOB", help="Whatever this reverse-path has sent and will send.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="For who reads it later.")] = "",
    config: ConfigOption = None,
) -> None:
    """Stop retention and `jobs erase` for jobs and their mails, or for a sender."""
    if bool(ids) == bool(sender):
        typer.echo("name jobs by their ids, or a sender by --sender", err=True)
        raise typer.Exit(Exit.USAGE)
    try:
        wanted = AddHold(ids=tuple(ids or ()), sender=sender, reason=reason)
    except ValidationError:
        typer.echo(
            f"at most {MOST_IDS} ids at once, none of them empty, an address of {LONGEST_NAME} characters, "
            f"a reason of {LONGEST_REASON}",
            err=True,
        )
        raise typer.Exit(Exit.USAGE) from None
    for hold in Asking(context, config).items(wanted, HOLD):
        typer.echo(f"{hold.number}  {hold.sender or hold.job_id} is under a legal hold")


@app.command()
def remove(
    context: typer.Context,
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER", help="As `legal-hold list` shows them.")],
    config: ConfigOption = None,
) -> None:
    """End holds: retention goes on from here."""
    try:
        wanted = RemoveHolds(numbers=tuple(numbers))
    except ValidationError:
        typer.echo(f"at most {MOST_IDS} numbers at once", err=True)
        raise typer.Exit(Exit.USAGE) from None
    gone = [each.number for each in Asking(context, config).items(wanted, HOLD)]
    for number in numbers:
        missing = "no legal hold has this number: `fax-gateway jobs legal-hold list` shows those that stand"
        said = "is removed" if number in gone else missing
        typer.echo(f"{number}  {said}", err=number not in gone)
    if set(gone) != set(numbers):
        raise typer.Exit(Exit.FAILED)


@app.command("list")
def list_holds(context: typer.Context, as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show the holds that stand."""
    shown = table("number", "on", "since", "by", "reason")
    found = 0
    for hold in Asking(context, config).items(ListHolds(), HOLD):
        found += 1
        if as_json:
            show_json(hold)
        else:
            shown.add_row(str(hold.number), hold.sender or hold.job_id or "", moment(hold.at), hold.actor, hold.reason)
    if shown.row_count:
        show(shown)
    elif not found:
        typer.echo("no legal hold stands", err=True)
