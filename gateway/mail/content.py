"""A mail's bytes become what a person sees of it: a body, attachments, pictures that belong to the text."""

from gateway.mail.body import joined
from gateway.mail.decoration import sort_files
from gateway.mail.gathering import gather
from gateway.mail.header import Content, with_header
from gateway.mail.model import Body, Mail, MailLimits, Problem
from gateway.mail.node import Node, TooDeep, TooMuch, size
from gateway.mail.place import preamble
from gateway.mail.secured import Allowance, Purse
from gateway.mail.tree import parse_tree


def parse_mail(raw: bytes, limits: MailLimits) -> Mail:
    """The content of any bytes; what is wrong with them is in ``problems``."""
    raw = _with_lines(raw)
    try:
        tree = parse_tree(raw)
    except TooDeep:
        return Mail(headers={}, problems=(_too_deep(limits),))
    except TooMuch as too_much:
        return Mail(headers={}, problems=(Problem(str(too_much), fatal=True),))
    return with_header(raw, tree.headers, _content(raw, tree, limits))


def _content(raw: bytes, tree: Node, limits: MailLimits) -> Content:
    levels, parts = size(tree)
    if levels > limits.depth:
        return Content(problems=(_too_deep(limits),))
    if parts > limits.parts:
        sentence = f"the mail has {parts} parts; at most {limits.parts} are read"
        return Content(problems=(Problem(sentence, fatal=True),))
    found = gather(tree, Allowance(limits.depth, Purse(limits.parts)), is_text=True)
    if any(problem.fatal for problem in found.problems):
        return Content(problems=found.problems)
    body = joined(found.sections)
    if body.is_empty and not found.files and tree.is_multipart:
        body = Body(text=preamble(raw, tree.parameter("boundary")) or None)
    files = sort_files(found.files, body.html, has_text=not body.is_empty)
    return Content(
        body=body,
        attachments=files.documents,
        inline=files.shown,
        problems=found.problems,
        left_out=(*found.left_out, *files.left_out),
    )


def _with_lines(raw: bytes) -> bytes:
    """Lines that end with CR alone, as some devices write them, and a mailbox file's line before the header."""
    if raw.startswith(b"From "):
        raw = raw[raw.find(b"\n") + 1 :]
    return raw.replace(b"\r", b"\r\n") if b"\r" in raw and b"\n" not in raw else raw


def _too_deep(limits: MailLimits) -> Problem:
    return Problem(f"the mail's parts are nested deeper than {limits.depth} levels", fatal=True)
