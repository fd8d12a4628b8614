"""The real daemon against the real sandbox, and made-up mails for them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox
from tests.living.process import free_port


@pytest.fixture(scope="session")
def free_ports() -> Callable[[int], list[int]]:
    """``free_ports(2)``: ports of 127.0.0.1 that nobody listens on."""
    return lambda count: [free_port() for _ in range(count)]


@pytest.fixture
def gateway(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """A gateway whose parts are not started yet."""
    with Mailbox() as mailbox:
        made = Gateway(tmp_path, mailbox)
        if request.node.get_closest_marker("undrawn"):
            made.draw_nothing()
        yield made


@pytest.fixture
def running(gateway: Gateway) -> Iterator[Gateway]:
    """A gateway that runs, and was seen to stop cleanly."""
    with ExitStack() as stack:
        gateway.sandbox.start()
        stack.callback(gateway.sandbox.stop)
        gateway.daemon.start()
        stack.callback(gateway.daemon.stop)
        yield gateway


@pytest.fixture(scope="session")
def pdf() -> bytes:
    """A sound PDF of two pages, made by hand."""
    return minimal_pdf(["Page one", "Page two"])


def minimal_pdf(texts: list[str]) -> bytes:
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    pages = []
    for text in texts:
        stream = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET"
        content = f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream"
        number = len(objects) + 1
        pages.append(f"{number} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            f"/Resources << /Font << /F1 {font} >> >> >>"
        )
        objects.append(content)
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(pages)}] /Count {len(pages)} >>"
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{each}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


@pytest.fixture
def a_mail(pdf: bytes) -> Callable[..., EmailMessage]:
    """Makes a mail with a text and a PDF; every mail has a Message-ID of its own."""
    made = 0

    def make(text: str = "Guten Tag", filename: str = "Angebot für Müller & Söhne.pdf") -> EmailMessage:
        nonlocal made
        made += 1
        mail = EmailMessage()
        mail["From"] = "Jana Beispiel <jana@example.com>"
        mail["Subject"] = "Angebot für Müller"
        mail["Message-ID"] = f"<{made}@example.com>"
        mail.set_content(text)
        mail.add_attachment(pdf, maintype="application", subtype="pdf", filename=filename)
        return mail

    return make
