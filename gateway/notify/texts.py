"""The human part of a word to a sender, in English or German: subject line and text, from `templates/dsn/`.

A template's first line is the subject, the rest the text. It writes a paragraph as one line; lines are wrapped here,
so that a long subject or sentence doesn't spoil the look.
"""

import functools
import textwrap
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.documents.templates import bundled_templates
from gateway.notify.word import Word
from gateway.reasons.matching import in_german

WIDTH = 72
SUBJECT_SHOWN = 120  # characters of the mail's subject in ours

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    body: str  # lines end with "\n"


class Texts:
    """The texts of one template directory."""

    def __init__(self, directory: Path) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(directory / "dsn", encoding="utf-8"),
            autoescape=False,  # noqa: S701 - plain text; the word was made one line per value before
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["day"] = _day_en
        self._environment.filters["tag"] = _day_de
        self._environment.filters["span"] = _span
        self._environment.filters["deutsch"] = in_german

    def write(self, word: Word) -> Text:
        template = self._environment.get_template(f"{word.kind}.{word.language}.txt.j2")
        title = textwrap.shorten(word.subject, SUBJECT_SHOWN, placeholder=" …")
        rendered = template.render(word=word, title=title)
        subject, _, body = rendered.partition("\n")
        return Text(subject.strip(), _wrapped(body.strip("\n")))


@functools.cache
def bundled_texts() -> Texts:
    return Texts(bundled_templates())


def _wrapped(text: str) -> str:
    return "".join(_wrapped_line(line) + "\n" for line in text.split("\n"))


def _wrapped_line(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    filled = textwrap.fill(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.rstrip()


def _day_en(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M %Z")


def _day_de(moment: datetime) -> str:
    return moment.strftime("%d.%m.%Y, %H:%M %Z")


def _span(duration: timedelta) -> str:
    """`1:05 min`, in either language."""
    minutes, seconds = divmod(round(duration.total_seconds()), _MINUTE)
    return f"{minutes}:{seconds:02} min" if minutes else f"{seconds} s"
