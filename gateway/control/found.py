"""One line of `check`."""

from typing import Literal

from gateway.control.protocol import Item


class Found(Item):
    """`sentence` says what is so, and for a fault what to do."""

    subject: str
    level: Literal["ok", "warning", "fault"]
    sentence: str
