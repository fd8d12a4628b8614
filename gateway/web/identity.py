"""Who asks: the address behind trusted proxies, the cookie of a session, or the user whom a proxy names."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address

from aiohttp import web

from gateway.spool import sessions
from gateway.spool.database import Database
from gateway.spool.logins import role_of
from gateway.spool.sessions import Session
from gateway.web.call import Visitor, form_token

COOKIE = "__Host-fax-gateway"  # RFC 6265bis §4.1.3.2: Secure, Path=/, no Domain
SECRET_HEADER = "X-Fax-Gateway-Secret"  # noqa: S105 - its name
LONGEST_COOKIE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRules:
    """Of [web]."""

    trusted: tuple[IPv4Network | IPv6Network, ...]
    user_header: str
    secret: str

    def trusts(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.trusted)


def address_of(request: web.Request, rules: ProxyRules) -> str:
    """The last hop that is no proxy of ours: whatever stands before it in X-Forwarded-For anybody may have written."""
    address = request.remote or "local"
    hops = [hop.strip() for line in request.headers.getall("X-Forwarded-For", []) for hop in line.split(",")]
    while hops and rules.trusts(address):
        address = hops.pop()[:64]
    return address


def named_by_proxy(request: web.Request, rules: ProxyRules) -> str | None:
    """The user whom a trusted proxy with the secret names; None: nobody is named, or by somebody else."""
    name = request.headers.get(rules.user_header) if rules.user_header else None
    if not name or not rules.secret or not rules.trusts(request.remote or ""):
        return None
    given = request.headers.get(SECRET_HEADER, "")
    if not hmac.compare_digest(given.encode(errors="surrogateescape"), rules.secret.encode()):
        return None
    return name.strip().casefold()


async def visitor_by_proxy(database: Database, name: str, address: str, rules: ProxyRules) -> Visitor | None:
    """None: no login has this name."""
    role = await database.read(lambda connection: role_of(connection, name))
    return Visitor(name, role, address, form_token(rules.secret, name)) if role is not None else None


async def visitor_by_session(
    database: Database, request: web.Request, address: str, clock: Callable[[], datetime]
) -> Visitor | None:
    session_id = request.cookies.get(COOKIE, "")
    if not 0 < len(session_id) <= LONGEST_COOKIE:
        return None
    now = clock()
    session: Session | None = await database.read(lambda connection: sessions.find(connection, session_id, now))
    if session is None:
        return None
    if session.is_stale:
        await database.write(lambda connection: sessions.touch(connection, session_id, now))
    return Visitor(session.login, session.role, address, form_token(session_id, "session"), session_id)
