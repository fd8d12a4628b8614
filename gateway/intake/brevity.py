"""Which mails are looked at where they are: those of which it is sure, before anything is read, that it is soon over.

Any other one is looked at in a thread. That is no gain in itself: two threads that take turns in one interpreter need
half as much again as one. So the usual mail, a text and one PDF, is told from those that could keep the loop waiting.
Pure.
"""

SMALL = 16 * 1024  # bytes; of what isn't the PDF
LONGEST = 256 * 1024  # bytes; a text in base64 may call itself a PDF, and of so many it is read in 20 ms
_PDF_IN_BASE64 = b"\r\n\r\nJVBERi0"  # %PDF-, first thing behind the part's header
_NOT_BASE64 = (b" ", b":", b"<")  # no text, no header, no HTML is without


def is_seen_at_once(raw: bytes) -> bool:
    """Of a mail as it came."""
    if len(raw) <= SMALL:
        return True
    if len(raw) > LONGEST:
        return False
    start = raw.find(_PDF_IN_BASE64, 0, SMALL)
    end = raw.find(b"-", start + len(_PDF_IN_BASE64))  # of the delimiter behind it
    if start < 0 or end < 0 or len(raw) - (end - start) > SMALL:
        return False
    return not any(raw.find(each, start, end) >= 0 for each in _NOT_BASE64)
