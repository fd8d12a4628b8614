"""What a fax machine can't show is said before it is sent."""

from typing import Any

import pytest
from PIL import Image, ImageDraw

from gateway.documents.render import RenderOptions, SourceDocument, page_notes
from gateway.documents.render.bilevel import to_bilevel
from gateway.documents.render.legibility import Legibility, legibility
from gateway.documents.render.paper import WIDTH, Resolution

FAINT = "parts of it are so light that they don't print"
PICTURES = "pictures or shading print as black dots"


def page(*, shade: int = 0, photograph: bool = False) -> Image.Image:
    """A white page with a black line, letters in `shade` below it, and perhaps a photograph."""
    grey = Image.new("L", (WIDTH, 2000), 255)
    draw = ImageDraw.Draw(grey)
    draw.rectangle(
        (100, 40, 1600, 44), fill=0
    )  # without any ink a page would be drawn as the pencil drawing that it is
    for row in range(100, 900, 60):
        for column in range(100, 1600, 40):
            draw.rectangle((column, row, column + 12, row + 30), fill=shade)
    if photograph:
        grey.paste(Image.linear_gradient("L").resize((900, 700)).point(lambda value: 40 + value // 2), (300, 1100))
    return grey


def judged(grey: Image.Image) -> Legibility:
    return legibility(grey, to_bilevel(grey, Resolution.HIGH), Resolution.HIGH)


@pytest.mark.parametrize(
    ("grey", "notes"),
    [
        (page(), ()),
        (page(shade=120), ()),
        (page(shade=200), (FAINT,)),
        (page(photograph=True), (PICTURES,)),
        (page(shade=210, photograph=True), (FAINT, PICTURES)),
        (Image.new("L", (WIDTH, 2000), 255), ()),
    ],
    ids=["black", "grey", "light", "photograph", "both", "empty"],
)
def test_what_gets_lost_is_said(grey: Image.Image, notes: tuple[str, ...]) -> None:
    assert judged(grey).notes == notes


def test_the_soft_edges_of_black_letters_are_no_loss() -> None:
    soft = page().resize((WIDTH // 3, 700), Image.Resampling.BOX).resize((WIDTH, 2000), Image.Resampling.BICUBIC)
    assert judged(soft).notes == ()


def test_a_note_names_the_page_of_the_fax(words: Any) -> None:
    light = '<p style="color:#ccc;font-size:40pt">' + "Im Kleingedruckten steht es. " * 8 + "</p>"
    documents = [
        *words(["one", "two"]),
        SourceDocument("light.html", f"<p>Guten Tag</p>{light}".encode()),
    ]
    before = len(words(["one", "two"]))
    assert list(page_notes(documents, RenderOptions())) == [(before + 1, FAINT)]
