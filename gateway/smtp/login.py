"""SMTP AUTH (RFC 4954): PLAIN (RFC 4616) and LOGIN, against the logins of the spool; guessing is slow and ends soon."""

import asyncio
import base64
import binascii
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.intake.reply import Reply
from gateway.spool.logins import LoginStore

log = structlog.get_logger()

MECHANISMS = ("LOGIN", "PLAIN")
FAILED = Reply(535, "5.7.8", "user name or password is wrong")
UNREADABLE = Reply(501, "5.5.2", "that is not base64 as RFC 4954 wants it")
ABORTED = Reply(501, "5.7.0", "login aborted")  # RFC 4954 §4
UNAVAILABLE = Reply(454, "4.7.0", "logins can't be checked now; try again later")  # §4
TOO_OFTEN = Reply(454, "4.7.0", "too many failed logins; try again later")

# So many failures of one address or one user within the window, then nobody is asked for a while. Seconds.
MOST_FAILURES = 10
WINDOW = 600.0
# The answer to a failure comes this much later: a guesser has few tries a minute. Seconds.
DELAY = 1.0


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    password: str = field(repr=False)


Ask = Callable[[str], Awaitable[str]]  # sends a challenge (base64), gives the client's line


class Failures:
    """When logins failed, by address and by user; forgotten after WINDOW."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._moments: dict[str, deque[float]] = defaultdict(deque)

    def too_many(self, *keys: str) -> bool:
        self._forget()
        return any(len(self._moments[key]) >= MOST_FAILURES for key in keys if key in self._moments)

    def add(self, *keys: str) -> None:
        for key in keys:
            self._moments[key].append(self._clock())

    def _forget(self) -> None:
        horizon = self._clock() - WINDOW
        for key in list(self._moments):
            moments = self._moments[key]
            while moments and moments[0] < horizon:
                moments.popleft()
            if not moments:
                del self._moments[key]


class Logins:
    """Checks credentials; one for all listeners, so that failures count over all of them."""

    def __init__(self, store: LoginStore, clock: Callable[[], float], *, delay: float = DELAY) -> None:
        self._store = store
        self._failures = Failures(clock)
        self._delay = delay

    async def check(self, credentials: Credentials, client: str) -> Reply | None:
        """None where the login is right; else the reply."""
        keys = (f"address {client}", f"user {credentials.user.casefold()}")
        if self._failures.too_many(*keys):
            log.warning("login_refused", client=client, user=credentials.user, reason="too many failures")
            await asyncio.sleep(self._delay)
            return TOO_OFTEN
        try:
            right = await self._store.verify(credentials.user, credentials.password)
        except SQLAlchemyError as error:
            log.error("login_unchecked", error=str(error.__cause__ or error))  # noqa: TRY400 - the disk's, not ours
            return UNAVAILABLE
        if right:
            return None
        self._failures.add(*keys)
        log.warning("login_failed", client=client, user=credentials.user)
        await asyncio.sleep(self._delay)
        return FAILED


async def credentials_of(mechanism: str, initial: str | None, ask: Ask) -> Credentials | Reply:
    """The exchange of one AUTH command; `initial` is its initial response (RFC 4954 §4), `=` the empty one."""
    try:
        if mechanism == "PLAIN":
            return _plain(_decoded(initial if initial is not None else await ask("")))
        user = _decoded(initial if initial is not None else await ask(_encoded("Username:")))
        return Credentials(user, _decoded(await ask(_encoded("Password:"))))
    except _Aborted:
        return ABORTED
    except (ValueError, binascii.Error):
        return UNREADABLE


class _Aborted(Exception):
    pass


def _plain(message: str) -> Credentials:
    """RFC 4616 §2: authorization identity, which is not used here, user and password."""
    _, user, password = message.split("\0")
    return Credentials(user, password)


def _decoded(line: str) -> str:
    if line == "*":
        raise _Aborted
    return "" if line == "=" else base64.b64decode(line, validate=True).decode()


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
