"""What a mail says of the way it came: the relay's queue id, and the bytes that stay the same when it is sent again."""

import re

from gateway.mail import Mail

# RFC 5321 §4.4: `ID String` in the Received line that the last hop wrote, the topmost one.
QUEUE_ID = re.compile(r"\sid\s+<?([A-Za-z0-9._-]{1,64})>?[\s;]")


def relay_queue_id(mail: Mail) -> str | None:
    """The queue id of the relay that handed the mail over; None where it came from a client."""
    received = mail.header("Received")
    match = QUEUE_ID.search(received[0] + " ") if received else None
    return match[1] if match is not None else None


def body_of(raw: bytes) -> memoryview:
    """The mail after its header: a relay that tries again may add a Received line, the body stays as it was."""
    for blank_line in (b"\r\n\r\n", b"\n\n"):
        end = raw.find(blank_line)
        if end >= 0:
            return memoryview(raw)[end + len(blank_line) :]
    return memoryview(b"")
