"""The body of a POST: a form of bounded size that arrives in bounded time."""

import asyncio
from urllib.parse import parse_qs

from aiohttp import BodyPartReader, web

from gateway.web.call import Form, Upload

LARGEST = 256 * 1024  # bytes; a thousand chosen jobs are 40 KB
MOST_FIELDS = 2000
PATIENCE = 60  # seconds


async def read_form(request: web.Request, *, largest: int = LARGEST) -> Form:
    """application/x-www-form-urlencoded. Raises HTTPException."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPUnsupportedMediaType(text="a form is wanted")
    body = await _within(request, largest)
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:  # UnicodeDecodeError is one
        raise web.HTTPBadRequest(text="the form can't be read") from None
    return Form(fields)


async def _within(request: web.Request, largest: int) -> bytes:
    if (request.content_length or 0) > largest:
        raise web.HTTPRequestEntityTooLarge(largest, request.content_length or 0)
    pieces, size = [], 0
    try:
        async with asyncio.timeout(PATIENCE):
            async for piece in request.content.iter_chunked(64 * 1024):
                pieces.append(piece)
                size += len(piece)
                if size > largest:
                    raise web.HTTPRequestEntityTooLarge(largest, size)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return b"".join(pieces)


async def read_upload(request: web.Request, *, largest: int) -> Form:
    """multipart/form-data (RFC 7578) with one file, in memory. Raises HTTPException."""
    if request.content_type != "multipart/form-data":
        raise web.HTTPUnsupportedMediaType(text="a form with a file is wanted")
    fields: dict[str, list[str]] = {}
    upload = None
    try:
        async with asyncio.timeout(PATIENCE):
            reader = await request.multipart()
            while (part := await reader.next()) is not None:
                if not isinstance(part, BodyPartReader) or len(fields) > MOST_FIELDS:
                    raise web.HTTPBadRequest(text="the form can't be read")
                data = await _part(part, largest if part.filename is not None else LARGEST)
                if part.filename is not None:
                    upload = Upload(part.filename, data)
                else:
                    fields.setdefault(part.name or "", []).append(data.decode(errors="replace"))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except ValueError:
        raise web.HTTPBadRequest(text="the form can't be read") from None
    return Form(fields, upload)


async def _part(part: BodyPartReader, largest: int) -> bytes:
    pieces, size = [], 0
    while piece := await part.read_chunk(64 * 1024):
        pieces.append(piece)
        size += len(piece)
        if size > largest:
            raise web.HTTPRequestEntityTooLarge(largest, size)
    return part.decode(b"".join(pieces))
