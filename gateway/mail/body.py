"""The mail's own text, put together from its text parts, in the forms in which they came."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from gateway.mail.charset import decode_text
from gateway.mail.flowed import unflow
from gateway.mail.model import Body
from gateway.mail.node import Node

MOST_LINES = 500_000  # of a text whose paragraphs are put together; more are no letter


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the body, in one form or in both (multipart/alternative)."""

    plain: str | None = None
    html: str | None = None


def text_of(node: Node) -> str:
    """Its text with lines that end in newlines; paragraphs of format=flowed are whole."""
    parameters = node.parameters
    text, _ = decode_text(node.load(), parameters.get("charset"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if node.content_type == "text/html" or text.count("\n") > MOST_LINES:
        return text
    if parameters.get("format", "").lower() == "flowed":
        return unflow(text, delsp=parameters.get("delsp", "").lower() == "yes")
    return text


def joined(sections: Iterable[Section]) -> Body:
    """Each form of the body is whole: HTML holds what only came as plain text, too."""
    filled = [each for each in sections if (each.plain or "").strip() or (each.html or "").strip()]
    if not filled:
        return Body()
    plain = [each.plain for each in filled if each.plain is not None]
    text = "\n\n".join(each.strip("\n") for each in plain) if len(plain) == len(filled) else None
    if all(each.html is None for each in filled):
        return Body(text=text)
    return Body(text=text, html="\n".join(_as_html(each) for each in filled))


def _as_html(section: Section) -> str:
    if section.html is not None:
        return section.html
    return f'<div style="white-space: pre-wrap">{escape(section.plain or "")}</div>'
