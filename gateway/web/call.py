"""One call of a page: who asks, in which language, with which form."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from gateway.spool.audit import Deed
from gateway.spool.logins import Role
from gateway.web.language import Language


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in, here or at the proxy."""

    name: str
    role: Role
    address: str
    token: str = field(repr=False)  # what each of his forms must bring back
    session_id: str | None = field(default=None, repr=False)  # None: the proxy names him


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    fields: Mapping[str, list[str]] = field(default_factory=dict)
    upload: Upload | None = None

    def get(self, name: str) -> str:
        """The first value, without space around it; empty where there is none."""
        return next(iter(self.fields.get(name, ())), "").strip()

    def all(self, name: str) -> list[str]:
        return list(self.fields.get(name, ()))


@dataclass(frozen=True, slots=True)
class Call:
    request: web.Request
    visitor: Visitor
    language: Language
    form: Form = Form()

    def wanted(self, name: str) -> str:
        """A part of the path or of the query."""
        found = self.request.match_info.get(name)
        return found if found is not None else self.request.query.get(name, "").strip()

    def may(self, role: Role) -> bool:
        return self.visitor.role.reaches(role)

    def deed(self, action: str, at: datetime, job_id: str | None = None, detail: str = "") -> Deed:
        """A row of the audit log."""
        visitor = self.visitor
        return Deed(at=at, login=visitor.name, address=visitor.address, action=action, job_id=job_id, detail=detail)


def form_token(secret: str, purpose: str) -> str:
    """What a form brings back to prove that a page of ours made it; nobody can make it without the secret."""
    return hmac.new(secret.encode(), f"form:{purpose}".encode(), hashlib.sha256).hexdigest()


def is_token(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
