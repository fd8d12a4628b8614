"""Which mails the event loop may look at itself."""

import base64

import pytest

from gateway.intake.brevity import LONGEST, SMALL, is_seen_at_once

HEADER = b"From: jana@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
PDF = base64.encodebytes(b"%PDF-1.7\n" + bytes(range(256)) * 400).replace(b"\n", b"\r\n")


def mail(content: bytes, part: bytes = b"Content-Type: application/pdf") -> bytes:
    return HEADER + b"--b\r\n\r\nSee the file.\r\n--b\r\n" + part + b"\r\n\r\n" + content + b"--b--\r\n"


def test_a_small_mail_is_seen_at_once() -> None:
    assert is_seen_at_once(b"x" * SMALL)
    assert not is_seen_at_once(b"x" * (SMALL + 1))


def test_a_text_and_one_pdf_is_seen_at_once() -> None:
    assert len(mail(PDF)) > SMALL
    assert is_seen_at_once(mail(PDF))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(mail(PDF * (LONGEST // len(PDF) + 1)), id="too long"),
        pytest.param(mail(PDF) + b"x" * SMALL, id="more behind it"),
        pytest.param(b"x" * SMALL + mail(PDF), id="more before it"),
        pytest.param(mail(base64.encodebytes(b"II*\0" + b"x" * SMALL)), id="another kind of document"),
        pytest.param(mail(b"JVBERi0:\r\n" + b"X:\r\n" * SMALL), id="a mail within the mail"),
        pytest.param(mail(b"JVBERi0<b>" + b"<b>" * SMALL), id="HTML"),
        pytest.param(mail(b"JVBERi0 " + b"and so on " * SMALL), id="text"),
        pytest.param(mail(b"JVBERi0\r\n" + b"--b\r\n\r\n" * SMALL), id="many parts"),
        pytest.param(HEADER + b"\r\n\r\n" + PDF, id="cut off"),
    ],
)
def test_what_could_take_long_is_not(raw: bytes) -> None:
    assert not is_seen_at_once(raw)
