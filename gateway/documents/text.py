"""A text document as the API takes it: unchanged where its charset can be declared, else as UTF-8. Pure."""

from gateway.mail.charset import decode_text, strictly

# fax4a.md, documents[].charset: the names that can be declared, by those that mails use for them.
DECLARABLE = {
    "us-ascii": "US-ASCII",
    "ascii": "US-ASCII",
    "utf-8": "UTF-8",
    "utf8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16be": "UTF-16BE",
    "utf-16le": "UTF-16LE",
    "iso-8859-1": "ISO-8859-1",
    "iso8859-1": "ISO-8859-1",
    "latin1": "ISO-8859-1",
    "windows-1252": "Windows-1252",
    "cp1252": "Windows-1252",
}
C1_CONTROLS = frozenset(range(0x80, 0xA0))


def text_document(data: bytes, declared: str | None) -> tuple[bytes, str]:
    """The bytes to send and the charset to declare; form feeds stay, they are page breaks."""
    name = DECLARABLE.get((declared or "").strip().lower())
    if name is not None and strictly(data, declared) is not None and not _means_windows_1252(name, data):
        return data, name
    text, _ = decode_text(data, declared)
    return text.encode(), "UTF-8"


def _means_windows_1252(name: str, data: bytes) -> bool:
    """Bytes 0x80 to 0x9F under the name ISO-8859-1: the euro sign and quotes of Windows, controls to the service."""
    return name == "ISO-8859-1" and not C1_CONTROLS.isdisjoint(data)
