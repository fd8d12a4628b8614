"""How far what a PDF's pages draw would unfold: a few kilobytes can hold gigabytes (ISO 32000-1 §7.4).

We don't unpack it ourselves, but whoever renders the page has to.
"""

import zlib
from collections.abc import Iterator

import pikepdf

MOST = 512 * 1024 * 1024  # bytes of one stream; the largest sheets in full colour have less
_RATIO = 1400  # at most, of one filter: deflate 1032 (RFC 1951), LZW with codes of 12 bits 1365
_PIECE = 1024 * 1024
# The second names are those of inline images, which some programs write elsewhere, too.
_EXPANDING = frozenset({"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"})
_FLATE = frozenset({"/FlateDecode", "/Fl"})


def is_surely_small(pdf: pikepdf.Pdf) -> bool:
    """Whether no stream can unfold too far, as its length and its filters show; nothing is unpacked."""
    return not any(_may_be_large(stream) for stream in _drawn(pdf))


def unfolds_too_far(pdf: pikepdf.Pdf) -> bool:
    """Whether a stream unfolds beyond MOST, or is packed several times over, as no program does it."""
    return any(_may_be_large(stream) and _is_large(stream) for stream in _drawn(pdf))


def can_be_unpacked(pdf: pikepdf.Pdf) -> bool:
    """Whether everything that is packed with deflate can be unpacked to its end."""
    for stream in _drawn(pdf):
        if _filters(stream)[:1] in ([each] for each in _FLATE):
            try:
                _inflated(stream.read_raw_bytes())
            except Broken:
                return False
    return True


def _drawn(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """The contents of the pages, and the pictures and forms that they name."""
    seen = set()
    for page in pdf.pages:
        for stream in (*_contents(page), *_named(page)):
            if stream.objgen not in seen:
                seen.add(stream.objgen)
                yield stream


def _contents(page: pikepdf.Page) -> Iterator[pikepdf.Object]:
    contents = page.obj.get("/Contents")
    parts: list[object] = list(contents.as_list()) if isinstance(contents, pikepdf.Array) else [contents]
    yield from (part for part in parts if isinstance(part, pikepdf.Stream))


def _named(page: pikepdf.Page) -> Iterator[pikepdf.Object]:
    resources: object = page.resources  # None where there are none
    objects = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    if isinstance(objects, pikepdf.Dictionary):
        yield from (stream for stream in objects.as_dict().values() if isinstance(stream, pikepdf.Stream))


def _filters(stream: pikepdf.Object) -> list[str]:
    filters = stream.get("/Filter")
    if filters is None:
        return []
    return [str(each) for each in filters.as_list()] if isinstance(filters, pikepdf.Array) else [str(filters)]


def _may_be_large(stream: pikepdf.Object) -> bool:
    packings = sum(each in _EXPANDING for each in _filters(stream))
    length = stream.get("/Length", 0)
    return packings > 1 or (packings == 1 and not (isinstance(length, int) and length * _RATIO <= MOST))


def _is_large(stream: pikepdf.Object) -> bool:
    filters = _filters(stream)
    if sum(each in _EXPANDING for each in filters) > 1:
        return True
    if filters[0] not in _FLATE:
        stream.read_bytes()  # needs the memory, and fails where it is more than a process may have
        return False
    try:
        return _inflated(stream.read_raw_bytes()) > MOST
    except Broken:  # there it ends for any reader
        return False


class Broken(Exception):
    """A stream that no zlib can unpack."""


def _inflated(packed: bytes, most: int = MOST) -> int:
    """How many bytes there are in it; counts without keeping them, and no further than beyond `most`. Raises Broken."""
    inflater = zlib.decompressobj()
    total = 0
    try:
        for start in range(0, len(packed), _PIECE):
            piece = packed[start : start + _PIECE]
            while piece and total <= most:
                total += len(inflater.decompress(piece, _PIECE))
                piece = inflater.unconsumed_tail
    except zlib.error as error:
        raise Broken from error
    if total <= most and not inflater.eof:
        raise Broken
    return total
