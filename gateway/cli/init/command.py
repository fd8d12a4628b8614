"""The steps of `init`, each told when it is done."""

import os
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import SecretStr, TypeAdapter

from gateway.cli.asking import Asking
from gateway.cli.check import look
from gateway.cli.exits import Exit
from gateway.cli.init import asking, trial
from gateway.cli.init.asking import Given
from gateway.cli.init.trial import TrialFailed
from gateway.cli.init.writing import GROUP, files_of, packaged_at, write
from gateway.cli.options import Chosen, ConfigOption, load
from gateway.config.sources import DEFAULT_PATH, VARIABLE
from gateway.control.client import BrokenOff, NobodyThere
from gateway.control.protocol import Refused
from gateway.control.users import Added, AddUser
from gateway.spool.logins import Role
from gateway.spool.states import State

Region = Literal["de", "us", "ch", "sg"]
MAKE_USERS = (
    "for a service see docs/operations.md, As services of systemd, then init --overwrite, and chown -R fax-gateway "
    "the spool's directory"
)


def init(  # noqa: PLR0917 - each is an option of the command
    context: typer.Context,
    region: Annotated[Region | None, typer.Option(help="Where the account is.")] = None,
    customer_number: Annotated[str | None, typer.Option(metavar="NUMBER", help="The customer number.")] = None,
    login: Annotated[str | None, typer.Option(metavar="NAME", help="Login at the fax service.")] = None,
    password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its first line is the password of that login.")
    ] = None,
    sandbox: Annotated[
        str | None, typer.Option(metavar="URL", help="A sandbox in place of an account, http://127.0.0.1:9100.")
    ] = None,
    domain: Annotated[
        list[str] | None, typer.Option(metavar="DOMAIN", help="Mails to NUMBER@ it become faxes; several times.")
    ] = None,
    relay_network: Annotated[
        list[str] | None, typer.Option(metavar="NETWORK", help="May send without a login; several times.")
    ] = None,
    listen: Annotated[
        list[str] | None, typer.Option(metavar="HOST:PORT", help="Where mail is taken; several times.")
    ] = None,
    smarthost: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Mail server that takes our mails to senders.")
    ] = None,
    postmaster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Who looks after the gateway; mail to postmaster goes there.")
    ] = None,
    hostname: Annotated[str | None, typer.Option(metavar="NAME", help="Of this gateway, else the machine's.")] = None,
    admin: Annotated[str | None, typer.Option(metavar="NAME", help="First login of the dashboard.")] = None,
    admin_password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its first line is the admin's password.")
    ] = None,
    test_fax: Annotated[str | None, typer.Option(metavar="NUMBER", help="Send a test fax there.")] = None,
    test_sender: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Who is told what became of the test fax.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Files that are there are kept beside the new ones as *.old.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Write a configuration, make the first admin, look whether all is there, send a test fax.

    Asks for what the options don't say; where nobody can be asked, they say it all.
    """
    path = _path(context, config)
    _refuse_to_overwrite(path, overwrite=overwrite)
    answers = asking.ask(
        Given(
            hostname=hostname,
            domains=tuple(domain) if domain else None,
            relay_networks=tuple(relay_network) if relay_network else None,
            listen=tuple(listen) if listen else None,
            smarthost=smarthost,
            postmaster=postmaster,
            region=region,
            sandbox=sandbox,
            customer_number=customer_number,
            username=login,
            password_file=password_file,
        )
    )
    admin = admin or _offered("Login of the first admin of the dashboard (empty: none)")
    admin_password = asking.password(admin_password_file, "admin-password", admin, is_new=True) if admin else ""
    try:
        is_the_groups = write(answers, path)
    except OSError as error:
        typer.echo(f"{path} can't be written: {error.strerror}", err=True)
        raise typer.Exit(Exit.FAILED) from error
    typer.echo(f"written: {', '.join(map(str, files_of(path)))}")
    if os.geteuid() == 0 and not is_the_groups:
        typer.echo(f"only root can read them, as there is no group {GROUP} yet: {MAKE_USERS}", err=True)
    if admin:
        _make_admin(context, path, admin, admin_password)
    if look(context, path):
        typer.echo("the configuration stands; mend the faults, and look again with `fax-gateway check`", err=True)
        raise typer.Exit(Exit.FAILED)
    number = test_fax or _offered("Number for a test fax (empty: none)")
    if number:
        sender = test_sender or _offered("Mail address that is told what became of it") or answers.postmaster
        _try(context, path, number, sender)
    typer.echo("start it: systemctl enable --now fax-gateway; where that isn't installed, fax-gateway serve")


def _path(context: typer.Context, config: Path | None) -> Path:
    """Where the other commands will look for it."""
    chosen = context.find_object(Chosen)
    option = config or (chosen.config if chosen is not None else None)
    return option or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else DEFAULT_PATH)


def _refuse_to_overwrite(path: Path, *, overwrite: bool) -> None:
    there = [str(each) for each in files_of(path) if each.exists()]
    is_packaged = there == [str(path)] and packaged_at(path) is not None
    if not there or overwrite or is_packaged:
        return
    if not asking.is_terminal():
        typer.echo(f"{', '.join(there)}: already there; --overwrite keeps what is there as *.old", err=True)
        raise typer.Exit(Exit.FAILED)
    typer.confirm(f"{', '.join(there)}: already there; write new ones and keep these as *.old?", abort=True)


def _offered(question: str) -> str:
    """What may be left out; nobody is asked where nobody can be."""
    return str(typer.prompt(question, default="", show_default=False)).strip() if asking.is_terminal() else ""


def _make_admin(context: typer.Context, path: Path, name: str, password: str) -> None:
    wanted = AddUser(name=name, password=SecretStr(password), role=Role.ADMIN)
    for done in Asking(context, path).items(wanted, TypeAdapter(Added)):
        typer.echo(f"{name} can log in now" if done.is_new else f"{name} has a new password")


def _try(context: typer.Context, path: Path, number: str, sender: str) -> None:
    settings = load(context, path).settings
    try:
        with trial.daemon(path, settings) as running:
            job_id = trial.send(running.address, settings, number, sender)
            typer.echo(f"the test fax is job {job_id}")
            state = None
            for job in trial.follow(running.places, job_id):
                state = job.state
                typer.echo(f"  {state}  {job.last_error or ''}".rstrip())
    except (TrialFailed, NobodyThere, BrokenOff, Refused) as error:
        typer.echo(str(error) or "the daemon has stopped", err=True)
        raise typer.Exit(Exit.FAILED) from error
    if state is not State.SENT:
        typer.echo(f"it did not arrive, or not yet: fax-gateway jobs show {job_id}", err=True)
        raise typer.Exit(Exit.FAILED)
