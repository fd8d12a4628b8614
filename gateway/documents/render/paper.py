"""The sheet: paper sizes and resolutions in fax pixels, and where a page of any size lands on it.

ITU-T T.4 §2: 1728 picture elements on a scan line of 215 mm, 3.85 or 7.7 lines/mm. ITU-T T.30 and RFC 2301 §2.2.2 give
the same in inches, which is what TIFF readers expect: 204 dpi across, 98 or 196 dpi down.
"""

from dataclasses import dataclass
from enum import Enum, unique

WIDTH = 1728
DPI_ACROSS = 204
_MAX_ENLARGEMENT = 1.5  # A5 fills an A4 sheet (1.41); a receipt or a label isn't blown up


@unique
class Paper(Enum):
    """Values are the wire's (`renderingOptions.paperFormat`)."""

    A4 = "A4"
    LETTER = "LETTER"

    @property
    def inches(self) -> tuple[float, float]:
        match self:
            case Paper.A4:
                return 210 / 25.4, 297 / 25.4
            case Paper.LETTER:
                return 8.5, 11.0


@unique
class Resolution(Enum):
    """Values are the wire's (`renderingOptions.resolution`)."""

    LOW = "LOW"
    HIGH = "HIGH"

    @property
    def dpi_down(self) -> int:
        match self:
            case Resolution.LOW:
                return 98
            case Resolution.HIGH:
                return 196


@dataclass(frozen=True, slots=True)
class Sheet:
    """One side of paper at one resolution; its raster is 1728 pixels by `rows`."""

    paper: Paper
    resolution: Resolution

    @property
    def rows(self) -> int:
        return int(self.paper.inches[1] * self.resolution.dpi_down)  # A4: 2291 or 1145; Letter: 2156 or 1078


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a page lands: its upper left corner and its size in fax pixels, after a quarter turn where `turned`."""

    left: int
    top: int
    width: int
    rows: int
    turned: bool


def place(inches: tuple[float, float], sheet: Sheet, *, below: int = 0) -> Placement:
    """Fit a page of that size (width, height) onto the sheet under its first `below` rows, keeping its aspect.

    A page that is wider than high and wider than the paper is turned: fax machines print portrait. One that is wider
    than high but fits the paper's width (A5 across, a short strip) stays upright, which reads better.
    """
    width, height = inches
    room_across = WIDTH / DPI_ACROSS
    room_down = (sheet.rows - below) / sheet.resolution.dpi_down
    turned = width > height and width > room_across * 1.02
    if turned:
        width, height = height, width
    scale = min(room_across / width, room_down / height, _MAX_ENLARGEMENT)
    across = min(WIDTH, max(1, round(width * scale * DPI_ACROSS)))
    rows = min(sheet.rows - below, max(1, round(height * scale * sheet.resolution.dpi_down)))
    return Placement(left=(WIDTH - across) // 2, top=below, width=across, rows=rows, turned=turned)
