"""The size of a picture in pixels, from its first bytes.

PNG (ISO 15948 §11.2.2), GIF (GIF89a §18), JPEG (ITU-T T.81 §B.2.2).
"""

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_GIF = (b"GIF87a", b"GIF89a")
_JPEG = b"\xff\xd8"
# Start of frame, of any coding; C4, C8 and CC are tables and extensions.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


def pixel_size(data: bytes) -> tuple[int, int] | None:
    """Width and height; None where the bytes don't tell. Nothing is decoded."""
    try:
        if data.startswith(_PNG):
            return struct.unpack_from(">II", data, 16)
        if data.startswith(_GIF):
            return struct.unpack_from("<HH", data, 6)
        if data.startswith(_JPEG):
            return _frame_size(data)
    except (struct.error, IndexError):
        return None
    return None


def _frame_size(data: bytes) -> tuple[int, int] | None:
    position = len(_JPEG)
    while data[position] == 0xFF:  # noqa: PLR2004 - what every marker begins with
        marker = data[position + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return width, height
        if marker == 0xFF:  # noqa: PLR2004 - fill bytes before a marker, §B.1.1.2
            position += 1
        elif marker in _ALONE:
            position += 2
        else:
            (length,) = struct.unpack_from(">H", data, position + 2)
            position += 2 + length
    return None
