"""Sizes of sheets, and where pages of other sizes land on them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.render.paper import WIDTH, Paper, Placement, Resolution, Sheet, place

A4_HIGH = Sheet(Paper.A4, Resolution.HIGH)
A4 = Paper.A4.inches


@pytest.mark.parametrize(
    ("paper", "resolution", "rows"),
    [
        (Paper.A4, Resolution.HIGH, 2291),
        (Paper.A4, Resolution.LOW, 1145),
        (Paper.LETTER, Resolution.HIGH, 2156),
        (Paper.LETTER, Resolution.LOW, 1078),
    ],
)
def test_rows_of_a_sheet(paper: Paper, resolution: Resolution, rows: int) -> None:
    assert Sheet(paper, resolution).rows == rows


@pytest.mark.parametrize(
    ("case", "inches", "sheet", "expected"),
    [
        ("a4 fills a4", A4, A4_HIGH, Placement(left=21, top=0, width=1686, rows=2291, turned=False)),
        ("landscape is turned", A4[::-1], A4_HIGH, Placement(left=21, top=0, width=1686, rows=2291, turned=True)),
        (
            "the same at LOW",
            A4,
            Sheet(Paper.A4, Resolution.LOW),
            Placement(left=21, top=0, width=1685, rows=1145, turned=False),
        ),
        ("a5 is enlarged", (5.83, 8.27), A4_HIGH, Placement(left=23, top=0, width=1681, rows=2291, turned=False)),
        (
            "a5 across stays upright",
            (8.27, 5.83),
            A4_HIGH,
            Placement(left=0, top=0, width=1728, rows=1170, turned=False),
        ),
        ("a label grows by half", (2, 2), A4_HIGH, Placement(left=558, top=0, width=612, rows=588, turned=False)),
        ("a0 shrinks", (33.1, 46.8), A4_HIGH, Placement(left=21, top=0, width=1686, rows=2291, turned=False)),
        ("a strip keeps a pixel", (8.4, 0.0001), A4_HIGH, Placement(left=0, top=0, width=1728, rows=1, turned=False)),
    ],
)
def test_place(case: str, inches: tuple[float, float], sheet: Sheet, expected: Placement) -> None:
    assert place(inches, sheet) == expected, case


@given(
    st.tuples(st.floats(0.01, 10_000), st.floats(0.01, 10_000)),
    st.sampled_from(Paper),
    st.sampled_from(Resolution),
    st.integers(0, 500),
)
def test_a_page_never_leaves_the_sheet(
    inches: tuple[float, float], paper: Paper, resolution: Resolution, below: int
) -> None:
    sheet = Sheet(paper, resolution)
    where = place(inches, sheet, below=below)
    assert where.top == below
    assert where.left >= 0
    assert 1 <= where.width <= WIDTH - where.left
    assert 1 <= where.rows <= sheet.rows - below


@given(st.floats(3, 60), st.floats(3, 60), st.sampled_from(Resolution))
def test_aspect_is_kept(width: float, height: float, resolution: Resolution) -> None:
    where = place((width, height), Sheet(Paper.A4, resolution))
    shown = (where.width / 204) / (where.rows / resolution.dpi_down)
    meant = height / width if where.turned else width / height
    assert shown == pytest.approx(meant, rel=0.05)
