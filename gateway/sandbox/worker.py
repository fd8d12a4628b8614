"""The process that draws faxes, from the sandbox's side: one at a time, killed after its time, then started anew."""

import asyncio
import os
import pickle
import sys
from datetime import timedelta

import structlog

from gateway.documents.render import RenderedFax
from gateway.sandbox.drawing import ANSWER, QUESTION, Drawing

log = structlog.get_logger()

PATIENCE = timedelta(minutes=5)  # a page takes a tenth of a second, and a fax may have 500
PROGRAM = "from gateway.sandbox.drawing import main; main()"


class NotDrawn(Exception):
    """The documents can't be turned into a fax; the message says why."""


class Worker:
    def __init__(self, patience: timedelta = PATIENCE) -> None:
        self._patience = patience
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._spent = False  # it was killed; whoever comes next buries it

    async def draw(self, drawing: Drawing) -> RenderedFax:
        """Waits for its turn; raises NotDrawn. Cancelled, it leaves no drawing behind."""
        async with self._turn:
            process = await self._ready()
            try:
                async with asyncio.timeout(self._patience.total_seconds()):
                    pages, content = await _ask(process, drawing)
            except TimeoutError:
                process.kill()
                await self._bury()
                raise NotDrawn(f"it took longer than {self._patience.total_seconds():g} s") from None
            except (asyncio.IncompleteReadError, OSError):
                await self._bury()
                raise NotDrawn("the process that drew it ended") from None
            except asyncio.CancelledError:
                self._spent = True
                process.kill()
                raise
        if not pages:
            raise NotDrawn(content.decode())
        return RenderedFax(content, pages)

    async def warm_up(self) -> None:
        """Starts the process, which takes a second, before the first job needs it."""
        async with self._turn:
            await self._ready()

    async def close(self) -> None:
        async with self._turn:
            if self._process is not None and self._process.returncode is None:
                self._process.kill()
            await self._bury()

    async def _ready(self) -> asyncio.subprocess.Process:
        if self._process is not None and (self._spent or self._process.returncode is not None):
            await self._bury()
        if self._process is None:
            # A session of its own: the terminal's Ctrl-C is for the sandbox, which ends its worker itself.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-c",
                PROGRAM,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
                start_new_session=True,
            )
        return self._process

    async def _bury(self) -> None:
        """Of a process that was killed or has ended: closes its pipes and waits until it is gone."""
        process, self._process, self._spent = self._process, None, False
        if process is not None:
            await process.communicate()


async def _ask(process: asyncio.subprocess.Process, drawing: Drawing) -> tuple[int, bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    question = pickle.dumps(drawing)
    process.stdin.write(QUESTION.pack(len(question)))
    process.stdin.write(question)
    await process.stdin.drain()
    pages, length = ANSWER.unpack(await process.stdout.readexactly(ANSWER.size))
    return pages, await process.stdout.readexactly(length)
