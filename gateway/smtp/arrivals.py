"""What a client has sent and nobody has read yet.

Who reads says how much is worth waking for: a relay sends a mail of 100 KB in pieces of 4 KB, and to take each of them
in hand costs more than all else that the bytes cost. asyncio's StreamReader wakes for every piece.
"""

import asyncio


class Arrivals:
    """The loop feeds it, one reader at a time awaits it. `window`: so many bytes wait at most, or twice as many."""

    def __init__(self, loop: asyncio.AbstractEventLoop, window: int) -> None:
        self._loop = loop
        self._window = window
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_over = False
        self._paused: asyncio.ReadTransport | None = None
        self._reader: asyncio.Future[None] | None = None
        self._least = 1
        self._mark: bytes | None = None

    # The loop's side

    def feed(self, data: bytes, transport: asyncio.ReadTransport) -> None:
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= self._least or (self._mark is not None and self._mark in data):
            self.wake()
        if self._size > 2 * self._window and self._paused is None:
            transport.pause_reading()
            self._paused = transport

    def end(self) -> None:
        """No more will come."""
        self._is_over = True
        self.wake()

    # The reader's side

    def __len__(self) -> int:
        return self._size

    @property
    def is_awaited(self) -> bool:
        return self._reader is not None

    def wake(self) -> None:
        """The reader gets what there is."""
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def fail(self, error: Exception) -> None:
        """The reader gets `error`; where nobody reads, nobody does."""
        if self._reader is not None and not self._reader.done():
            self._reader.set_exception(error)

    async def until(self, least: int = 1, mark: bytes | None = None) -> None:
        """Waits for `least` bytes, for a piece that holds `mark`, for the end, or to be woken."""
        if self._is_over or self._size >= least or (mark is not None and any(mark in piece for piece in self._pieces)):
            return
        self._least, self._mark = least, mark
        self._reader = self._loop.create_future()
        try:
            await self._reader
        finally:
            self._reader = None

    def take(self, most: int | None = None) -> bytes:
        """All there is, or the first `most` bytes of it."""
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        data, rest = (data, b"") if most is None else (data[:most], data[most:])
        self._pieces = [rest] if rest else []
        self._size = len(rest)
        if self._paused is not None and self._size <= self._window:
            self._paused.resume_reading()
            self._paused = None
        return data
