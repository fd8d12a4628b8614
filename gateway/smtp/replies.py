"""Enhanced status codes (RFC 2034, RFC 3463) for the replies that aiosmtpd writes without one. Pure."""

import re

# RFC 2034 §4: the greeting and the replies to HELO and EHLO carry none, and neither do 3yz replies.
EXTENDED = re.compile(r"^(?P<code>[245]\d\d) (?!\d\.\d{1,3}\.\d{1,3} )(?P<text>.*)$")

# What each basic code means in aiosmtpd, in the terms of RFC 3463 §3.
ENHANCED = {
    221: "2.0.0",
    250: "2.0.0",
    252: "2.0.0",
    421: "4.3.2",  # system not accepting network messages
    451: "4.3.0",
    452: "4.5.3",  # too many recipients
    454: "4.7.0",
    500: "5.5.2",  # syntax error
    501: "5.5.4",  # invalid command arguments
    502: "5.5.1",  # invalid command
    503: "5.5.1",
    530: "5.7.0",
    550: "5.1.0",
    552: "5.3.4",  # message too big for system
    553: "5.1.3",
    554: "5.0.0",
    555: "5.5.4",
}


def with_enhanced_code(line: str) -> str:
    """`line` with the enhanced status code that belongs to its basic one; unchanged where it has one or needs none."""
    match = EXTENDED.match(line)
    if match is None:
        return line
    enhanced = ENHANCED.get(int(match["code"]))
    return line if enhanced is None else f"{match['code']} {enhanced} {match['text']}"
