"""The TIFF around the fax's pages: class F (RFC 2306), little-endian, Group 4, one strip a page.

Pillow's libtiff encodes the pixels. The container is written here, because Pillow hands libtiff a pair of shorts such
as PageNumber wrongly, which puts bytes of foreign memory into the file.
"""

import io
import struct
from collections.abc import Iterable

from PIL import Image, TiffImagePlugin

from gateway.documents.render.paper import DPI_ACROSS, Sheet

_SHORT, _LONG, _RATIONAL = 3, 4, 5  # TIFF 6.0 §2, field types
_PHOTOMETRIC, _STRIP_OFFSETS, _STRIP_BYTES = 262, 273, 279
_HEADER = struct.Struct("<2sHI")
_ENTRY = struct.Struct("<HHII")


def fax_tiff(drawn: Iterable[Image.Image], pages: int, sheet: Sheet) -> bytes:
    """`drawn` are `pages` bilevel images of the sheet's size, taken one by one."""
    file = bytearray(_HEADER.pack(b"II", 42, 0))
    link = _HEADER.size - 4  # where the offset of the next directory belongs
    for number, image in enumerate(drawn):
        strip, photometric = _group4(image)
        strip_at = len(file)
        file += strip + bytes(len(strip) % 2)  # directories begin on a word
        resolution_at = len(file)
        file += struct.pack("<4I", DPI_ACROSS, 1, sheet.resolution.dpi_down, 1)
        struct.pack_into("<I", file, link, len(file))
        entries = (
            (254, _LONG, 1, 2),  # NewSubfileType: one page of several
            (256, _LONG, 1, image.width),
            (257, _LONG, 1, image.height),
            (258, _SHORT, 1, 1),  # BitsPerSample
            (259, _SHORT, 1, 4),  # Compression: ITU-T T.6
            (_PHOTOMETRIC, _SHORT, 1, photometric),
            (266, _SHORT, 1, 1),  # FillOrder: the first pixel is the highest bit
            (_STRIP_OFFSETS, _LONG, 1, strip_at),
            (277, _SHORT, 1, 1),  # SamplesPerPixel
            (278, _LONG, 1, image.height),  # RowsPerStrip
            (_STRIP_BYTES, _LONG, 1, len(strip)),
            (282, _RATIONAL, 1, resolution_at),
            (283, _RATIONAL, 1, resolution_at + 8),
            (296, _SHORT, 1, 2),  # ResolutionUnit: inch
            (297, _SHORT, 2, number | pages << 16),  # PageNumber, counted from 0, and their total
        )
        file += struct.pack("<H", len(entries)) + b"".join(_ENTRY.pack(*entry) for entry in entries)
        link = len(file)
        file += bytes(4)
    return bytes(file)


def _group4(image: Image.Image) -> tuple[bytes, int]:
    """The page as one T.6 strip, and the PhotometricInterpretation that goes with it."""
    encoded = io.BytesIO()
    image.save(encoded, "TIFF", compression="group4", strip_size=(image.width + 7) // 8 * image.height)
    with Image.open(encoded, formats=("TIFF",)) as written:
        assert isinstance(written, TiffImagePlugin.TiffImageFile)
        tags = written.tag_v2
        [start], [length] = tags[_STRIP_OFFSETS], tags[_STRIP_BYTES]
        return encoded.getvalue()[start : start + length], tags[_PHOTOMETRIC]
