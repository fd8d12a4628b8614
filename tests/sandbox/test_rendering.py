"""Fax4A, renderingOptions: paper, resolution, header line, the vendor's cover pages and overlays."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw

Document = Callable[..., dict[str, str]]
Ink = Callable[..., float]

QUICK: dict[str, Any] = {"resolution": "LOW"}
MODES: tuple[tuple[str, list[int], list[int]], ...] = (
    # On a cover of one page, a first file of two pages, a second file of two; and without the cover.
    ("ALL_PAGES", [1, 2, 3, 4, 5], [1, 2, 3, 4]),
    ("NO_OVERLAY", [], []),
    ("FIRST_PAGE", [1], [1]),
    ("LAST_PAGE", [5], [4]),
    ("ALL_BUT_FIRST_PAGE", [2, 3, 4, 5], [2, 3, 4]),
    ("ALL_BUT_LAST_PAGE", [1, 2, 3, 4], [1, 2, 3]),
    ("ALL_BUT_FIRST_AND_LAST_PAGE", [2, 3, 4], [2, 3]),
    ("FIRST_FILE", [2, 3], [1, 2]),
)


@pytest.mark.parametrize(
    ("options", "size", "dpi"),
    [
        ({}, (1728, 2291), (204, 196)),
        ({"paperFormat": "A4", "resolution": "HIGH"}, (1728, 2291), (204, 196)),
        ({"paperFormat": "A4", "resolution": "LOW"}, (1728, 1145), (204, 98)),
        ({"paperFormat": "LETTER", "resolution": "HIGH"}, (1728, 2156), (204, 196)),
        ({"paperFormat": "Letter", "resolution": "LOW"}, (1728, 1078), (204, 98)),
    ],
)
def test_paper_and_resolution(
    options: dict[str, str], size: tuple[int, int], dpi: tuple[int, int], darkroom: Any, document: Document, ink: Ink
) -> None:
    documents = [document("a.txt", b"one"), document("b.html", b"<p>two")]
    pages = darkroom.fax(*documents, renderingOptions=options)
    assert [(page.size, page.info["dpi"]) for page in pages] == [(size, dpi)] * 2
    assert all(ink(page, 0.5, 0.5, 1, 1) > 0.01 for page in pages)


def headed(darkroom: Any, document: Document, header: str, **changes: Any) -> list[bytes]:
    """What a header of that template prints on the two pages of a fax."""
    text = document("a.txt", b"one\ftwo")
    pages = darkroom.fax(text, renderingOptions=QUICK | {"header": header}, **changes)
    across, down = pages[0].info["dpi"]
    head = (0, 0, pages[0].width, round(0.6 * down))
    assert across == 204
    return [page.crop(head).tobytes() for page in pages]


def test_a_header_has_three_places_and_several_rows(darkroom: Any, document: Document, ink: Ink) -> None:
    def page(header: str) -> Image.Image:
        [only] = darkroom.fax(document("a.txt", b"one"), renderingOptions=QUICK | {"header": header})
        assert isinstance(only, Image.Image)
        return only

    thirds = [(0.1, 0.0, 2.5, 0.25), (3.0, 0.0, 5.5, 0.25), (6.0, 0.0, 8.4, 0.25)]
    for header, places in (
        ("left", [True, False, False]),
        ("%cmiddle", [False, True, False]),
        ("%rright", [False, False, True]),
        ("left%cmiddle%rright", [True, True, True]),
        ("%rright%n%n", [False, False, True]),
    ):
        assert [ink(page(header), *box) > 0 for box in thirds] == places, header
    second_row = (0.0, 0.25, 8.4, 0.4)
    assert ink(page("one"), *second_row) == 0
    assert ink(page("one%ntwo"), *second_row) > 0


def test_header_fields_of_the_job(darkroom: Any, document: Document) -> None:
    recipients = [{"number": "+4989123456", "properties": [{"key": "text", "value": "for Jana"}]}]
    job = {"recipients": recipients, "transportOptions": {"csid": "+49 89 99"}}
    first, second = headed(darkroom, document, "%C %# %K%c100 %%%r%P/%T %R", **job)
    assert first == headed(darkroom, document, "+49 89 99 +4989123456 for Jana%c100 %%%r1/2 1")[0]
    assert second == headed(darkroom, document, "+49 89 99 +4989123456 for Jana%c100 %%%r2/2 2")[1]


@pytest.mark.parametrize(
    "template",
    ["%Y-%m-%d", "%d.%m.%y %H:%M", "%I:%M %p", "%H:%M:%S", "%a %b", "%A, %d %B"],
)
def test_header_fields_of_the_moment(template: str, darkroom: Any, document: Document) -> None:
    earliest = datetime.now(UTC).replace(microsecond=0)
    printed = headed(darkroom, document, template)
    seconds = int((datetime.now(UTC) - earliest).total_seconds())
    moments = [earliest + timedelta(seconds=each) for each in range(seconds + 1)]
    expected = dict.fromkeys(moment.strftime(template) for moment in moments)
    assert printed in [headed(darkroom, document, each) for each in expected]


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("%z %Z", "+0000 UTC"),
        ("%tz=Asia/Kolkata%z %Z", "+0530 IST"),
        ("%tz=UTC%z%tz=Asia/Tokyo%z", "+0000+0900"),
    ],
)
def test_header_zones(template: str, printed: str, darkroom: Any, document: Document) -> None:
    assert headed(darkroom, document, template) == headed(darkroom, document, printed)


def test_header_languages(darkroom: Any, document: Document) -> None:
    days = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
    before = datetime.now(UTC)
    printed = headed(darkroom, document, "%l=de%A")
    today = {days[before.weekday()], days[datetime.now(UTC).weekday()]}
    assert printed in [headed(darkroom, document, day) for day in today]


def test_a_cover_page_is_filled_with_the_recipients_properties(darkroom: Any, document: Document) -> None:
    covers = darkroom.directory / "covers"
    covers.mkdir(exist_ok=True)
    (covers / "mine.ftl.html").write_text("<h1>${name}</h1><p>${number} from ${csid}${nobody-gave-this}", "utf-8")
    properties = [{"key": "name", "value": "Müller & <Söhne>"}, {"key": "unused", "value": "x"}]
    recipients = [{"number": "+4989123456", "properties": properties}, {"number": "+4989123457"}]
    cover, body = darkroom.fax(
        document("a.txt", b"body"),
        recipients=recipients,
        transportOptions={"csid": "+498999"},
        renderingOptions={"coverpageTemplate": "mine.ftl.html"},
    )
    same = "<h1>Müller &amp; &lt;Söhne&gt;</h1><p>+4989123456 from +498999"
    expected = darkroom.fax(document("a.html", same.encode(), charset="UTF-8"), document("a.txt", b"body"))
    assert [cover.tobytes(), body.tobytes()] == [page.tobytes() for page in expected]


def test_the_vendors_cover_page_comes_alone_or_first(darkroom: Any, document: Document, ink: Ink) -> None:
    options = {"renderingOptions": {"coverpageTemplate": "coverpage-default.ftl.html"}}
    properties = [{"key": key, "value": "Text of it"} for key in ("name", "company", "sender", "subject", "text")]
    [bare] = darkroom.fax(**options)
    recipients = [{"number": "+4989123456", "properties": properties}]
    [filled] = darkroom.fax(recipients=recipients, **options)
    assert ink(bare, 1, 1, 2, 1.7) == ink(filled, 1, 1, 2, 1.7) > 0.1  # "Fax"
    assert ink(filled, 2, 2, 8, 6) > ink(bare, 2, 2, 8, 6)
    pages = darkroom.fax(document("a.txt", b"body"), recipients=recipients, **options)
    assert pages[0].tobytes() == filled.tobytes()
    assert len(pages) == 2


@pytest.fixture(scope="session")
def bar(darkroom: Any) -> str:
    """The name of an overlay: a bar near the foot of the page, as TIFF, PDF, PNG and HTML."""
    page = Image.new("1", (1728, 2291), 1)
    ImageDraw.Draw(page).rectangle((204, 2058, 1428, 2156), fill=0)  # 1 to 7 inches across, 10.5 to 11 down
    overlays = darkroom.directory / "overlays"
    overlays.mkdir(exist_ok=True)
    for ending in ("tif", "png"):
        page.save(overlays / f"{ending}-bar.{ending}", dpi=(204, 196))
    square = io.BytesIO()
    page.resize((1728, 2384)).save(square, "PDF", resolution=204)
    (overlays / "pdf-bar.pdf").write_bytes(square.getvalue())
    style = "@page { margin: 0 } div { margin: 10.5in 0 0 1in; width: 6in; height: 0.5in; background: black }"
    (overlays / "html-bar.html").write_text(f"<style>{style}</style><div></div>", "utf-8")
    return "tif-bar"


def barred(pages: list[Image.Image], ink: Ink) -> list[int]:
    return [number for number, page in enumerate(pages, start=1) if ink(page, 1.2, 10.6, 6.8, 10.9) > 0.9]


@pytest.mark.parametrize(("mode", "with_cover", "without_cover"), MODES)
def test_an_overlay_lies_on_the_pages_of_its_mode(
    mode: str, with_cover: list[int], without_cover: list[int], bar: str, darkroom: Any, document: Document, ink: Ink
) -> None:
    documents = [document("a.txt", b"one\ftwo"), document("b.txt", b"three\ffour")]
    options = QUICK | {"overlay": {"name": bar, "mode": mode}}
    assert barred(darkroom.fax(*documents, renderingOptions=options), ink) == without_cover
    options |= {"coverpageTemplate": "coverpage-default.ftl.html"}
    assert barred(darkroom.fax(*documents, renderingOptions=options), ink) == with_cover


@pytest.mark.parametrize("name", ["tif-bar", "tif-bar.tif", "png-bar", "pdf-bar", "html-bar"])
def test_an_overlay_hides_nothing(name: str, bar: str, darkroom: Any, document: Document, ink: Ink) -> None:
    assert bar
    text = document("a.txt", b"line\n" * 58)
    [bare] = darkroom.fax(text)
    [page] = darkroom.fax(text, renderingOptions={"overlay": {"name": name}})  # ALL_PAGES is the default
    assert barred([page], ink) == [1]
    above = (0, 0, 1728, 2000)
    assert page.crop(above).tobytes() == bare.crop(above).tobytes()


def test_the_vendors_letterhead(darkroom: Any, document: Document, ink: Ink) -> None:
    [page] = darkroom.fax(document("a.txt", b""), renderingOptions={"overlay": {"name": "letterhead"}})
    assert ink(page, 4.5, 0.2, 7.7, 0.6) > 0.03
    assert ink(page, 0, 0.7, 8.4, 11.6) == 0


@pytest.mark.parametrize(
    "options",
    [
        {"coverpageTemplate": "nobody-has-this.ftl.html"},
        {"coverpageTemplate": "../covers/mine.ftl.html"},
        {"overlay": {"name": "nobody-has-this"}},
        {"overlay": {"name": "../jobs"}},
    ],
    ids=str,
)
def test_what_the_vendor_does_not_have_is_a_rendering_error(
    options: dict[str, Any], darkroom: Any, document: Document, job: Any
) -> None:
    report = darkroom.report(job(documents=[document("a.txt", b"body")], renderingOptions=options))
    assert [each["status"] for each in report["recipientStatus"]] == ["RENDERING_ERROR"]
