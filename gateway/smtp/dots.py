"""The octets between DATA and its end (RFC 5321 §4.1.1.4, §4.5.2). Pure.

The end is CRLF . CRLF and nothing else: a bare LF or CR around a dot is part of the text, never its end, so that no
second mail can be smuggled inside a first one. Text is kept octet for octet but for the dots that transparency added.
"""

END = b"\r\n.\r\n"
_LINE_START = b"\r\n"


class DotDecoder:
    """Give it what arrives; it gives back what belongs to the text."""

    def __init__(self) -> None:
        # The text begins at the start of a line: its end may come at once.
        self._held = _LINE_START
        self._skip = len(_LINE_START)
        self.ended = False

    @property
    def may_end(self) -> bool:
        """Whether the dot of the end has come already, if it is one."""
        return b"." in self._held

    def feed(self, received: bytes) -> tuple[bytes, bytes]:
        """The text that `received` completes, and what stands behind the end (b"" before it)."""
        data = self._held + received
        # A piece of base64 has no dot at all, and to know it is ten times as fast as to look for the end.
        has_dot = b"." in data
        end = data.find(END) if has_dot else -1
        if end >= 0:
            self.ended = True
            # The CRLF in front of the dot ends the text's last line and belongs to it.
            return self._text(data[: end + 2], has_dot=True), data[end + len(END) :]
        kept = _beginning_of_end(data)
        self._held = data[len(data) - kept :]
        return self._text(data[: len(data) - kept], has_dot=has_dot), b""

    def _text(self, data: bytes, *, has_dot: bool) -> bytes:
        text = data.replace(b"\r\n.", _LINE_START) if has_dot else data
        skipped = min(self._skip, len(text))
        self._skip -= skipped
        return text[skipped:]


def _beginning_of_end(data: bytes) -> int:
    """How many octets at the end of `data` could still become the end of the text."""
    for length in range(min(len(END) - 1, len(data)), 0, -1):
        if END.startswith(data[-length:]):
            return length
    return 0
