"""The token in the URL of a push: it names the job, and proves that the URL is ours (RFC 2104, HMAC-SHA256). Pure.

Whoever knows it can report on that one job: it is as secret as the documents that went out with it.
"""

import base64
import hashlib
import hmac

PURPOSE = b"push target v1\0"  # the key serves other purposes too, and a token is none of their values


class PushTokens:
    """Makes and judges tokens: ``<job id>.<HMAC>``, of characters that no URL escapes (RFC 3986 §2.3)."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, job_id: str) -> str:
        code = hmac.digest(self._key, PURPOSE + _octets(job_id), hashlib.sha256)
        return f"{job_id}.{base64.urlsafe_b64encode(code).rstrip(b'=').decode()}"

    def job_id(self, token: str) -> str | None:
        """The job that `token` was made for; None where it is none of ours. In constant time."""
        claimed, _, _ = token.partition(".")
        return claimed if hmac.compare_digest(_octets(self.token(claimed)), _octets(token)) else None


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # a path may hold anything; a token of ours is ASCII
