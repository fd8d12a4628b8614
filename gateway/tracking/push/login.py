"""The login of a push beside its token: Basic (RFC 7617) or Digest (RFC 7616), as the request asked for it. Pure.

Digest's nonces are stateless: a time and its HMAC. One may be used again while it lives, because the same report twice
changes nothing, and the URL that its answer covers belongs to one job.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.request import parse_http_list, parse_keqv_list

REALM = "fax-gateway"
NONCE_LIVES = 300  # seconds
# The better one first (RFC 7616 §3.7); many clients know only the other.
ALGORITHMS: Mapping[str, str] = {"SHA-256": "sha256", "MD5": "md5"}
PURPOSE = b"digest nonce v1\0"


class Login(Protocol):
    def challenges(self, authorization: str | None, method: str, path: str) -> Sequence[str]:
        """The WWW-Authenticate fields of a 401; none where `authorization` is right for `method` and `path`."""
        ...


class NoLogin:
    """The token is enough."""

    def challenges(self, _authorization: str | None, _method: str, _path: str) -> Sequence[str]:
        return ()


@dataclass(frozen=True, slots=True)
class BasicLogin:
    username: str
    password: str = field(repr=False)

    def challenges(self, authorization: str | None, _method: str, _path: str) -> Sequence[str]:
        scheme, _, token = (authorization or "").partition(" ")
        expected = base64.b64encode(f"{self.username}:{self.password}".encode())
        right = hmac.compare_digest(token.strip().encode("utf-8", "replace"), expected)
        if scheme.lower() == "basic" and right:
            return ()
        return (f'Basic realm="{REALM}", charset="UTF-8"',)


@dataclass(frozen=True, slots=True)
class DigestLogin:
    username: str
    password: str = field(repr=False)
    key: bytes = field(repr=False)
    time: Callable[[], float]  # seconds

    def challenges(self, authorization: str | None, method: str, path: str) -> Sequence[str]:
        scheme, _, rest = (authorization or "").partition(" ")
        given = _parameters(rest) if scheme.lower() == "digest" else {}
        right = self._is_right(given, method, path)
        if right and self._lives(given["nonce"]):
            return ()
        stale = ", stale=true" if right else ""
        nonce = self._nonce(int(self.time()))
        return [
            f'Digest realm="{REALM}", qop="auth", algorithm={name}, nonce="{nonce}", charset=UTF-8{stale}'
            for name in ALGORITHMS
        ]

    def _is_right(self, given: Mapping[str, str], method: str, path: str) -> bool:
        """RFC 7616 §3.4.1, for qop=auth."""
        algorithm = ALGORITHMS.get(given.get("algorithm", "MD5").upper())
        # A proxy before us may have cut the begin of the path off.
        covers = given.get("uri", "").partition("?")[0].endswith(path)
        asked = {"realm": REALM, "username": self.username, "qop": "auth"}
        if algorithm is None or not covers or any(given.get(name) != value for name, value in asked.items()):
            return False

        def digest(*parts: str) -> str:
            return hashlib.new(algorithm, ":".join(parts).encode(), usedforsecurity=False).hexdigest()

        nonce, count, cnonce = (given.get(name, "") for name in ("nonce", "nc", "cnonce"))
        secret = digest(self.username, REALM, self.password)
        expected = digest(secret, nonce, count, cnonce, "auth", digest(method, given["uri"]))
        return hmac.compare_digest(expected.encode(), given.get("response", "").encode("utf-8", "replace"))

    def _nonce(self, moment: int) -> str:
        code = hmac.digest(self.key, PURPOSE + str(moment).encode(), hashlib.sha256)
        return f"{moment}.{code.hex()}"

    def _lives(self, nonce: str) -> bool:
        moment = re.match(r"[0-9]{1,12}(?=\.)", nonce, re.ASCII)
        if moment is None:
            return False
        ours = hmac.compare_digest(self._nonce(int(moment[0])).encode(), nonce.encode("utf-8", "replace"))
        return ours and abs(self.time() - int(moment[0])) <= NONCE_LIVES


def _parameters(text: str) -> Mapping[str, str]:
    """RFC 9110 §11.2: names in any case; none where it can't be read."""
    try:
        return {name.lower(): value for name, value in parse_keqv_list(parse_http_list(text)).items()}
    except (ValueError, IndexError):  # a parameter without "=", or with nothing after it
        return {}
