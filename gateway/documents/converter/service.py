"""The converter service: starts a converter process for each connection, and ends it with the connection.

It runs beside the daemon as a unit of its own (systemd/fax-gateway-convert.service), with neither network nor spool nor
secrets: whatever a document makes of a process, there is nothing to be had. Only file descriptors come in and go out.
What is said on a connection: remote.py. The service itself opens no document.
"""

import asyncio
import pwd
import socket
import struct
from contextlib import suppress
from functools import partial

import structlog

from gateway.documents.converter.messages import LONGEST, Ended, Wanted
from gateway.documents.converter.process import ConverterProcess

log = structlog.get_logger()

BACKLOG = 64
HELLO_SECONDS = 5.0
_UCRED = struct.Struct("3i")  # pid, uid, gid (unix(7), SO_PEERCRED)


class Service:
    """`listening` is a socket of SOCK_SEQPACKET; `peer` the user whose connections are taken, by number."""

    def __init__(self, listening: socket.socket, peer: int) -> None:
        self._listening = listening
        self._peer = peer

    async def run(self) -> None:
        """Until cancelled; then every process is ended, and who waits for its answer asks the next service."""
        loop = asyncio.get_running_loop()
        self._listening.setblocking(False)
        async with asyncio.TaskGroup() as group:
            while True:
                connection, _ = await loop.sock_accept(self._listening)
                group.create_task(self._attend(connection))

    async def _attend(self, connection: socket.socket) -> None:
        with connection:
            if (user := user_at(connection)) != self._peer:
                log.warning("converter_peer_refused", user=_name(user), hint=f"only {_name(self._peer)} is served")
                return
            try:
                await _serve(connection)
            except (OSError, ValueError, TimeoutError) as error:
                log.error("converter_not_started", error=str(error) or type(error).__name__)  # noqa: TRY400 - its text says all


async def _serve(connection: socket.socket) -> None:
    """Raises ValueError or TimeoutError where nothing is asked for that there is, OSError where no process starts."""
    hello = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(connection, LONGEST), HELLO_SECONDS)
    wanted = Wanted(hello)
    theirs, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        with ours:
            process = ConverterProcess(ours, office=wanted is Wanted.OFFICE)
        with suppress(OSError):  # it has hung up
            socket.send_fds(connection, [str(process.id).encode()], [theirs.fileno()])
    try:
        if await _ended_by_itself(process, connection):
            ended = Ended.OVERTIME if process.used_up(0) else Ended.ANYHOW
            with suppress(OSError):
                connection.send(ended.value)
    finally:
        await asyncio.to_thread(process.end)


async def _ended_by_itself(process: ConverterProcess, connection: socket.socket) -> bool:
    """Waits until the process has ended, or nobody wants it any more: nothing else is said on the connection."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[bool] = loop.create_future()

    def end(*, by_itself: bool) -> None:
        if not over.done():
            over.set_result(by_itself)

    with process.watched() as ended:
        loop.add_reader(ended, partial(end, by_itself=True))
        loop.add_reader(connection, partial(end, by_itself=False))
        try:
            return await over
        finally:
            loop.remove_reader(ended)
            loop.remove_reader(connection)


def user_at(connection: socket.socket) -> int:
    """Who has connected, by number."""
    _, user, _ = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return int(user)


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
