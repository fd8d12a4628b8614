"""`check`: what the daemon finds of its own configuration, as loaded, with its own secrets and rights."""

from collections.abc import AsyncGenerator, AsyncIterator
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

from pydantic import AwareDatetime

from gateway.control.desk import Asked, Desk
from gateway.control.found import Found
from gateway.control.protocol import Request, Short


class Check(Request):
    """With `sender` or `to`: only what policy says of them, and the others say more of the question."""

    do: Literal["check"] = "check"
    sender: Short | None = None
    to: Short | None = None
    user: Short | None = None
    client: IPv4Address | IPv6Address | None = None
    author: Short | None = None
    at: AwareDatetime | None = None


async def checked(desk: Desk, request: Check) -> AsyncGenerator[Found, None]:
    async for found in _findings(desk, request):
        yield found


def _findings(desk: Desk, request: Check) -> AsyncIterator[Found]:
    if request.sender is None and request.to is None:
        return desk.errands.findings()
    return desk.errands.explained(
        Asked(
            sender=request.sender or "",
            to=request.to or "",
            user=request.user,
            client=request.client,
            author=request.author,
            at=request.at,
        )
    )
