"""`check`: what the daemon finds of its own configuration, as loaded, with its own secrets and rights."""

from collections.abc import AsyncGenerator
from typing import Literal

from gateway.control.desk import Desk
from gateway.control.found import Found
from gateway.control.protocol import Request, Short


class Check(Request):
    """With `sender` or `to`: only what policy says of them."""

    do: Literal["check"] = "check"
    sender: Short | None = None
    to: Short | None = None


async def checked(desk: Desk, request: Check) -> AsyncGenerator[Found, None]:
    if request.sender is not None or request.to is not None:
        yield desk.errands.verdict(request.sender or "", request.to or "")
        return
    async for found in desk.errands.findings():
        yield found
