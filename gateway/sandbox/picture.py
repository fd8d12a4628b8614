"""One page of a fax as a PNG for a browser, without drawing the pages before it: a fax may have hundreds."""

import io
from pathlib import Path

from PIL import Image


def page_as_png(fax: Path, number: int) -> bytes:
    """Page `number`, counted from 1, grey and with square pixels: a fax has 204 dots an inch across, 98 or 196 down."""
    with Image.open(fax, formats=("TIFF",)) as image:
        image.seek(number - 1)
        across, down = image.info["dpi"]
        size = (image.width, round(image.height * across / down))
        target = io.BytesIO()
        image.convert("L").resize(size, Image.Resampling.BOX).save(target, "PNG", dpi=(across, across))
        return target.getvalue()
