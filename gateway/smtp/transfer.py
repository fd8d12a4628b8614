"""The text of a mail on its way in: DATA (RFC 5321 §4.1.1.4) and BDAT (RFC 3030).

It goes to its place in the spool as it arrives. A mail that is too large, or that the disk doesn't take, is read to its
end, so that the client hears why (RFC 5321 §4.2.5), and thrown away.
"""

from collections.abc import Callable

import structlog

from gateway.intake.reply import Reply
from gateway.smtp.connection import PIECE, WORTH_WAKING, Connection
from gateway.smtp.dots import DotDecoder
from gateway.spool.content import ContentWriter

log = structlog.get_logger()

DISK_REFUSED = Reply(452, "4.3.1", "the spool has no room for this mail, nothing was accepted; try again later")


class Arrival:
    """One mail's text while it arrives; `refusal` says why it is thrown away."""

    def __init__(self, writer: ContentWriter, max_bytes: int) -> None:
        self.writer = writer
        self._max_bytes = max_bytes
        self.refusal: Reply | None = None

    async def take(self, text: bytes) -> None:
        if self.refusal is not None or not text:
            return
        if self.writer.size + len(text) > self._max_bytes:
            self.refusal = too_large(self._max_bytes)
            await self.writer.discard()
            return
        try:
            await self.writer.write(text)
        except OSError as error:
            log.error("spool_not_writable", error=str(error))  # noqa: TRY400 - the disk's fault
            self.refusal = DISK_REFUSED
            await self.writer.discard()


def too_large(max_bytes: int) -> Reply:
    return Reply.of(552, "5.3.4", f"the mail is too large: {max_bytes} bytes at most, as it is on the wire")


async def receive_data(connection: Connection, arrival: Arrival, patience: Callable[[], float]) -> None:
    """Everything between 354 and the line with the dot."""
    decoder = DotDecoder()
    while not decoder.ended:
        # The end has a dot, and what is written in base64 has none.
        least = 1 if decoder.may_end else WORTH_WAKING
        text, behind = decoder.feed(await connection.read_piece(patience(), least=least, mark=b"."))
        await arrival.take(text)
    connection.unread(behind)


async def receive_chunk(
    connection: Connection, arrival: Arrival | None, size: int, patience: Callable[[], float]
) -> None:
    """Exactly `size` octets; without an arrival they are thrown away (RFC 3030 §2)."""
    left = size
    while left:
        piece = await connection.read_piece(patience(), min(left, PIECE), least=min(left, WORTH_WAKING))
        left -= len(piece)
        if arrival is not None:
            await arrival.take(piece)
