"""The command ``fax-gateway``. Each command has a file of its own; what they do stands in the rooms below."""

from pathlib import Path
from typing import Annotated

import typer

from gateway import __version__
from gateway.cli import check, database, demo, jobs, pause, preview, sandbox, serve, users
from gateway.cli import config as config_command
from gateway.cli.options import Chosen

app = typer.Typer(
    name="fax-gateway",
    help="Turns a mail to +4989123456@fax.local into a fax.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a stack with its local values would show secrets
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve.serve)
app.command("sandbox")(sandbox.sandbox)
app.command("demo")(demo.demo)
app.command("check")(check.check)
app.command("preview")(preview.preview)
app.add_typer(jobs.app, name="jobs")
app.command("pause")(pause.pause)
app.command("resume")(pause.resume)
app.add_typer(users.app, name="users")
app.add_typer(config_command.app, name="config")
app.add_typer(database.app, name="db")


def show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fax-gateway {__version__}")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", help="Configuration file, else $FAX_GATEWAY_CONFIG, else /etc/fax-gateway/config.toml"
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001 - the callback has done its work
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Turns a mail to +4989123456@fax.local into a fax."""
    context.obj = Chosen(config)


def main() -> None:
    app()
