"""A control server on a real spool, and what a command would ask of it."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.control.client import Answered, connected, converse
from gateway.control.desk import Asked, Desk, Errands
from gateway.control.found import Found
from gateway.control.protocol import Request
from gateway.control.server import ControlServer
from gateway.spool.database import Database


@dataclass
class Control:
    """`moved` and `switched`: how often the daemon's workers were told."""

    path: Path
    spool: Any  # tests/conftest.py, Spool
    moved: int = 0
    switched: int = 0
    finds: list[Found] = field(default_factory=list)

    @property
    def database(self) -> Database:
        found: Database = self.spool.database
        return found

    def ask(self, request: Request, **words: Any) -> list[Answered]:
        """In a thread of the caller's: raises what a command would see."""
        return list(converse(connected([self.path]), request, **words))

    def desk(self) -> Desk:
        def moved() -> None:
            self.moved += 1

        async def switched() -> None:
            self.switched += 1

        async def findings() -> AsyncGenerator[Found, None]:
            for found in self.finds:
                yield found

        async def explained(asked: Asked) -> AsyncGenerator[Found, None]:
            yield Found(subject="policy", level="ok", sentence=f"{asked.sender} to {asked.to}")

        errands = Errands(
            moved=moved,
            switched=switched,
            findings=findings,
            explained=explained,
        )
        return Desk(
            spool=self.database,
            place=self.database.place,
            contents=self.spool.contents,
            errands=errands,
            clock=lambda: datetime.now(UTC),
        )


OpenControl = Callable[..., AbstractAsyncContextManager[Control]]


@pytest.fixture
def open_control(open_spool: Any, tmp_path: Path) -> OpenControl:
    @asynccontextmanager
    async def opened(configuration: Path | None = None) -> AsyncIterator[Control]:
        async with open_spool() as spool:
            control = Control(tmp_path / "control.sock", spool)
            async with ControlServer(control.path, control.desk(), configuration):
                yield control

    return opened
