"""What an operator can do about a request that the service refuses for good, by its own words (Fax4A)."""

TOO_LARGE = 413

_BY_WORDS = (
    ("job expiration", "is this machine's clock right? `fax-gateway check` compares it with the service's"),
    ("no number available", "the service knows no such number: ask the sender for the right one"),
)
_OTHERWISE = "`fax-gateway jobs show` tells the rest; docs/troubleshooting.md, 400 Bad Request"


def hint_of(code: int, message: str) -> str:
    """Pure; `message` as it came."""
    if code == TOO_LARGE:
        return "the request is larger than the service or a proxy takes: lower smtp.max_message_bytes"
    words = message.casefold()
    return next((hint for part, hint in _BY_WORDS if part in words), _OTHERWISE)
