"""Small content stands in its row, large content in a file that is on disk before the row."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.spool.content import LARGEST_INLINE, ContentStore, insert_content


@pytest.mark.sqlite
@pytest.mark.parametrize("size", [0, 1, LARGEST_INLINE, LARGEST_INLINE + 1, 3 * LARGEST_INLINE])
def test_what_is_kept_is_read_back(open_spool: Any, tmp_path: Path, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    async def scenario() -> None:
        async with open_spool() as spool:
            kept = await spool.contents.keep("ab" * 16, data)
            await spool.database.write(lambda connection: insert_content(connection, kept))
            loaded = await spool.database.read(lambda connection: spool.contents.load(connection, kept.id))
            assert loaded == kept
            assert await loaded.read() == data
            with loaded.open() as file:
                assert file.read() == data
            files = [path for path in (tmp_path / "content").rglob("*") if path.is_file()]
            assert len(files) == (1 if size > LARGEST_INLINE else 0)

    asyncio.run(scenario())


def test_a_content_file_is_never_overwritten(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    asyncio.run(store.keep("cd" * 16, b"x" * (LARGEST_INLINE + 1)))
    with pytest.raises(FileExistsError):
        asyncio.run(store.keep("cd" * 16, b"y" * (LARGEST_INLINE + 1)))
