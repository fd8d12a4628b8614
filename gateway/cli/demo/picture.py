"""A fax page as characters, two rows of pixels in each line, for a terminal that can show no picture."""

from io import BytesIO

from PIL import Image

COLUMNS = 72
BLACK_BELOW = 190  # of 255, after the reduction: thin strokes still show


def page_as_blocks(png: bytes, columns: int = COLUMNS) -> str:
    """The upper half of a page, `columns` wide."""
    page = Image.open(BytesIO(png)).convert("L")
    rows = round(page.height / page.width * columns) // 2 * 2
    small = page.resize((columns, rows), Image.Resampling.BOX)
    lines = []
    for y in range(0, rows // 2, 2):
        pairs = ((small.getpixel((x, y)), small.getpixel((x, y + 1))) for x in range(columns))
        lines.append("".join(_block(upper, lower) for upper, lower in pairs))
    return "\n".join(lines)


def _block(upper: object, lower: object) -> str:
    black_above = isinstance(upper, int) and upper < BLACK_BELOW
    black_below = isinstance(lower, int) and lower < BLACK_BELOW
    match black_above, black_below:
        case True, True:
            return "█"
        case True, False:
            return "▀"
        case False, True:
            return "▄"
        case _:
            return " "
