"""What stays the same when a relay hands a mail over again, and how its log finds our job."""

import pytest

from gateway.intake.relay import body_of, relay_queue_id
from gateway.mail import MailLimits, parse_mail


@pytest.mark.parametrize(
    ("received", "queue_id"),
    [
        (
            "from a.example.com (a.example.com [192.0.2.1])\r\n\tby mx.example.com (Postfix) with ESMTPS id 4XyZ1a2b;",
            "4XyZ1a2b",
        ),
        ("from a by b with esmtp (Exim 4.96) id 1abcde-000001-AB; Mon, 23 Nov 2026 09:30:00 +0100", "1abcde-000001-AB"),
        ("by mail.example.com id <abc.123>; Mon, 23 Nov 2026 09:30:00 +0100", "abc.123"),
        ("from a by b; Mon, 23 Nov 2026 09:30:00 +0100", None),
    ],
)
def test_the_relays_queue_id_comes_from_the_topmost_received_line(received: str, queue_id: str | None) -> None:
    raw = f"Received: {received}\r\nReceived: by older id OTHER;\r\nSubject: x\r\n\r\nx".encode()
    assert relay_queue_id(parse_mail(raw, MailLimits())) == queue_id


def test_a_received_line_more_changes_nothing_of_the_body() -> None:
    first = b"Received: by a id 1;\r\nSubject: x\r\n\r\nbody\r\n\r\nmore"
    for raw in (first, b"Received: by a id 2;\r\n" + first):
        assert bytes(body_of(raw)) == b"body\r\n\r\nmore"


@pytest.mark.parametrize("raw", [b"", b"Subject: x", b"Subject: x\r\n"])
def test_a_mail_without_a_body_has_an_empty_one(raw: bytes) -> None:
    assert bytes(body_of(raw)) == b""
