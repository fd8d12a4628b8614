"""The part of this daemon that takes pushes: it listens, and every request asks for it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.config import Settings
from gateway.daemon import wiring
from gateway.fax4a import HttpStatusPush
from gateway.spool.database import Database
from gateway.spool.push_key import push_key
from gateway.systemd.inherited import InheritedSockets
from gateway.tracking.filing import Filing
from gateway.tracking.push.server import PushServer
from gateway.tracking.push.tokens import PushTokens

AskForPush = Callable[[str], HttpStatusPush]  # by the job's id


@asynccontextmanager
async def pushes(
    settings: Settings, database: Database, filing: Filing, sockets: InheritedSockets
) -> AsyncIterator[AskForPush | None]:
    """None where no push can come: `[push]` isn't set, or its address can't be had."""
    rules = wiring.push_rules(settings)
    if rules is None:
        yield None
        return
    key = await database.write(push_key)
    tokens, login = PushTokens(key), wiring.push_login(settings, key)
    target = wiring.push_target(settings, tokens)
    async with PushServer(
        rules,
        tokens=tokens,
        login=login,
        filing=filing,
        monotonic=time.monotonic,
        inherited=sockets.take("push.listen", str(rules.address)),
    ) as server:
        yield target.of if server.port is not None else None
