"""What the benchmarks send: mails of a stated size, each with one real PDF."""

import base64
import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf

SENDER = "relay@example.com"
RECIPIENT = "+4989123456@fax.local"


def mail_of(size: int) -> bytes:
    """A mail of about `size` bytes."""
    room = size - 520
    padding = max(room * 3 // 4 * 76 // 78 - 640, 0)
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        if padding:
            pdf.Root.Padding = pdf.make_stream(os.urandom(padding))
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    header = (
        f"From: {SENDER}\r\nTo: {RECIPIENT}\r\nSubject: Angebot\r\nDate: Mon, 23 Nov 2026 09:30:00 +0000\r\n"
        "Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n'
        '--b\r\nContent-Type: application/pdf; name="offer.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    return header.encode() + base64.encodebytes(out.getvalue()).replace(b"\n", b"\r\n") + b"--b--\r\n"


@contextlib.contextmanager
def mail_file(mail: bytes) -> Iterator[Path]:
    """As smtp-source -F wants it: it makes line ends CRLF itself."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(mail.replace(b"\r\n", b"\n"))
        file.flush()
        yield Path(file.name)


def smtp_source(mail: Path, port: int, *, sessions: int, messages: int) -> list[str]:
    """The command that sends `mail` so often, a connection for each (smtp-source(1), of Postfix)."""
    load = ["-4", "-F", str(mail), "-s", str(sessions), "-m", str(messages)]
    return ["smtp-source", *load, "-f", SENDER, "-t", RECIPIENT, f"127.0.0.1:{port}"]
