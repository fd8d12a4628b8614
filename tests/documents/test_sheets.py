"""Spreadsheets are printed whole and as wide as the paper; wide ones on paper turned sideways."""

import re

import pytest

from gateway.documents.finding import PaperFormat
from gateway.documents.sheets import printable


def workbook(columns: str, cells: str, *, table: str = "", layout: str = "") -> bytes:
    """As LibreOffice writes it, without what doesn't matter here."""
    return f"""<office:document>
  <style:style style:name="co1" style:family="table-column">
   <style:table-column-properties fo:break-before="auto" style:column-width="2.258cm"/>
  </style:style>
  <style:style style:name="ta1" style:family="table" style:master-page-name="List">
   <style:table-properties table:display="true"/>
  </style:style>
  <style:page-layout style:name="pm1">
   <style:page-layout-properties style:num-format="1"{layout} style:scale-to="85%" style:print="objects"/>
  </style:page-layout>
  <style:master-page style:name="List" style:display-name="List" style:page-layout-name="pm1"/>
  <table:table table:name="List" table:style-name="ta1"{table}>
   {columns}
   <table:table-row table:style-name="ro1">{cells}</table:table-row>
  </table:table></office:document>""".encode()


def columns(count: int) -> str:
    named = '<table:table-column table:style-name="co1" table:number-columns-repeated="{}"/>'
    return named.format(count) + named.format(16_384 - count)


CELL = '<table:table-cell office:value-type="string"><text:p>1</text:p></table:table-cell>'
NOTHING = '<table:table-cell table:number-columns-repeated="16000"/>'


def layout_of(flat: bytes) -> str:
    found = re.search(rb"<style:page-layout-properties[^>]*>", flat)
    assert found is not None
    return found[0].decode()


def test_every_sheet_is_as_wide_as_the_paper() -> None:
    layout = layout_of(printable(workbook(columns(3), CELL * 3 + NOTHING), "A4"))
    assert 'style:scale-to-X="1" style:scale-to-Y="0"' in layout
    assert "85%" not in layout
    assert "landscape" not in layout


@pytest.mark.parametrize(("paper", "size"), [("A4", ("29.70cm", "21.00cm")), ("LETTER", ("27.94cm", "21.59cm"))])
def test_a_wide_sheet_is_turned(paper: PaperFormat, size: tuple[str, str]) -> None:
    before = ' fo:page-width="21cm" fo:page-height="29.7cm" style:print-orientation="portrait"'
    layout = layout_of(printable(workbook(columns(9), CELL * 9 + NOTHING, layout=before), paper))
    assert f'fo:page-width="{size[0]}" fo:page-height="{size[1]}" style:print-orientation="landscape"' in layout
    assert layout.count("fo:page-width") == layout.count("print-orientation") == 1


def test_a_sheet_that_was_turned_keeps_its_paper() -> None:
    before = ' fo:page-width="42cm" fo:page-height="29.7cm" style:print-orientation="landscape"'
    assert before in layout_of(printable(workbook(columns(9), CELL * 9, layout=before), "A4"))


@pytest.mark.parametrize(
    ("cells", "is_wide"),
    [
        (CELL * 8, False),
        (CELL + '<table:table-cell table:number-columns-repeated="7"/>' + CELL, True),
        (CELL.replace(" office", ' table:number-columns-repeated="9" office'), True),
        (CELL + "<table:covered-table-cell/>" * 20, False),
        (NOTHING, False),
    ],
    ids=range(5),
)
def test_only_columns_that_are_used_count(cells: str, is_wide: bool) -> None:
    assert ("landscape" in layout_of(printable(workbook(columns(20), cells), "A4"))) is is_wide


@pytest.mark.parametrize("table", [' table:print-ranges="List.A1:List.B2"', ' table:print="false"'])
def test_nothing_is_kept_from_being_printed(table: str) -> None:
    assert table.encode() not in printable(workbook(columns(1), CELL, table=table), "A4")


def test_text_is_left_as_it_is() -> None:
    cell = CELL.replace(">1<", ">style:scale-to=&quot;85%&quot; table:print=&quot;false&quot;<")
    assert cell.encode() in printable(workbook(columns(1), cell), "A4")
