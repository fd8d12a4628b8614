"""``[control]``: the daemon's end of the socket. Where it can't be had it says so and does without: mail goes first."""

import asyncio
import os
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from gateway.control.caller import Caller, caller, peer_of
from gateway.control.desk import Desk
from gateway.control.listening import listen, place_of, unlink_if_ours
from gateway.control.protocol import (
    LONGEST_REQUEST,
    End,
    Misread,
    Opening,
    Refused,
    end_line,
    piece_frame,
    read_opening,
)
from gateway.control.requests import AnyRequest, answer, read_request

log = structlog.get_logger()

MOST_AT_ONCE = 16
ASKED_WITHIN = 10.0  # seconds for the request's line
TAKEN_WITHIN = 60.0  # seconds for each piece of an answer that the other end takes
FAULT = "a fault of the daemon's: its log says which"


class ControlServer:
    """A context: entered, it listens. `configuration`: the file that the daemon was started with."""

    def __init__(self, path: Path, desk: Desk, configuration: Path | None) -> None:
        self._path = path
        self._desk = desk
        self._configuration = configuration
        self._server: asyncio.Server | None = None
        self._place: tuple[int, int] | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        try:
            listening = await listen(self._path)
        except OSError as error:
            hint = "commands do without it where they may open the spool; control.socket"
            log.error("control_not_listening", socket=str(self._path), error=str(error), hint=hint)  # noqa: TRY400 - its text says all
            return self
        self._place = place_of(self._path)
        self._server = await asyncio.start_unix_server(self._meet, sock=listening, limit=LONGEST_REQUEST)
        log.info("control_listening", socket=str(self._path))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is None:
            return
        unlink_if_ours(self._path, self._place)
        self._server.close()
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            await self._converse(reader, writer)
        except (OSError, TimeoutError):
            pass  # who asked is gone, or takes nothing
        finally:
            self._answering.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, its answer, and the line that ends it."""
        try:
            self._refuse_too_many()
            opening = read_opening(await _line(reader))
            peer = peer_of(writer.get_extra_info("socket"))
            who = await asyncio.to_thread(caller, peer, os.geteuid(), opening.sudo_user)
            self._refuse_who_meant_another(opening)
            end = await self._answer(read_request(opening.request), who, writer)
        except (Misread, Refused) as reason:
            log.warning("control_refused", reason=str(reason))
            end = End(how="refused", said=str(reason))
        writer.write(end_line(end))
        await _taken(writer)

    async def _answer(self, request: AnyRequest, who: Caller, writer: asyncio.StreamWriter) -> End:
        pieces = 0
        end = End(how="done")
        try:
            async with aclosing(answer(request, self._desk, who)) as made:
                async for piece in made:
                    writer.write(piece_frame(piece))
                    await _taken(writer)
                    pieces += 1
        except Refused as reason:
            end = End(how="refused", said=str(reason))
        except (OSError, TimeoutError):
            log.info("control_left", request=request.do, by=who.name, pieces=pieces)
            raise
        except Exception:
            log.exception("control_broken", request=request.do, by=who.name)
            end = End(how="refused", said=FAULT)
        log.info("control", request=request.do, by=who.name, how=end.how, pieces=pieces)
        return end

    def _refuse_too_many(self) -> None:
        if len(self._answering) > MOST_AT_ONCE:
            raise Refused("the daemon has its hands full of commands: try again in a moment")

    def _refuse_who_meant_another(self, opening: Opening) -> None:
        """Two daemons with a directory in common: the commands of the one whose socket it isn't come here too."""
        if self._configuration is None or opening.configuration is None:
            return
        ours = place_of(self._configuration)
        if ours is not None and ours != opening.configuration:
            raise Refused(
                "this socket is that of a daemon with another configuration: give each a control.socket of its own"
            )


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(ASKED_WITHIN):
            line = await reader.readline()
    except ValueError:
        raise Misread(f"a request is a line of at most {LONGEST_REQUEST} bytes") from None
    if not line.endswith(b"\n"):
        raise Misread("a request is a line of JSON")
    return line


async def _taken(writer: asyncio.StreamWriter) -> None:
    async with asyncio.timeout(TAKEN_WITHIN):
        await writer.drain()
