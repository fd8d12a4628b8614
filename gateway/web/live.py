"""/events: tells an open page that something has moved (HTML Standard §9.2, server-sent events); it then asks anew."""

import asyncio

from aiohttp import web
from sqlalchemy import Connection, func, select

from gateway.spool import schema
from gateway.web.call import Call
from gateway.web.desk import Desk

CLOSING = web.AppKey("closing", asyncio.Event)
STREAMS = web.AppKey("streams", set[object])  # each holds a connection
LOOK_EVERY = 2.0  # seconds
LONGEST = 900.0  # seconds; then the browser comes again, and its session is looked at anew
MOST_STREAMS = 100


async def events(desk: Desk, call: Call) -> web.StreamResponse:
    request, streams, mine = call.request, call.request.app[STREAMS], object()
    if len(streams) >= MOST_STREAMS:
        return web.Response(status=503, headers={"Retry-After": "60"})
    streams.add(mine)
    try:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await answer.prepare(request)
        await _tell(desk, answer, request.app[CLOSING])
    except ConnectionError:
        pass  # the page was closed
    finally:
        streams.discard(mine)
    return answer


async def _tell(desk: Desk, answer: web.StreamResponse, closing: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    until, seen, quiet = loop.time() + LONGEST, await desk.database.read(_version), 0
    await answer.write(b"retry: 5000\n\n")
    while loop.time() < until and not closing.is_set():
        try:
            await asyncio.wait_for(closing.wait(), LOOK_EVERY)
        except TimeoutError:
            version = await desk.database.read(_version)
            quiet = quiet + 1 if version == seen else 0
            if version != seen:
                await answer.write(f"event: moved\ndata: {version}\n\n".encode())
            elif quiet % 10 == 0:
                await answer.write(b": still here\n\n")
            seen = version


def _version(connection: Connection) -> int:
    """The number of the newest line of any job's story."""
    newest = connection.execute(select(func.max(schema.event.c.id))).scalar_one()
    return int(newest or 0)
