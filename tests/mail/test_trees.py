"""Golden files: what becomes of each mail in trees/, as an outline that a person can check.

To make the outlines anew after a change that is meant, run this file (`python tests/mail/test_trees.py`) and read the
difference. A new mail is a new NAME.eml there; its lines end with CRLF.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.mail import Mail, MailLimits, Part, parse_mail

TREES = Path(__file__).parent / "trees"
NAMES = sorted(path.stem for path in TREES.glob("*.eml"))


def outline(mail: Mail) -> str:
    return "\n".join(_lines(mail)) + "\n"


def _lines(mail: Mail) -> Iterator[str]:
    yield f"subject: {mail.subject}"
    yield f"from: {mail.from_.address if mail.from_ else None} ({mail.from_.display_name if mail.from_ else None})"
    for form, text in (("text", mail.body.text), ("html", mail.body.html)):
        if text is not None:
            yield f"{form}:"
            yield from (f"  | {line}".rstrip() for line in text.strip().splitlines())
    for part in mail.attachments:
        yield f"attachment: {_described(part)}"
        yield from (f"  | {line}".rstrip() for line in _shown(part))
    for content_id, part in mail.inline.items():
        yield f"inline {content_id}: {_described(part)}"
    yield from (f"left out: {clause}" for clause in mail.left_out)
    for problem in mail.problems:
        yield f"{'fatal ' if problem.fatal else ''}problem {problem.enhanced_code}: {problem.sentence}"


def _described(part: Part) -> str:
    return f"{part.filename} ({part.declared_type}, {part.disposition}, {len(part.content)} bytes)"


def _shown(part: Part) -> list[str]:
    """What of its content a person can read."""
    if part.declared_type not in {"text/plain", "message/rfc822"}:
        return [ascii(part.content[:16])[1:]]
    return part.content.decode().splitlines()


def read(name: str) -> Mail:
    return parse_mail((TREES / f"{name}.eml").read_bytes(), MailLimits())


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_what_its_outline_says(name: str) -> None:
    assert outline(read(name)) == (TREES / f"{name}.txt").read_text(encoding="utf-8")


def test_there_are_as_many_outlines_as_mails() -> None:
    assert sorted(path.stem for path in TREES.glob("*.txt")) == NAMES
    assert len(NAMES) >= 40


if __name__ == "__main__":
    for name in NAMES:
        (TREES / f"{name}.txt").write_text(outline(read(name)), encoding="utf-8")
