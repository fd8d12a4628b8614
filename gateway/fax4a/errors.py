"""What can go wrong when reports are asked for, and when a client is set up.

None of it loses a job: the next round asks again. What can come of a send is no exception but an ``Outcome``.
"""


class Fax4AError(Exception):
    """Base of this room's errors."""


class TransportFault(Fax4AError):
    """A setting of the connection can't be used. Says which, and why."""


class ReportError(Fax4AError):
    """A data centre didn't give what was asked for."""

    def __init__(self, datacenter: str, message: str) -> None:
        super().__init__(f"{datacenter}: {message}")
        self.datacenter = datacenter


class Unreachable(ReportError):
    """No answer: connection, proxy, timeout."""


class Refused(ReportError):
    """An answer that says no, or a redirect (which is never followed: it would carry the login elsewhere)."""

    def __init__(self, datacenter: str, code: int, message: str) -> None:
        super().__init__(datacenter, f"answered {code} {message}".rstrip())
        self.code = code
        self.message = message


class Unreadable(ReportError):
    """An answer that is cut off, too large or not what the contract says."""
