"""Cover pages: a Jinja template and the facts of a mail in, one complete UTF-8 HTML document out.

A cover `NAME` is the file `cover/NAME.html.j2` in the first template directory that has it: the administrator's
directories in their order, then the bundled ones. What a template may use is ``CoverContext``, nothing else: it runs in
Jinja's sandbox, escapes by itself, and an unknown name is an error rather than a gap on the fax.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    meta,
)
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from gateway.documents.templates import bundled_templates

FALLBACK = "default"

_ENDING = ".html.j2"
PIECES = frozenset({"base", "parts", "words"})  # what the bundled covers are made of; no covers themselves
# The messages of Jinja that name what a template wrote.
_NAMED = re.compile(
    r"'(\w+)' is undefined"
    r"|'[\w. ]+' has no attribute '(\w+)'"
    r"|access to attribute '(\w+)' of '\w+' object is unsafe\."
)
# Control characters print nothing, and a form feed or NUL is no legal HTML (HTML Living Standard §13.2.3.5).
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom the mail is from: header From, where there is one."""

    address: str
    display_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The sender's company, from the profile; `address` may have several lines."""

    name: str | None = None
    phone: str | None = None
    fax: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverContext:
    """What a template may use, under these names."""

    sender: Sender
    subject: str
    date: datetime  # aware, in the profile's zone
    document_count: int  # beside the cover
    body_text: str
    body_html: Markup | None = None  # sanitised; None where the mail has none
    pages: int | None = None  # None where the service's rendering decides it
    recipient: str | None = None  # this job's, from the envelope; only for templates that name it
    sole_recipient: str | None = None  # None unless the mail has exactly one
    company: Company = Company()
    left_out: tuple[str, ...] = ()  # what of the mail is not on the fax, where the configuration wants it named
    language: Literal["en", "de"] = "en"


# Asked for each mail, and a template changes seldom: an answer holds so long. Seconds.
FRESH = 5.0


class CoverError(Exception):
    """A template that gives no cover: what is wrong and where, without a word of the mail."""

    def __init__(self, problem: str, file: str, line: int | None = None) -> None:
        self.problem = problem
        self.file = file
        self.line = line
        place = f"{file}, line {line}" if line is not None else file
        super().__init__(f"{place}: {problem}")


@dataclass(frozen=True, slots=True)
class _Uses:
    """What a template's text refers to; `recipient` also where that can't be told."""

    recipient: bool
    templates: tuple[str, ...]


class Covers:
    """The covers of a search path; a directory in it has its templates in `cover/`, as the bundled one does."""

    def __init__(self, directories: Sequence[Path] = (), *, bundled: Path | None = None) -> None:
        own = bundled if bundled is not None else bundled_templates()
        self._environment = _environment([*directories, own])
        self._bundled = _environment([own])
        self._names: tuple[float, frozenset[str]] = (0.0, frozenset())  # and until when they hold
        self._answers: dict[str, tuple[float, bool]] = {}  # of names_recipient, and until when each holds

    def render(self, name: str, context: CoverContext) -> str:
        """The cover as an HTML document; raises CoverError."""
        return _render(self._environment, name, context)

    def render_or_bundled(self, name: str, context: CoverContext) -> tuple[str, CoverError | None]:
        """The cover, and the error where the bundled template had to stand in: no fax is lost for a broken template.

        The bundled template of the same name stands in, else `default`.
        """
        try:
            return self.render(name, context), None
        except CoverError as error:
            stand_in = name if _file(name) in self._bundled.list_templates() else FALLBACK
            # The bundled covers never name the recipient, so a cover that several share can't disclose one.
            return _render(self._bundled, stand_in, replace(context, recipient=None)), error

    def names(self) -> frozenset[str]:
        """The covers that there are."""
        until, answer = self._names
        now = time.monotonic()
        if now > until:
            files = self._environment.list_templates(filter_func=lambda file: file.endswith(_ENDING))
            answer = frozenset(file.removesuffix(_ENDING) for file in files) - PIECES
            self._names = (now + FRESH, answer)
        return answer

    def names_recipient(self, name: str) -> bool:
        """Whether each recipient needs a cover of its own: the template, or one that it reaches, uses `recipient`.

        What can't be told counts as yes (a dynamic reference, a template that can't be read): a number on somebody
        else's cover is a disclosure, one job more is not.
        """
        until, answer = self._answers.get(name, (0.0, True))
        now = time.monotonic()
        if now > until:
            answer = self._looked_up(name)
            self._answers[name] = (now + FRESH, answer)
        return answer

    def _looked_up(self, name: str) -> bool:
        waiting, seen = [_file(name)], set[str]()
        while waiting:
            file = waiting.pop()
            if file in seen:
                continue
            seen.add(file)
            try:
                uses = self._uses(file)
            except TemplateError:
                return True
            if uses.recipient:
                return True
            waiting += uses.templates
        return False

    def _uses(self, file: str) -> "_Uses":
        tree = self._environment.parse(_source(self._environment, file))
        references = list(meta.find_referenced_templates(tree))
        certain = tuple(reference for reference in references if reference is not None)
        return _Uses("recipient" in meta.find_undeclared_variables(tree) or len(certain) < len(references), certain)

    def problems(self, name: str) -> list[str]:
        """What is wrong with a template, found by trying it with made-up mails; empty: nothing."""
        found: dict[str, None] = {}  # a set that keeps its order
        for sample in _samples():
            try:
                self.render(name, sample)
            except CoverError as error:
                found[str(error)] = None
        return list(found)


def _environment(directories: Sequence[Path]) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([directory / "cover" for directory in directories], encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _file(name: str) -> str:
    return name + _ENDING


def _source(environment: ImmutableSandboxedEnvironment, file: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, file)[0]


def _render(environment: ImmutableSandboxedEnvironment, name: str, context: CoverContext) -> str:
    try:
        return environment.get_template(_file(name)).render(_variables(context))
    except TemplateSyntaxError as error:
        raise CoverError(error.message or "syntax error", error.filename or _file(name), error.lineno) from error
    except Exception as error:  # a template may fail in any way that Python knows
        place = _place(error.__traceback__, environment)
        if place is None:
            problem = (
                f"there is no template {_file(name)}" if isinstance(error, TemplateNotFound) else type(error).__name__
            )
            raise CoverError(problem, _file(name)) from error
        file, line = place
        raise CoverError(_problem(error, Path(file).read_text("utf-8")), file, line) from error


def _problem(error: Exception, source: str) -> str:
    """The error's own message if what it names stands in the template, else its kind: a message may quote the mail."""
    match error:
        case TemplateNotFound(name=str(name)) if name in source:
            return f"there is no template {name}"
        case UndefinedError(message=str(message)) | SecurityError(message=str(message)):
            named = _NAMED.fullmatch(message)
            return message if named and (named[1] or named[2] or named[3]) in source else type(error).__name__
        case _:
            return type(error).__name__


def _place(trace: TracebackType | None, environment: ImmutableSandboxedEnvironment) -> tuple[str, int] | None:
    """The innermost line of a template in a traceback: Jinja rewrites its frames to the template's own lines."""
    loader = environment.loader
    assert isinstance(loader, FileSystemLoader)
    place = None
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if any(Path(file).is_relative_to(directory) for directory in loader.searchpath):
            place = (file, trace.tb_lineno)
        trace = trace.tb_next
    return place


def _variables(context: CoverContext) -> Mapping[str, Any]:
    variables = {field.name: getattr(context, field.name) for field in fields(context)}
    if context.recipient is None:
        # A template that has come to name the recipient since its job was made for several: undefined is an error, and
        # the bundled cover stands in.
        del variables["recipient"]
    sender = context.sender
    name = sender.display_name and _printable(sender.display_name).strip()
    return variables | {
        "sender": Sender(_printable(sender.address), name or None),
        "subject": subject_line(context.subject),
        "body_text": _printable(context.body_text),
        "left_out": tuple(_printable(each) for each in context.left_out),
        "body_html": context.body_html and Markup(_printable(context.body_html)),  # noqa: S704 - was Markup before
    }


def subject_line(subject: str) -> str:
    """As covers print it; empty where nothing of it can be seen."""
    return " ".join(_printable(subject).split())


def _printable(text: str) -> str:
    # A header that was decoded with surrogateescape may bring lone surrogates, which UTF-8 doesn't take.
    sound = str(text).encode("utf-8", "replace").decode()
    lines = sound.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    return _CONTROLS.sub("", lines)


def _samples() -> Iterator[CoverContext]:
    """Everything given, and as little as there can be, in each language."""
    for language in ("en", "de"):
        full = CoverContext(
            sender=Sender("anna@example.com", "Anna Beispiel"),
            subject="Angebot für Müller & Söhne",
            date=datetime(2026, 11, 23, 14, 5, tzinfo=UTC),
            document_count=2,
            pages=5,
            recipient="+49 89 123456",
            sole_recipient="+49 89 123456",
            body_text="Guten Tag,\nanbei das Angebot.",
            body_html=Markup("<p>Guten Tag,<br>anbei das Angebot.</p>"),
            company=Company(name="Beispiel GmbH", phone="+49 89 1", fax="+49 89 2", address="Weg 1\n80331 München"),
            left_out=("logo.png: empty",),
            language=language,
        )
        yield full
        yield CoverContext(
            sender=Sender("anna@example.com"),
            subject="",
            date=full.date,
            document_count=0,
            recipient="+49 89 123456",
            body_text="",
            language=language,
        )
