"""Starts the process that draws pages, bounds and checks what comes back, and remembers the last faxes."""

import asyncio
import os
import pickle
import shutil
import sys
import tempfile
from collections import OrderedDict
from pathlib import Path

from gateway.documents.converter.packages import packages
from gateway.web.drawing import HEAD, PIECE, Documents

PATIENCE = 180.0  # seconds
PROGRAM = "from gateway.web.drawing import main; main()"
MOST_PAGES = 1000
LARGEST_PAGE = 16 * 1024 * 1024  # bytes
REMEMBERED = 96 * 1024 * 1024  # bytes
_PNG = b"\x89PNG\r\n\x1a\n"  # PNG (3rd edition) §5.2
Pages = tuple[bytes, ...]


class NotDrawn(Exception):
    """The documents can't be shown; the text says why."""


class Drawer:
    """One fax at a time: it takes a processor."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._turn = asyncio.Lock()
        self._drawn: OrderedDict[str, Pages] = OrderedDict()

    async def draw(self, key: str, documents: Documents) -> Pages:
        """The pages as PNG; what has the same `key` is drawn once. Raises NotDrawn."""
        async with self._turn:
            if key not in self._drawn:
                self._drawn[key] = await self._by_process(documents)
            self._drawn.move_to_end(key)
            while len(self._drawn) > 1 and sum(map(_size, self._drawn.values())) > REMEMBERED:
                self._drawn.popitem(last=False)
            return self._drawn[key]

    def remembered(self, key: str) -> Pages | None:
        return self._drawn.get(key)

    async def _by_process(self, documents: Documents) -> Pages:
        directory = Path(tempfile.mkdtemp(prefix="fax-gateway-pages-"))
        try:
            process = await _started(directory)
            try:
                async with asyncio.timeout(self._patience):
                    answer, _ = await process.communicate(pickle.dumps(documents))
            except TimeoutError:
                raise NotDrawn(f"drawing it took longer than {self._patience:g} s") from None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            return _read(answer)
        finally:
            await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)


async def _started(directory: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-c",
        PROGRAM,
        str(directory),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(packages()), "HOME": str(directory), "TMPDIR": str(directory)},
        start_new_session=True,
    )


def _read(answer: bytes) -> Pages:
    """What a process says that has touched a stranger's document: nothing is believed. Raises NotDrawn."""
    if len(answer) < HEAD.size:
        raise NotDrawn("the process that drew it ended: the documents want too much of it")
    is_drawn, count = HEAD.unpack_from(answer)
    pieces: list[bytes] = []
    at = HEAD.size
    while at + PIECE.size <= len(answer) and len(pieces) < MOST_PAGES:
        (length,) = PIECE.unpack_from(answer, at)
        pieces.append(answer[at + PIECE.size : at + PIECE.size + length])
        at += PIECE.size + length
    if not is_drawn:
        raise NotDrawn(b"".join(pieces[:1]).decode(errors="replace")[:300] or "it can't be drawn")
    if len(pieces) != count or at != len(answer) or not all(_is_page(piece) for piece in pieces):
        raise NotDrawn("the process that drew it gave no pages")
    return tuple(pieces)


def _is_page(piece: bytes) -> bool:
    return piece.startswith(_PNG) and len(piece) <= LARGEST_PAGE


def _size(pages: Pages) -> int:
    return sum(map(len, pages))
