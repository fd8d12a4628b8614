"""A world for the stories of the laws: no log, ids that are counted, documents that are made up, and nobody waits."""

import asyncio
from asyncio import sleep
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.delivery.doubt import OnDoubt
from gateway.fax4a import Account
from gateway.intake import preparation
from gateway.notify import sender
from gateway.spool import jobs
from tests.laws.mailbox import MailboxSession
from tests.laws.world import World, documents_of


@pytest.fixture
def story(
    new_spool: Path, account: Account, samples: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., type[World]]]:
    """``story(on_doubt)``: a world for each time that it is told."""
    ids = (f"{number:032x}" for number in count(1))
    monkeypatch.setattr(jobs, "token_hex", lambda _: next(ids))
    monkeypatch.setattr(preparation, "documents_of", documents_of)
    monkeypatch.setattr(sender, "SmarthostSession", MailboxSession)
    monkeypatch.setattr(asyncio, "sleep", _soon)
    structlog.configure(processors=[_drop])

    def told(on_doubt: OnDoubt) -> type[World]:
        class Story(World):
            pass

        Story.account, Story.template, Story.begins, Story.on_doubt = account, new_spool, samples.now, on_doubt
        return Story

    yield told
    structlog.reset_defaults()


def _drop(_logger: object, _method: str, _event: object) -> Any:
    raise structlog.DropEvent


async def _soon(_: float) -> None:
    await sleep(0)
