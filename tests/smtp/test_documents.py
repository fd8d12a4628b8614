"""Documents are looked at before the 250: a refusal names the file and says what to do."""

import asyncio
import base64
import io
from email.message import EmailMessage
from typing import Any

import pikepdf
import pytest

from gateway.documents.converter import Unavailable
from gateway.documents.converter.worker import Worker
from gateway.spool import schema


def pdf(*, pages: int = 1, compressed: bool = False, password: str = "") -> bytes:
    target = io.BytesIO()
    streams = pikepdf.ObjectStreamMode.generate if compressed else pikepdf.ObjectStreamMode.disable
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        lock = pikepdf.Encryption(user=password, owner=password) if password else None
        document.save(target, object_stream_mode=streams, encryption=lock)
    return target.getvalue()


def mail(*files: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Angebot"
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes().replace(b"\n", b"\r\n") + b".\r\n"


PICTURE = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==")


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        (mail(("a.pdf", pdf())), "250 2.0.0 queued as "),
        (mail(("a.pdf", pdf(compressed=True))), "250 2.0.0 queued as "),
        (mail(("a.gif", PICTURE), ("b.pdf", pdf())), "250 2.0.0 queued as "),
        (
            mail(("a.pdf", pdf()), ("b.pdf", pdf(password="x"))),
            "554 5.6.1 b.pdf is encrypted and can't be opened without its password; send it without one",
        ),
        (mail(("a.pdf", b"%PDF-1.7\n" + b"junk " * 10_000)), "554 5.6.0 a.pdf is a damaged PDF"),
        (mail(("a.gif", PICTURE[:-10])), "554 5.6.0 a.gif is a damaged picture"),
        (
            mail(("a.pdf", pdf(pages=3)), ("b.pdf", pdf(pages=3, compressed=True))),
            "554 5.6.0 the mail has 6 pages; at most 5 can be faxed in one job",
        ),
    ],
)
def test_a_mail_whose_documents_cannot_be_faxed_is_refused(open_front: Any, text: bytes, reply: str) -> None:
    async def scenario() -> None:
        async with open_front(limits={"pages": 5}) as front, front.client() as peer:
            await peer.ask("EHLO x", "MAIL FROM:<jana@example.com>", "RCPT TO:<+4989123456@fax.local>", "DATA")
            await peer.send(text)
            assert (await peer.reply()).startswith(reply)
            assert len(await front.rows(schema.job)) == reply.startswith("250")

    asyncio.run(scenario())


def test_while_no_converter_can_be_had_mails_are_taken_and_judged_later(open_front: Any) -> None:
    """Of an encrypted PDF, say, its sender hears by DSN."""

    def start(*, office: bool, deadline: float) -> Worker:
        raise Unavailable("the service is down")

    async def scenario() -> None:
        async with open_front(start=start) as front, front.client() as peer:
            await peer.ask("EHLO x", "MAIL FROM:<jana@example.com>", "RCPT TO:<+4989123456@fax.local>", "DATA")
            await peer.send(mail(("a.pdf", pdf(compressed=True, password="x"))))
            assert (await peer.reply()).startswith("250 2.0.0 queued as ")

    asyncio.run(scenario())
