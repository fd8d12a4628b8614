"""``fax-gateway preview``: what would be sent of a mail, by the functions that send it; no network and no spool."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.options import ConfigOption, load
from gateway.config import Settings
from gateway.daemon.previewing import Previewed, Refused, previewed, request_of
from gateway.documents.render import RenderError, SourceDocument, page_notes, pages_as_png, render_fax
from gateway.intake.printing import printing_of

MailArgument = Annotated[
    Path, typer.Argument(metavar="MAIL.eml", exists=True, dir_okay=False, help="The mail, as it is.")
]
ToOption = Annotated[
    list[str] | None, typer.Option("--to", metavar="ADDRESS", help="Recipient; may stand several times.")
]
FromOption = Annotated[str | None, typer.Option("--sender", metavar="ADDRESS", help="Reverse-path; else the From.")]
OutOption = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the result is written.")]


def preview(
    context: typer.Context,
    mail: MailArgument,
    to: ToOption = None,
    sender: FromOption = None,
    output: OutOption = Path("preview"),
    config: ConfigOption = None,
) -> None:
    """Show what would be sent of a mail: job.json, the documents, the pages as the recipient's machine prints them."""
    settings = load(context, config).settings
    try:
        raw = mail.read_bytes()
    except OSError as error:
        typer.echo(f"the mail can't be read: {error}", err=True)
        raise typer.Exit(Exit.FAILED) from error
    try:
        found = previewed(settings, raw, to or [], sender, datetime.now(UTC))
    except Refused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(Exit.FAILED) from refused
    for number, each in enumerate(found, start=1):
        directory = output if len(found) == 1 else output / f"job-{number}"
        typer.echo(f"{directory}: {', '.join(recipient.number for recipient in each.job.recipients)}")
        for warning in each.assembled.warnings:
            typer.echo(f"  {warning}")
        try:
            for note in _write(directory, each, settings):
                typer.echo(f"  {note}")
        except RenderError as error:
            typer.echo(f"  its pages can't be shown: {error}", err=True)
            raise typer.Exit(Exit.FAILED) from error
        except OSError as error:
            typer.echo(f"{directory} can't be written: {error}; name another one with -o", err=True)
            raise typer.Exit(Exit.FAILED) from error


def _write(directory: Path, each: Previewed, settings: Settings) -> Iterator[str]:
    """The files of one job; yields what a person should know of its pages. Raises RenderError."""
    directory.mkdir(parents=True, exist_ok=True)
    for document in each.assembled.documents:
        (directory / document.name).write_bytes(document.data)
    (directory / "job.json").write_text(request_of(each, settings), "utf-8")
    sources = [SourceDocument(made.name, made.data, made.charset) for made in each.assembled.documents]
    rendering = printing_of(each.job)
    fax = render_fax(sources, options=rendering)
    for number, png in enumerate(pages_as_png(fax.tiff), start=1):
        (directory / f"page-{number:03}.png").write_bytes(png)
    for number, note in page_notes(sources, rendering):
        yield f"page {number}: {note}"
