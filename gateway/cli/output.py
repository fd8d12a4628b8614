"""What every command shows in the same way: tables for people, a JSON object a line for programs, how far it is."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from gateway.control.protocol import Item

WIDE = 200  # columns, where no terminal says how many it has
FEW = 20  # things that are done before a bar is read

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]


def table(*headings: str) -> Table:
    made = Table(box=None, header_style="bold")
    for heading in headings:
        made.add_column(heading, no_wrap=True)
    return made


def show(shown: Table) -> None:
    """As wide as the terminal; what is in it is text, not markup."""
    Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False).print(shown)


def counted(number: int, noun: str) -> str:
    """``1 job``, ``2 jobs``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def show_json(item: Item) -> None:
    typer.echo(item.model_dump_json(exclude_none=False))


def moment(at: datetime) -> str:
    """UTC, or as $TZ says."""
    zone = None if os.environ.get("TZ") else UTC
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


@contextmanager
def progress(doing: str, total: float | None = None) -> Iterator[Callable[[float], None]]:
    """Yields what is told how much more is done; on a terminal a bar shows it, which goes when all is done.

    `total`: None where nobody knows. What a command prints meanwhile stands above the bar.
    """
    console = Console(stderr=True)
    if not console.is_terminal or (total is not None and total <= FEW):
        yield lambda _: None
        return
    columns = [BarColumn(), MofNCompleteColumn()] if total is not None else []
    # A standard output that is a file must not be drawn into the terminal.
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        *columns,
        console=console,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    )
    with bar:
        task = bar.add_task(doing, total=total)
        yield lambda more: bar.advance(task, more)
