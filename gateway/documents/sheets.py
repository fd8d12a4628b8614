"""How a spreadsheet is printed: every used cell, as wide as the paper, wide tables on paper turned sideways. Pure.

Works on what LibreOffice itself has written, flat OpenDocument (v1.3 Part 3 §3.1.2), so its tags can be read one by
one. What a sender's program kept as print ranges is taken away: a fax must not lack a column that nobody mentions.
"""

import re
from collections.abc import Iterator

from gateway.documents.finding import PaperFormat

_PAPERS = {"A4": (21.0, 29.7), "LETTER": (21.59, 27.94)}  # centimetres
_UNITS = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72, "pc": 2.54 / 6}
_MARGINS = 2.5  # both together, as most sheets have them

_LAYOUT = re.compile(rb'(<style:page-layout style:name="([^"]*)"[^>]*>\s*<style:page-layout-properties)([^>]*?)(/?>)')
_MASTER = re.compile(rb'<style:master-page style:name="([^"]*)"[^>]*style:page-layout-name="([^"]*)"')
_TABLE_STYLE = re.compile(
    rb'<style:style style:name="([^"]*)" style:family="table"[^>]*style:master-page-name="([^"]*)"'
)
_COLUMN_STYLE = re.compile(
    rb'<style:style style:name="([^"]*)" style:family="table-column"[^>]*>\s*'
    rb'<style:table-column-properties[^>]*style:column-width="([0-9.]+)(cm|mm|in|pt|pc)"'
)
_TABLE = re.compile(rb"<table:table( [^>]*)?>")
_PRINT_RANGES = re.compile(rb'(<table:table [^>]*?) table:print-ranges="[^"]*"')
_NOT_PRINTED = re.compile(rb'(<table:table [^>]*?) table:print="false"')
_SCALES = re.compile(rb' style:scale-to(?:-pages|-X|-Y)?="[^"]*"')
_COLUMN_OR_CELL = re.compile(rb"<table:(table-column|table-row|covered-table-cell|table-cell)\b([^>]*?)(/?)>")
_REPEATED = re.compile(rb'table:number-columns-repeated="(\d{1,6})"')
_STYLE_NAME = re.compile(rb'table:style-name="([^"]*)"')
_MOST_COLUMNS = 16_384


def printable(flat: bytes, paper: PaperFormat) -> bytes:
    """The same workbook with other page styles."""
    wide = _wide_layouts(flat, _PAPERS[paper][0] - _MARGINS)

    def laid_out(found: re.Match[bytes]) -> bytes:
        before, name, properties, end = found.groups()
        return before + _properties(properties, paper, turned=name in wide) + end

    flat = _LAYOUT.sub(laid_out, flat)
    return _NOT_PRINTED.sub(rb"\1", _PRINT_RANGES.sub(rb"\1", flat))


def _properties(properties: bytes, paper: PaperFormat, *, turned: bool) -> bytes:
    """style:scale-to-X only ever shrinks. A layout that is turned is put on our paper."""
    properties = _SCALES.sub(b"", properties) + b' style:scale-to-X="1" style:scale-to-Y="0"'
    if not turned or b'style:print-orientation="landscape"' in properties:
        return properties
    properties = re.sub(rb' (?:fo:page-width|fo:page-height|style:print-orientation)="[^"]*"', b"", properties)
    short, long = _PAPERS[paper]
    return properties + b' fo:page-width="%.2fcm" fo:page-height="%.2fcm" style:print-orientation="landscape"' % (
        long,
        short,
    )


def _wide_layouts(flat: bytes, room: float) -> frozenset[bytes]:
    """The page layouts of the tables that are wider than `room` centimetres."""
    layouts = dict(_MASTER.findall(flat))
    masters = dict(_TABLE_STYLE.findall(flat))
    widths = {name: float(number) * _UNITS[unit.decode()] for name, number, unit in _COLUMN_STYLE.findall(flat)}
    tables = list(_TABLE.finditer(flat))
    ends = [table.start() for table in tables[1:]] + [len(flat)]
    wide = set()
    for table, end in zip(tables, ends, strict=True):
        style = _STYLE_NAME.search(table[1] or b"")
        layout = layouts.get(masters.get(style[1] if style else b"", b""))
        if layout is not None and _width(flat, table.end(), end, widths) > room:
            wide.add(layout)
    return frozenset(wide)


def _width(flat: bytes, start: int, end: int, widths: dict[bytes, float]) -> float:
    """Of a table up to its last column that is used."""
    columns: list[float] = []
    used, column = 0, 0
    for tag, attributes, closed in _tags(flat, start, end):
        repeated = _REPEATED.search(attributes)
        times = min(int(repeated[1]), _MOST_COLUMNS) if repeated else 1
        if tag == b"table-row":
            column = 0
        elif tag == b"table-column":
            style = _STYLE_NAME.search(attributes)
            width = widths.get(style[1], 0.0) if style and b"table:visibility=" not in attributes else 0.0
            columns += [width] * min(times, _MOST_COLUMNS - len(columns))
        else:
            column += times
            used = max(used, column) if not closed else used  # a cell with nothing in it is closed at once
    return sum(columns[:used])


def _tags(flat: bytes, start: int, end: int) -> Iterator[tuple[bytes, bytes, bytes]]:
    for found in _COLUMN_OR_CELL.finditer(flat, start, end):
        yield found[1], found[2], found[3]
