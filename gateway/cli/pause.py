"""``fax-gateway pause`` and ``resume``: the emergency stop. The daemon that runs heeds it within two seconds."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.cli.operator import operator
from gateway.cli.options import ConfigOption, load
from gateway.spool import pauses
from gateway.spool.database import write_once
from gateway.spool.pauses import Activity, Switch
from gateway.spool.presence import exists, is_in_use

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
    for each, before in _switch(context, config, activity, paused=True):
        typer.echo(str(before) if before is not None else f"{each} is paused: {PAUSED[each]}")


def resume(context: typer.Context, activity: ActivityArgument = None, config: ConfigOption = None) -> None:
    """End a pause: of mail, of faxes, or both."""
    for each, before in _switch(context, config, activity, paused=False):
        typer.echo(f"{each} goes on: {RESUMED[each]}" if before is not None else f"{each} is not paused")


def _switch(
    context: typer.Context, config: ConfigOption, activity: Activity | None, *, paused: bool
) -> Iterable[tuple[Activity, Switch | None]]:
    """The activities that were meant, each with the pause that stood before."""
    spool = load(context, config).spool
    if not exists(spool):
        typer.echo(f"there is no spool {spool} yet: the daemon makes it when it starts", err=True)
        raise typer.Exit(1)
    work = pauses.pause if paused else pauses.resume
    meant = list(Activity) if activity is None else [activity]
    by, at = operator(), datetime.now(UTC)
    done = write_once(spool, lambda connection: [(each, work(connection, each, by, at)) for each in meant])
    if not is_in_use(spool):
        typer.echo(
            f"no daemon has the spool {spool}: this counts from its next start. Where one runs all the same, it has "
            "another spool: see database.url in its configuration",
            err=True,
        )
    return done
