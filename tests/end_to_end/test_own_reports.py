"""`report.by = "gateway"`: the sender hears from us, with pages, time and what to do next, and from nobody else."""

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("number", "subject", "sentences"),
    [
        ("+4989123456", "Fax to +4989123456 delivered: Angebot", ["Pages: 3", "Answered as:", "Nothing, this is for"]),
        ("+4989990001", "Fax to +4989990001 not delivered: Angebot", ["send the mail again"]),
        ("+4989990005", "Fax to +4989990005 not confirmed: Angebot", ["ask the recipient first"]),
    ],
    ids=["OK", "BUSY", "EOD_FAILED"],
)
def test_our_own_mail_is_the_only_word(
    gateway: Any, a_mail: Callable[..., EmailMessage], number: str, subject: str, sentences: list[str]
) -> None:
    gateway.configure('[report]\nby = "gateway"\n')
    gateway.sandbox.start()
    gateway.daemon.start()
    try:
        job_id = gateway.send(a_mail(), f"{number}@fax.local")
        gateway.daemon.wait_for("word_sent", job_id=job_id, word="result")
    finally:
        gateway.daemon.stop()
        gateway.sandbox.stop()
    (raw,) = [content for _, to, content in gateway.mailbox.mails if to == ["jana@example.com"]]
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert str(message["Subject"]).startswith(subject)
    text = message.get_body(("plain",))
    assert text is not None
    body = " ".join(text.get_content().split())
    for sentence in sentences:
        assert sentence in body
