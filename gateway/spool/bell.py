"""Tells a worker that something may be due, so that it needs no short poll to be quick."""

import asyncio
from datetime import timedelta


class Bell:
    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, at_most: timedelta) -> None:
        """Returns when the bell was rung since the last wait, or after `at_most`."""
        try:
            async with asyncio.timeout(at_most.total_seconds()):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()
