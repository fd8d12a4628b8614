"""Draws the expanded header rows as the band that a fax machine prints across the top of each page."""

from PIL import Image, ImageDraw

from gateway.documents.fonts import sans_font
from gateway.documents.render.header import HeaderRow
from gateway.documents.render.paper import WIDTH, Resolution, Sheet

_EM = 25  # pixels at 204 dpi: 9 pt, readable at 98 rows per inch too
_ROW = 32  # the distance from one row to the next, at 204 dpi
_EDGE = 40  # 5 mm: few machines print closer to the paper's edge
_TOP = 8


def band_rows(rows: int, resolution: Resolution) -> int:
    """The height of a band with that many rows of text, in fax rows."""
    return round((_TOP + rows * _ROW) * resolution.dpi_down / 204)


def draw_band(rows: tuple[HeaderRow, ...], sheet: Sheet) -> Image.Image:
    """Mode "1", 1728 pixels wide, as high as band_rows says. Drawn with square pixels, then squeezed."""
    canvas = Image.new("L", (WIDTH, _TOP + len(rows) * _ROW), 255)
    draw = ImageDraw.Draw(canvas)
    font = sans_font(_EM)
    for number, row in enumerate(rows):
        baseline = _TOP + number * _ROW + _EM
        for x, anchor, text in (
            (_EDGE, "ls", row.left),
            (WIDTH // 2, "ms", row.centre),
            (WIDTH - _EDGE, "rs", row.right),
        ):
            draw.text((x, baseline), text.strip(), fill=0, font=font, anchor=anchor)
    squeezed = canvas.resize((WIDTH, band_rows(len(rows), sheet.resolution)), Image.Resampling.BOX)
    return squeezed.point([255 if value >= 150 else 0 for value in range(256)], mode="1")  # noqa: PLR2004 - half ink
