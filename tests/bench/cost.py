"""What a fax costs from its mail to its report: processor time, bytes on disk, memory; a line for each kind of mail.

    python -m tests.bench.cost [--mails 100]

Seconds are the daemon's and its converters' own (proc(5)), bytes what the spool has grown by: other work on the machine
changes neither by much. The sandbox renders nothing and answers at once. docs/sizing.md has the figures.
"""

import argparse
import io
import random
import time
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pikepdf
from PIL import Image

from tests.bench.figures import show
from tests.bench.processor import descendants, processor_seconds
from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox

PATIENCE = 600.0  # seconds
PARALLEL = 50  # mails that are under way at a time


@dataclass(frozen=True)
class Kind:
    name: str
    filename: str
    document: bytes
    mails: float = 1.0  # share of those that were asked for


def kinds() -> list[Kind]:
    return [
        Kind("text alone, 1 KB", "", b""),
        Kind("PDF, 100 KB", "offer.pdf", pdf_of(73_000)),
        Kind("PDF, 1 MB", "offer.pdf", pdf_of(730_000)),
        Kind("PDF, 10 MB", "offer.pdf", pdf_of(7_300_000), 0.2),
        Kind("scan by an MFP, 2 pages G4", "scan.pdf", scan()),
        Kind("photograph, JPEG of 12 megapixels", "photo.jpg", photograph(), 0.2),
        Kind("Word document, 2 pages (LibreOffice)", "letter.docx", word_document(), 0.1),
    ]


def pdf_of(size: int) -> bytes:
    """Sound, most of it in a stream that no page draws."""
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.Padding = pdf.make_stream(random.Random(7).randbytes(size))
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return target.getvalue()


def scan() -> bytes:
    chance, target = random.Random(7), io.BytesIO()
    pages = [Image.new("1", (2480, 3508), 1) for _ in range(2)]
    for page in pages:
        for _ in range(9_000):
            x, y = chance.randrange(2400), chance.randrange(3400)
            page.paste(0, (x, y, x + chance.randrange(2, 14), y + chance.randrange(1, 9)))
    pages[0].save(target, "PDF", resolution=300, save_all=True, append_images=pages[1:])
    return target.getvalue()


def photograph() -> bytes:
    target = io.BytesIO()
    noise = Image.frombytes("RGB", (400, 300), random.Random(7).randbytes(400 * 300 * 3))
    noise.resize((4000, 3000)).save(target, "JPEG", quality=85)
    return target.getvalue()


def word_document() -> bytes:
    """The least that is one (ECMA-376), of two pages of text."""
    paragraph = "<w:p><w:r><w:t>Sehr geehrte Damen und Herren, anbei unser Angebot.</w:t></w:r></w:p>"
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    target = io.BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Target="word/document.xml" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
        )
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{name}"><w:body>{paragraph * 60}</w:body></w:document>',
        )
    return target.getvalue()


def mail_of(kind: Kind, number: int) -> bytes:
    mail = EmailMessage()
    mail["From"] = "Jana Beispiel <jana@example.com>"
    mail["Subject"] = "Angebot"
    mail["Message-ID"] = f"<{number}@example.com>"
    mail.set_content("Guten Tag,\n\nanbei das Angebot.\n" * (1 if kind.document else 20))
    if kind.document:
        mail.add_attachment(kind.document, maintype="application", subtype="octet-stream", filename=kind.filename)
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def memory_of(pid: int) -> float:
    """MB: what a process and its descendants have for themselves, and their share of the rest (Pss)."""
    total = 0
    for each in (pid, *descendants(pid)):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def bytes_in(directory: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())


def measure(kind: Kind, mails: int) -> None:
    with TemporaryDirectory() as name, Mailbox() as mailbox:
        gateway = Gateway(Path(name), mailbox)
        gateway.sandbox = type(gateway.sandbox)([*gateway.sandbox_command, "--no-render"], gateway.directory)
        spool = gateway.directory / "spool"
        gateway.configure(
            f'[database]\nurl = "sqlite:///{spool}/spool.db"\n', log='level = "info"', max_message_bytes=40_000_000
        )
        gateway.sandbox.start()
        gateway.daemon.start()
        pid = gateway.daemon.pid
        idle, before, on_disk = memory_of(pid), processor_seconds(pid), bytes_in(spool)
        for number in range(mails):
            gateway.send(mail_of(kind, number))
            while number - gateway.daemon.count("reported") > PARALLEL:
                time.sleep(0.05)
        peak, deadline = memory_of(pid), time.monotonic() + PATIENCE
        while gateway.daemon.count("reported") < mails:
            peak = max(peak, memory_of(pid))
            assert time.monotonic() < deadline, gateway.daemon.events[-5:]
            time.sleep(0.2)
        spent = processor_seconds(pid) - before
        gateway.daemon.stop()  # its write-ahead log is in the database then
        grown = bytes_in(spool) - on_disk
        gateway.sandbox.stop()
    size = len(mail_of(kind, 0))
    show(
        f"{kind.name:38} {size / 1000:8.1f} KB  {spent / mails * 1000:7.1f} ms  {grown / mails / 1000:9.1f} KB on disk"
        f"  {idle:4.0f} MB idle, {peak:4.0f} MB at most"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=100)
    mails = parser.parse_args().mails
    for kind in kinds():
        measure(kind, max(int(mails * kind.mails), 5))


if __name__ == "__main__":
    main()
