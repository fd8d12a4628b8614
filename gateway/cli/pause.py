"""``fax-gateway pause`` and ``resume``: the emergency stop, in effect at once where a daemon runs."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter

from gateway.cli.asking import Asking
from gateway.cli.options import ConfigOption
from gateway.control.pauses import Pause, Resume, Switched
from gateway.spool.pauses import Activity
from gateway.spool.presence import is_in_use

ActivityArgument = Annotated[
    Activity | None, typer.Argument(metavar="[accept|submit]", help="Mail, or faxes; without it both.")
]

PAUSED = {
    Activity.ACCEPT: "MAIL is answered 451 4.3.2, clients keep their mail and try again",
    Activity.SUBMIT: "no fax is submitted; what is submitted already goes on, and deadlines too",
}
RESUMED = {Activity.ACCEPT: "mail is accepted again", Activity.SUBMIT: "faxes are submitted again"}


def pause(context: typer.Context, activity: ActivityArgument = None, config: ConfigOption = None) -> None:
    """Stop accepting mail, submitting faxes, or both, until `resume`; a restart changes nothing about it."""
    for each in _switched(context, config, Pause(activity=activity)):
        typer.echo(each.before or f"{each.activity} is paused: {PAUSED[each.activity]}")


def resume(context: typer.Context, activity: ActivityArgument = None, config: ConfigOption = None) -> None:
    """End a pause: of mail, of faxes, or both."""
    for each in _switched(context, config, Resume(activity=activity)):
        goes_on = f"{each.activity} goes on: {RESUMED[each.activity]}"
        typer.echo(goes_on if each.before is not None else f"{each.activity} is not paused")


def _switched(context: typer.Context, config: Path | None, wanted: Pause | Resume) -> list[Switched]:
    asking = Asking(context, config)
    done = list(asking.items(wanted, TypeAdapter(Switched)))
    loaded = asking.by_ourselves
    if loaded is not None and not is_in_use(loaded.spool):
        typer.echo(
            f"no daemon has the spool {loaded.spool}: this counts from its next start. Where one runs all the same, "
            "it has another spool: see database.url in its configuration",
            err=True,
        )
    return done
