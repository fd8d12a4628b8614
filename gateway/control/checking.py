"""`check`: what the daemon finds of its own configuration, as loaded, with its own secrets and rights."""

from collections.abc import AsyncGenerator
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

from pydantic import AwareDatetime

from gateway.control.desk import Desk
from gateway.control.found import Found
from gateway.control.protocol import Request, Short
from gateway.intake.decision import Question
from gateway.intake.envelope import Client


class Check(Request):
    """With `sender` or `to`: only what policy says of them."""

    do: Literal["check"] = "check"
    sender: Short | None = None
    to: Short | None = None
    user: Short | None = None  # logged in as, by SMTP AUTH
    client: IPv4Address | IPv6Address | None = None  # from which address; else that is no question
    author: Short | None = None  # header From; else the sender
    at: AwareDatetime | None = None  # else now


async def checked(desk: Desk, request: Check) -> AsyncGenerator[Found, None]:
    if request.sender is None and request.to is None:
        async for found in desk.errands.findings():
            yield found
        return
    question = Question(
        sender=request.sender or "",
        to=request.to or "",
        client=_client(request),
        author=request.author,
        now=request.at or desk.clock(),
    )
    async for found in desk.errands.explained(question):
        yield found


def _client(request: Check) -> Client:
    if request.client is None:
        return Client(address=None, helo="check", auth_user=request.user, trusted=request.user is None)
    return Client(address=request.client, helo="check", auth_user=request.user)
