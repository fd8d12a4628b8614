"""Whom a word about a fax can reach: what of a reverse-path or a header is an address that a mail can go to. Pure."""

import re

LONGEST = 320  # characters, RFC 5321 §4.5.3.1.1 and §4.5.3.1.2
_MAILBOX = re.compile(r"[^\x00-\x1f\x7f]+@[^\x00-\x20\x7f@]+")


def hears(address: str) -> bool:
    """Not the null reverse-path; nor `mfp`, as devices call themselves: mail needs a domain (RFC 5321 §2.3.11)."""
    return len(address) <= LONGEST and _MAILBOX.fullmatch(address) is not None
