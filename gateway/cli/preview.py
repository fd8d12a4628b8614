"""``fax-gateway preview``: what would be sent of a mail, by the functions that send it; no network and no spool."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import ConfigOption, load
from gateway.config import Settings
from gateway.daemon import wiring
from gateway.delivery.request import fax_job_request
from gateway.documents.assembly import Assembled
from gateway.documents.converter import Converters
from gateway.documents.planning import Opened
from gateway.documents.render import (
    Paper,
    RenderError,
    RenderOptions,
    Resolution,
    SourceDocument,
    page_notes,
    pages_as_png,
    render_fax,
)
from gateway.documents.unfaxable import Unfaxable
from gateway.intake.envelope import Client, Envelope, FaxRecipient
from gateway.intake.examination import Examination, document_limits, examine, mail_limits
from gateway.intake.preparation import documents_of
from gateway.intake.recipients import judge_recipient
from gateway.intake.reply import Reply
from gateway.intake.taking import taking_of
from gateway.mail import parse_mail
from gateway.spool.attempts import StoredDocument
from gateway.spool.content import Content
from gateway.spool.forward_path import ForwardPath
from gateway.spool.job import Job, Recipient
from gateway.spool.mails import NewJob, Taking
from gateway.spool.states import Standing, State

MailArgument = Annotated[
    Path, typer.Argument(metavar="MAIL.eml", exists=True, dir_okay=False, help="The mail, as it is.")
]
ToOption = Annotated[
    list[str] | None, typer.Option("--to", metavar="ADDRESS", help="Recipient; may stand several times.")
]
FromOption = Annotated[str | None, typer.Option("--sender", metavar="ADDRESS", help="Reverse-path; else the From.")]
OutOption = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the result is written.")]

NOBODY = "+4930123456"  # a number that makes a fax where nobody was named


class Refused(Exception):
    """The mail would be refused; the text is the reply."""


@dataclass(frozen=True, slots=True)
class Previewed:
    job: Job
    assembled: Assembled


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
        found = previewed(settings, mail.read_bytes(), to or [], sender, datetime.now(UTC))
    except Refused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused
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
            raise typer.Exit(1) from error


def previewed(settings: Settings, raw: bytes, to: list[str], sender: str | None, now: datetime) -> list[Previewed]:
    """The jobs of a mail with their documents; raises Refused."""
    with Converters() as converters:
        return _previewed(settings, raw, to, sender, now, converters)


def _previewed(
    settings: Settings, raw: bytes, to: list[str], sender: str | None, now: datetime, converters: Converters
) -> list[Previewed]:
    covers = wiring.covers(settings)
    envelope = _envelope(settings, to, sender or _from(raw, settings))
    treatment = wiring.treatments(settings).of(envelope.reverse_path)
    limits, seconds = document_limits(treatment.options), settings.smtp.verdict_seconds
    opened = Opened(converters.look_within(limits, seconds), converters.unpack_within(limits, seconds))
    against = Examination(treatment=treatment, covers=covers.names(), now=now, opened=opened)
    examined = examine(raw, envelope, against)
    if examined.refusal is not None:
        raise Refused(str(examined.refusal))
    kept = Content("0" * 32, len(raw), None, Path(os.devnull), raw)
    taking = taking_of(envelope, examined, kept, covers=covers, postmaster="", now=now)
    found = []
    for new in taking.jobs:
        job = _job(taking, new)
        made = documents_of(job, raw, covers, converters)
        if isinstance(made, Unfaxable):
            raise Refused(f"accepted, and then told by DSN: {made.sentence}")
        found.append(Previewed(job, made))
    return found


def _envelope(settings: Settings, to: list[str], sender: str) -> Envelope:
    client = Client(address=None, helo="preview", trusted=True)
    rules, treatment = wiring.recipient_rules(settings), wiring.treatments(settings).of(sender)
    recipients = []
    for address in to or [NOBODY]:
        whole = address if "@" in address else f"{address}@{settings.smtp.domains[0]}"
        answer = judge_recipient(rules, treatment, client, ForwardPath(address=whole), heard=True)
        if isinstance(answer, Reply):
            raise Refused(str(answer))
        if isinstance(answer, FaxRecipient):
            recipients.append(answer)
    return Envelope(client=client, reverse_path=sender, recipients=tuple(recipients))


def _from(raw: bytes, settings: Settings) -> str:
    mail = parse_mail(raw, mail_limits(wiring.treatments(settings).of("").options))
    return mail.from_.address if mail.from_ is not None else "sender@example.com"


def _job(taking: Taking, new: NewJob) -> Job:
    """As the spool would give it back."""
    now = taking.mail.received_at
    return Job(
        id=new.id,
        mail=taking.mail,
        parent_id=None,
        options=new.options,
        standing=Standing(State.RECEIVED),
        created_at=now,
        timing=new.timing,
        due_at=now,
        warned_at=None,
        late_told_at=None,
        attempts=0,
        account_id=None,
        sent_at=None,
        valid_until=None,
        accepted_at=None,
        wire_id=None,
        datacenter=None,
        pages=None,
        last_error=None,
        recipients=tuple(
            Recipient(position=position, number=each.number, forward_paths=each.forward_paths)
            for position, each in enumerate(new.recipients)
        ),
    )


def _write(directory: Path, each: Previewed, settings: Settings) -> Iterator[str]:
    """The files of one job; yields what a person should know of its pages. Raises RenderError."""
    directory.mkdir(parents=True, exist_ok=True)
    for document in each.assembled.documents:
        (directory / document.name).write_bytes(document.data)
    (directory / "job.json").write_text(_request(each, settings), "utf-8")
    options = each.job.options
    sources = [SourceDocument(made.name, made.data, made.charset) for made in each.assembled.documents]
    rendering = RenderOptions(
        paper=Paper.LETTER if options.paper_format == "LETTER" else Paper.A4,
        resolution=Resolution.LOW if options.resolution == "LOW" else Resolution.HIGH,
    )
    fax = render_fax(sources, options=rendering)
    for number, png in enumerate(pages_as_png(fax.tiff), start=1):
        (directory / f"page-{number:03}.png").write_bytes(png)
    for number, note in page_notes(sources, rendering):
        yield f"page {number}: {note}"


def _request(each: Previewed, settings: Settings) -> str:
    """The FaxJobRequest as JSON, each document with its size where its data would stand."""
    stored = [
        StoredDocument(made.name, made.charset, Content("0" * 32, len(made.data), None, Path(os.devnull), made.data))
        for made in each.assembled.documents
    ]
    request = fax_job_request(each.job, stored, each.job.created_at + settings.retarus.valid_for)
    fields = request.model_dump(mode="json", by_alias=True, exclude_none=True)
    for document, made in zip(fields["documents"], each.assembled.documents, strict=True):
        document["bytes"] = len(made.data)
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
