"""`fax-gateway preview`: the documents that the daemon would send, and their pages."""

import json
import subprocess
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from PIL import Image

from gateway.config import Settings
from gateway.daemon.previewing import Refused, previewed
from gateway.documents.render import HeaderLine, Paper, RenderError, Resolution
from gateway.intake.printing import printing_of
from tests.living import nursery


def mail(attachment: bytes = b"Zeile 1\n\x0cZeile 2\n", name: str = "notiz.txt") -> bytes:
    message = EmailMessage()
    message["From"] = "Jana Beispiel <jana@example.com>"
    message["Subject"] = "Angebot für Müller"
    message["Message-ID"] = "<1@example.com>"
    message.set_content("Anbei unser Angebot.\n")
    message.add_attachment(attachment, maintype="text", subtype="plain", filename=name)
    return message.as_bytes()


def run(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (directory / "mail.eml").write_bytes(mail())
    (directory / "config.toml").write_text(
        '[[profile]]\nmatch = "*@example.com"\nresolution = "LOW"\ncsid = "+49 89 1"\n'
    )
    return nursery.run("preview", "mail.eml", *words, "--config", "config.toml", cwd=directory)


def test_the_request_the_documents_and_their_pages_are_written(tmp_path: Path) -> None:
    done = run(tmp_path, "--to", "089123456", "-o", "out")
    assert (done.returncode, done.stdout) == (0, "out: +4989123456\n")
    request = json.loads((tmp_path / "out" / "job.json").read_text())
    assert [document["name"] for document in request["documents"]] == ["cover.html", "notiz.txt"]
    assert request["transportOptions"] == {"csid": "+49 89 1"}
    assert request["recipients"] == [{"number": "+4989123456"}]
    assert (tmp_path / "out" / "notiz.txt").read_bytes() == b"Zeile 1\n\x0cZeile 2\n"
    pages = sorted(path.name for path in (tmp_path / "out").glob("page-*.png"))
    assert pages == ["page-001.png", "page-002.png", "page-003.png"]
    with Image.open(tmp_path / "out" / "page-001.png") as page:
        assert page.width == 1728


def test_the_pages_are_printed_as_the_job_wants_it() -> None:
    profile = {"match": "*", "resolution": "LOW", "paper_format": "LETTER", "csid": "+49 89 1", "header": "%#%r%C"}
    now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    (each,) = previewed(Settings.model_validate({"profile": [profile]}), mail(), ["+4989123456"], None, now)
    printing = printing_of(each.job)
    assert (printing.paper, printing.resolution) == (Paper.LETTER, Resolution.LOW)
    assert (printing.header, printing.number, printing.csid, printing.moment) == (
        HeaderLine.parse("%#%r%C"),
        "+4989123456",
        "+49 89 1",
        now,
    )


@pytest.mark.parametrize(("language", "clause"), [("en", "key.asc: empty"), ("de", "key.asc: leer")])
def test_the_cover_says_in_its_language_what_was_left_out(language: str, clause: str) -> None:
    settings = Settings.model_validate({"cover": {"show_left_out": True}, "report": {"language": language}})
    now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    (each,) = previewed(settings, mail(b"", "key.asc"), ["+4989123456"], None, now)
    assert f" {clause}</p>" in each.assembled.documents[0].data.decode()


def test_a_header_line_that_nobody_can_print_is_named() -> None:
    profile = {"match": "*", "header": "%tz=Nowhere/At_all %H"}
    now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    (each,) = previewed(Settings.model_validate({"profile": [profile]}), mail(), ["+4989123456"], None, now)
    with pytest.raises(RenderError, match="the header line: an unknown time zone 'Nowhere/At_all'"):
        printing_of(each.job)


def test_a_refusal_is_the_reply_that_a_client_would_get(tmp_path: Path) -> None:
    done = run(tmp_path, "--to", "112")
    assert done.returncode == 1
    assert done.stderr.startswith("550 5.")


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    done = run(tmp_path, "--to", "+4989123456@fax.local", "-o", "taken")
    assert done.returncode == 1
    assert done.stderr == "taken can't be written: [Errno 17] File exists: 'taken'; name another one with -o\n"


def test_jobs_that_differ_are_shown_apart() -> None:
    settings = Settings.model_validate({})
    now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    (one,) = previewed(settings, mail(), ["+4989123456", "+4989123457", "089123456"], None, now)
    assert [recipient.number for recipient in one.job.recipients] == ["+4989123456", "+4989123457"]
    assert one.job.mail.reverse_path == "jana@example.com"
    with pytest.raises(Refused, match=r"554 5\.6\.1 bild\.xyz"):
        previewed(settings, mail(b"\x00\x01\x02\xff\xfe" * 50, "bild.xyz"), ["+4989123456"], None, now)
