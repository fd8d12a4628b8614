"""Office documents become PDFs by the real LibreOffice: what is on the pages, and what it can't reach meanwhile."""

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from gateway.documents.converter import Converters, Start
from gateway.documents.converter.pool import BROKE, Closed
from gateway.documents.finding import DocumentLimits, Fault, Sound
from gateway.documents.libreoffice import office_available, office_program
from gateway.documents.office import CONVERTED
from gateway.documents.sniff import Kind

pytestmark = pytest.mark.once

LIMITS = DocumentLimits()
PATIENCE = 100.0  # seconds
FOUND = Sound(0, CONVERTED)


@pytest.fixture(autouse=True)
def libreoffice() -> None:
    if not office_available():
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice is not installed, and this is CI: its packages are in .ci/run")
        pytest.skip("LibreOffice is not installed")


@pytest.fixture
def converters() -> Iterator[Converters]:
    with Converters() as converters:
        yield converters


@pytest.fixture
def printed(converters: Converters) -> Callable[[bytes], list[str]]:
    """The text of each page."""

    def pages_of(content: bytes) -> list[str]:
        made = converters.convert_within(LIMITS, "A4", PATIENCE)(Kind.OFFICE, content, FOUND)
        assert isinstance(made, bytes)
        return texts(made)

    return pages_of


def texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range() for page in document]


def sizes(pdf: bytes) -> list[tuple[int, int]]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [(round(page.get_width()), round(page.get_height())) for page in document]


UNDER_THE_UNIT = """
import ctypes, sys
from gateway.documents.converter import Converters
from gateway.documents.finding import DocumentLimits, Sound
from gateway.documents.sniff import Kind

assert ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) == 0, "no PR_SET_MDWE"  # MemoryDenyWriteExecute, Linux 6.3
with Converters() as converters:
    made = converters.convert_within(DocumentLimits(), "A4", 100)(Kind.OFFICE, b"{\\\\rtf1 a}", Sound(0, "x"))
print(made[:5] if isinstance(made, bytes) else made)
"""


def test_it_runs_where_no_memory_may_be_written_and_executed() -> None:
    """As in our systemd unit."""
    done = subprocess.run([sys.executable, "-c", UNDER_THE_UNIT], capture_output=True, timeout=100, check=False)
    if b"no PR_SET_MDWE" in done.stderr:
        pytest.skip("the kernel is older than 6.3")
    assert done.stdout.splitlines()[-1] == b"b'%PDF-'"  # before it, what is logged


def left_behind() -> set[str]:
    return {each.name for each in Path("/tmp").iterdir() if each.name.startswith(("fax-gateway-office-", "OSL_PIPE_"))}


@pytest.mark.parametrize("kind", ["docx", "odt", "rtf"])
def test_texts_are_printed(office: Any, printed: Callable[[bytes], list[str]], kind: str) -> None:
    (page,) = printed(getattr(office, kind)("Guten Tag"))
    assert page.strip() == "Guten Tag"


def test_a_workbook_is_printed_whole_and_as_wide_as_the_paper(converters: Converters, office: Any) -> None:
    content = office.xlsx([[f"R{row}C{column}" for column in range(1, 21)] for row in range(1, 31)], "$A$1:$B$2")
    made = converters.convert_within(LIMITS, "A4", PATIENCE)(Kind.OFFICE, content, FOUND)
    assert isinstance(made, bytes)
    (page,) = texts(made)
    assert {"R1C1", "R1C20", "R30C1", "R30C20"} <= set(page.split())
    assert sizes(made) == [(842, 595)]


def test_the_process_that_ran_it_is_gone_and_leaves_nothing(start: Start, office: Any) -> None:
    before = left_behind()
    with Converters(start) as converters:
        made = converters.convert_within(LIMITS, "A4", PATIENCE)(Kind.OFFICE, office.docx("a"), FOUND)
        assert isinstance(made, bytes)
        assert not converters._busy
        idle = [Path(f"/proc/{worker.process}/cmdline").read_text() for worker in converters._idle]
    assert not any("fax-gateway-office" in each for each in idle)
    assert left_behind() <= before


def test_more_pages_than_a_job_may_have_are_refused(converters: Converters, office: Any) -> None:
    page = '<w:p><w:r><w:br w:type="page"/><w:t>b</w:t></w:r></w:p>'
    few = DocumentLimits(pages=3)
    made = converters.convert_within(few, "A4", PATIENCE)(Kind.OFFICE, office.docx("a", body=page * 3), FOUND)
    assert made == Fault("has 4 pages when it is printed; at most 3 can be faxed in one job")


def test_what_it_fails_over_is_refused(converters: Converters, office: Any) -> None:
    broken = office.zipped({"[Content_Types].xml": "no XML", "word/document.xml": "neither"})
    made = converters.convert_within(LIMITS, "A4", PATIENCE)(Kind.OFFICE, broken, FOUND)
    assert isinstance(made, Fault)
    assert made != BROKE


def processes_of(group: int) -> list[int]:
    """proc(5), /proc/pid/stat: the fifth field is the process group; what has ended is a Z or not there."""
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of_group = each.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(of_group) == group and state != "Z":
            found.append(int(each.parent.name))
    return found


def over(group: int) -> bool:
    """Killed at once, gone a moment later."""
    until = time.monotonic() + 5
    while processes_of(group) and time.monotonic() < until:
        time.sleep(0.01)
    return not processes_of(group)


def running(converters: Converters) -> int:
    """The process group of the one conversion, as soon as LibreOffice runs in it."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for worker in list(converters._busy):
            if len(processes_of(worker.process)) > 1:
                return worker.process
        time.sleep(0.005)
    raise AssertionError("LibreOffice did not start")


def test_over_time_everything_is_killed(converters: Converters, office: Any) -> None:
    before = left_behind()
    with ThreadPoolExecutor(1) as thread:
        convert = converters.convert_within(LIMITS, "A4", 6.0)
        asked = thread.submit(convert, Kind.OFFICE, office.docx("a"), FOUND)
        group = running(converters)
        for process in processes_of(group):
            os.kill(process, signal.SIGSTOP)
        assert isinstance(asked.result(30), Fault)
    assert over(group)
    assert left_behind() <= before


def test_the_end_of_the_gateway_is_that_of_every_conversion(office: Any) -> None:
    with Converters() as converters, ThreadPoolExecutor(1) as thread:
        asked = thread.submit(converters.convert_within(LIMITS, "A4", PATIENCE), Kind.OFFICE, office.docx("a"), FOUND)
        group = running(converters)
        converters.close()
        with pytest.raises(Closed):
            asked.result(30)
    assert over(group)


KILLED = """
import os, signal, sys, threading, time
from gateway.documents.converter import Converters
from gateway.documents.finding import DocumentLimits, Sound
from gateway.documents.sniff import Kind

converters = Converters()
convert = converters.convert_within(DocumentLimits(), "A4", 100)
threading.Thread(target=convert, args=(Kind.OFFICE, b"{\\\\rtf1 a}", Sound(0, "x"))).start()
while not converters._busy:
    time.sleep(0.005)
(worker,) = converters._busy
print(worker.process, worker._keeper._started._directory, flush=True)
sys.stdin.read(1)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_gateway_that_is_killed_takes_its_conversions_with_it() -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as gateway:
        assert gateway.stdin is not None
        assert gateway.stdout is not None
        group, directory = gateway.stdout.readline().split()
        while len(processes_of(int(group))) < 2:
            time.sleep(0.005)
        gateway.stdin.write(b"x")
    assert gateway.returncode == -signal.SIGKILL
    assert over(int(group))
    place = Path(os.fsdecode(directory))
    assert list(place.iterdir()) == []
    place.rmdir()


@pytest.fixture
def requests() -> Iterator[tuple[str, list[str]]]:
    """A server's address, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815 - names of methods (RFC 9110 §9, RFC 4918 §9.1)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def remote_picture_odt(office: Any, server: str) -> bytes:
    image = f'<draw:image xlink:href="{server}/odt.png" xlink:type="simple" xlink:actuate="onLoad"/>'
    frame = f'<draw:frame text:anchor-type="as-char" svg:width="2cm" svg:height="2cm">{image}</draw:frame>'
    section = f'<text:section text:name="s"><text:section-source xlink:href="{server}/section.odt"/></text:section>'
    return bytes(office.odt("Guten Tag", body=f"<text:p>{frame}</text:p>{section}"))


def remote_template_docx(office: Any, server: str) -> bytes:
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    settings = (
        '<w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        f'xmlns:r="{namespace}"><w:attachedTemplate r:id="r1"/></w:settings>'
    )
    return bytes(
        office.docx(
            "Guten Tag",
            body='<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>INCLUDEPICTURE '
            f'"{server}/docx.png" \\d</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
            **{
                "word__settings.xml": settings,
                "word___rels__settings.xml.rels": office.relationships(
                    "attachedTemplate", f"{server}/t.dotx", "External"
                ),
                "word___rels__document.xml.rels": office.relationships("settings", "settings.xml"),
            },
        )
    )


def remote_picture_rtf(office: Any, server: str) -> bytes:
    field = f'{{\\field{{\\*\\fldinst INCLUDEPICTURE "{server}/rtf.png" \\\\d}}{{\\fldrslt}}}}'
    return bytes(office.rtf(f"Guten Tag {field}", f"{{\\*\\template {server}/t.dot}}"))


@pytest.mark.parametrize("make", [remote_picture_odt, remote_template_docx, remote_picture_rtf])
def test_nothing_is_fetched(
    office: Any,
    printed: Callable[[bytes], list[str]],
    requests: tuple[str, list[str]],
    make: Callable[[Any, str], bytes],
) -> None:
    server, asked = requests
    pages = printed(make(office, server))
    assert "Guten Tag" in pages[0]
    assert asked == []


def test_it_would_be_fetched_otherwise(office: Any, requests: tuple[str, list[str]], tmp_path: Path) -> None:
    """Else the test above would show nothing."""
    server, asked = requests
    source = tmp_path / "document.odt"
    source.write_bytes(remote_picture_odt(office, server))
    for _ in range(2):  # a fresh profile makes it start anew
        subprocess.run(
            [
                str(office_program()),
                f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
                *("--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(source)),
            ],
            env={"HOME": str(tmp_path), "PATH": os.defpath, "no_proxy": "127.0.0.1"},
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert "/odt.png" in asked


def with_a_macro(office: Any) -> bytes:
    """It replaces the text of its document as soon as that is opened."""
    event = (
        '<office:scripts><office:event-listeners><script:event-listener xmlns:script="urn:oasis:names:tc:opendocument:'
        'xmlns:script:1.0" xmlns:dom="http://www.w3.org/2001/xml-events" xmlns:ooo="http://openoffice.org/2004/office" '
        'script:language="ooo:script" script:event-name="dom:load" xlink:type="simple" '
        'xlink:href="vnd.sun.star.script:Standard.M.Main?language=Basic&amp;location=document"/>'
        "</office:event-listeners></office:scripts>"
    )
    library = '<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">'
    namespaces = 'xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink"'
    parts = {
        "Basic/script-lc.xml": f'{library}<library:libraries {namespaces}><library:library library:name="Standard" '
        'library:link="false"/></library:libraries>',
        "Basic/Standard/script-lb.xml": f'{library}<library:library {namespaces} library:name="Standard" '
        'library:readonly="false" library:passwordprotected="false">'
        '<library:element library:name="M"/></library:library>',
        "Basic/Standard/M.xml": '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="M" '
        'script:language="StarBasic">Sub Main\nThisComponent.Text.String = "a macro"\nEnd Sub</script:module>',
    }
    content = office.odt("Guten Tag", scripts=event, listed=tuple(parts))
    return bytes(office.with_parts(content, parts))


def test_no_macro_is_run(office: Any, printed: Callable[[bytes], list[str]]) -> None:
    """The command that converts runs none, whatever the settings; ours forbid them once more."""
    (page,) = printed(with_a_macro(office))
    assert page.strip() == "Guten Tag"
