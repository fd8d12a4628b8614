"""What EHLO and LHLO offer (RFC 5321 §4.1.1.1). Pure."""

from datetime import datetime

from gateway.smtp.login import MECHANISMS
from gateway.smtp.parameters import LONGEST_HOLD
from gateway.smtp.rules import SessionRules


def extensions(rules: SessionRules, *, now: datetime, starttls: bool, auth: bool) -> list[str]:
    """The lines behind the greeting, in the order of their age."""
    lines = [
        "PIPELINING",  # RFC 2920
        f"SIZE {rules.max_message_bytes}",  # RFC 1870
        "8BITMIME",  # RFC 6152
        "ENHANCEDSTATUSCODES",  # RFC 2034
        "DSN",  # RFC 3461
        "CHUNKING",  # RFC 3030
        "BINARYMIME",  # RFC 3030
        "SMTPUTF8",  # RFC 6531
    ]
    if rules.timed:
        until = (now + LONGEST_HOLD).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines += [
            "DELIVERBY",  # RFC 2852
            f"FUTURERELEASE {int(LONGEST_HOLD.total_seconds())} {until}",  # RFC 4865 §3
        ]
    if starttls:
        lines.append("STARTTLS")  # RFC 3207
    if auth:
        lines.append(f"AUTH {' '.join(MECHANISMS)}")  # RFC 4954
    return lines
