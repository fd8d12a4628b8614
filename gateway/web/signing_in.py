"""/login and /logout. Guessing is slow, an answer doesn't tell which names there are, and the form is ours."""

from secrets import token_urlsafe
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from sqlalchemy import Connection

from gateway.spool import audit, sessions
from gateway.spool.audit import Deed
from gateway.spool.logins import Role, role_of
from gateway.web.call import Call, form_token, is_token
from gateway.web.desk import Desk
from gateway.web.forms import read_form
from gateway.web.identity import COOKIE, ProxyRules, address_of, visitor_by_session
from gateway.web.language import Language, language_of
from gateway.web.pages import html
from gateway.web.throttle import keys_of

log = structlog.get_logger()

FORM_COOKIE = "__Host-fax-gateway-login"
LARGEST = 8 * 1024  # bytes of the form
LONGEST_PASSWORD = 1024


class Door:
    """The two routes that nobody needs a session for."""

    def __init__(self, desk: Desk, rules: ProxyRules) -> None:
        self._desk = desk
        self._rules = rules

    async def show(self, request: web.Request) -> web.Response:
        language = language_of(request.headers.get("Accept-Language", ""))
        wanted = safe_path(request.query.get("next", ""))
        address = address_of(request, self._rules)
        if await visitor_by_session(self._desk.database, request, address, self._desk.clock) is not None:
            return self._on(wanted)
        return self._form(language, wanted)

    async def enter(self, request: web.Request) -> web.Response:
        language = language_of(request.headers.get("Accept-Language", ""))
        try:
            form = await read_form(request, largest=LARGEST)
        except web.HTTPError as error:
            return self._form(language, "/", "The form could not be read.", status=error.status)
        wanted, name, password = safe_path(form.get("next")), form.get("name"), form.fields.get("password", [""])[0]
        cookie = request.cookies.get(FORM_COOKIE, "")
        if not cookie or not is_token(form.get("csrf"), form_token(cookie, "login")):
            return self._form(language, wanted, "The form was too old: please try again.", status=403)
        address = address_of(request, self._rules)
        keys = keys_of(address, name)
        if wait := self._desk.throttle.wait(keys):
            answer = self._form(language, wanted, "Too many failed logins: please try again later.", status=429)
            answer.headers["Retry-After"] = str(int(wait) + 1)
            return answer
        # Counted before it is checked: many tries at the same moment are many.
        self._desk.throttle.failed(keys)
        known = len(password) <= LONGEST_PASSWORD and await self._desk.logins.verify(name, password)
        role = await self._desk.database.read(lambda connection: role_of(connection, name)) if known else None
        if role is None or not role.reaches(Role.VIEWER):
            log.warning("web_login_failed", address=address, known=known)
            problem = "This login is for sending mail only." if known else "Name or password is wrong."
            return self._form(language, wanted, problem, status=403)
        self._desk.throttle.succeeded(keys)
        return await self._entered(name.casefold(), address, wanted)

    async def _entered(self, name: str, address: str, wanted: str) -> web.Response:
        now = self._desk.clock()

        def begin(connection: Connection) -> str:
            audit.note(connection, [Deed(at=now, login=name, address=address, action="login")])
            return sessions.begin(connection, name, now)

        session_id = await self._desk.database.write(begin)
        log.info("web_login", user=name, address=address)
        answer = self._on(wanted)
        _set(answer, COOKIE, session_id)
        answer.del_cookie(FORM_COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
        return answer

    def _on(self, wanted: str) -> web.Response:
        return web.Response(status=303, headers={"Location": f"{self._desk.pages.root}{wanted}"})

    def _form(self, language: Language, wanted: str, problem: str = "", *, status: int = 200) -> web.Response:
        cookie = token_urlsafe(32)
        text = self._desk.pages.render(
            "login.html.j2", language, token=form_token(cookie, "login"), wanted=wanted, problem=problem
        )
        answer = html(text, status)
        _set(answer, FORM_COOKIE, cookie)
        return answer


async def leave(desk: Desk, call: Call) -> web.Response:
    session_id = call.visitor.session_id
    if session_id is not None:
        await desk.database.write(lambda connection: sessions.end(connection, session_id))
    answer = web.Response(status=303, headers={"Location": f"{desk.pages.root}/login"})
    answer.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
    return answer


def safe_path(path: str) -> str:
    r"""A path of ours and nothing else: `//host` and `/\host` lead elsewhere (URL Standard §4.4)."""
    parts = urlsplit(path)
    is_path = path.startswith("/") and path[1:2] not in {"/", "\\"} and not parts.scheme and not parts.netloc
    return path if is_path and path.isprintable() else "/"


def _set(answer: web.Response, name: str, value: str) -> None:
    """Secure on plain HTTP too: browsers count loopback as a secure place, and beyond it there is no login in clear."""
    answer.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="Strict")
