"""A child process of the demo: the real command, whose log lines are read as they come."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

STOP_SECONDS = 30


class ChildFailed(Exception):
    """The child ended before it was ready; its log says why."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"{name} did not start; its log is {log}:\n{log.read_text(encoding='utf-8')[-2000:]}")


class Child:
    """``fax-gateway ARGUMENTS`` in `directory`, logging to a file there; stopped by SIGTERM at the end."""

    def __init__(self, name: str, arguments: Sequence[str], directory: Path) -> None:
        self.name = name
        self.log = directory / f"{name}.log"
        self._arguments = arguments
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        # Settings of a real installation must not reach the demo.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FAX_GATEWAY")}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway",
            *self._arguments,
            cwd=self._directory,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        process = self._started()
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Its log, one event at a time, kept in its log file too."""
        stream = self._started().stderr
        if stream is None:
            raise RuntimeError(f"{self.name} has no log")
        with self.log.open("ab") as log:
            async for line in stream:
                log.write(line)
                log.flush()
                try:
                    yield json.loads(line)
                except ValueError:
                    continue  # a traceback before logging was set up; the file has it

    async def ready(self, events: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
        """Reads `events` up to the one that says "ready"; raises ChildFailed."""
        async for event in events:
            if event.get("event") == "ready":
                return event
        raise ChildFailed(self.name, self.log)

    def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process
