"""A value that costs something and changes slowly: made at most once in a while, whoever asks for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._turn = asyncio.Lock()
        self._kept: tuple[float, T] | None = None  # and until when it holds

    async def get(self, make: Callable[[], Awaitable[T]]) -> T:
        """Those who ask while it is made wait for it."""
        async with self._turn:
            if self._kept is None or self._clock() >= self._kept[0]:
                self._kept = (self._clock() + self._seconds, await make())
            return self._kept[1]
