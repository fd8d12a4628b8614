"""``fax-gateway config``: the configuration as it is in effect, and its JSON Schema."""

import json
import sys
import tomllib
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gateway.cli.options import ConfigOption, load
from gateway.config.errors import HIDDEN
from gateway.config.schema import json_schema
from gateway.config.show import DEFAULT, lines

ChangedOption = Annotated[bool, typer.Option("--changed", help="Only what differs from the built-in defaults.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

WIDE = 200  # columns, where no terminal says how many it has

app = typer.Typer(help="The configuration as it is in effect, and its JSON Schema.", no_args_is_help=True)


@app.command()
def show(
    context: typer.Context, changed: ChangedOption = False, as_json: JsonOption = False, config: ConfigOption = None
) -> None:
    """Show each key with its value and where that comes from; secrets are masked."""
    loaded = load(context, config)
    found = [line for line in lines(loaded.settings, loaded.layers) if line.changed or not changed]
    if as_json:
        for line in found:
            fields = {"key": line.key, "value": _parsed(line.value), "origin": line.origin, "changed": line.changed}
            typer.echo(json.dumps(fields, ensure_ascii=False))
        return
    table = Table("key", "value", "from", box=None, header_style="bold")
    for line in found:
        table.add_row(line.key, line.value, line.origin, style=None if line.origin != DEFAULT else "dim")
    Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False).print(table)


def _parsed(value: str) -> Any:
    return value if value == HIDDEN else tomllib.loads(f"value = {value}")["value"]


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration file, for editors and for programs that write it."""
    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
