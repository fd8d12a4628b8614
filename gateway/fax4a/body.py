"""The body of a send: a FaxJobRequest as JSON whose documents become base64 while they are read.

Its length is known before the first piece, so that it goes out with a Content-Length: a request that breaks off is then
surely incomplete at the other end. No document ever stands in memory whole.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping

import pybase64

from gateway.fax4a.errors import Fax4AError
from gateway.fax4a.model import Document, FaxJobRequest, Source

# A multiple of 3, so that the base64 of the parts is the base64 of the whole (RFC 4648 §4).
RAW_PIECE = 192 * 1024  # bytes read at a time
LARGEST_PIECE = RAW_PIECE // 3 * 4  # bytes of a piece, 256 KB


class SourceChanged(Fax4AError):
    """A stored document isn't as long as it was: what is left of it isn't sent."""


def body_length(parts: list[bytes | Source]) -> int:
    """Bytes on the wire."""
    return sum(len(part) if isinstance(part, bytes) else base64_length(part.size) for part in parts)


def base64_length(size: int) -> int:
    return (size + 2) // 3 * 4


def body_parts(request: FaxJobRequest) -> list[bytes | Source]:
    """The body in order: JSON text, and the sources that stand in it as base64."""
    fields = _wire(request.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"documents"}))
    if not request.documents:
        return [fields]
    parts: list[bytes | Source] = [fields[:-1] + b',"documents":[']
    for position, document in enumerate(request.documents):
        separator = b"," if position else b""
        parts += _document_parts(document, separator)
    return [*parts, b"]}"]


def _document_parts(document: Document, separator: bytes) -> list[bytes | Source]:
    fields = _wire(document.model_dump(mode="json", by_alias=True, exclude_none=True))
    if document.source is None:
        return [separator + fields]
    return [separator + fields[:-1] + b',"data":"', document.source, b'"}']


def _wire(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode("ascii")


async def pieces(parts: list[bytes | Source]) -> AsyncGenerator[bytes, None]:
    """`parts` as pieces of at most LARGEST_PIECE bytes, none of them empty. Raises OSError, SourceChanged.

    Each piece is made in a thread: it reads files, and base64 without the GIL.
    """
    made = _pieces(parts)
    while (piece := await asyncio.to_thread(next, made, None)) is not None:
        yield piece


def _pieces(parts: list[bytes | Source]) -> Iterator[bytes]:
    """Small parts share a piece: a request of a few KB is one write."""
    waiting = bytearray()
    for part in parts:
        for chunk in _slices(part) if isinstance(part, bytes) else _encoded(part):
            if waiting and len(waiting) + len(chunk) > LARGEST_PIECE:
                yield bytes(waiting)
                waiting.clear()
            waiting += chunk
    if waiting:
        yield bytes(waiting)


def _slices(text: bytes) -> Iterator[bytes]:
    for start in range(0, len(text), LARGEST_PIECE):
        yield text[start : start + LARGEST_PIECE]


def _encoded(source: Source) -> Iterator[bytes]:
    left = source.size
    with source.open() as file:
        while left:
            raw = _read_exactly(file.read, min(left, RAW_PIECE))
            left -= len(raw)
            yield pybase64.b64encode(raw)
        if file.read(1):
            raise SourceChanged("a stored document is longer than it was when its job was made")


def _read_exactly(read: Callable[[int], bytes], size: int) -> bytes:
    """A raw file may give less than it was asked for."""
    data = read(size)
    while len(data) < size:
        more = read(size - len(data))
        if not more:
            raise SourceChanged("a stored document is shorter than it was when its job was made")
        data += more
    return data
