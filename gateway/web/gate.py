"""What stands before every page: who is it, may he, does the form come from us; and what every answer carries."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from gateway.spool.logins import Role
from gateway.web.call import Call, Form, Visitor, is_token
from gateway.web.desk import Desk
from gateway.web.forms import read_form, read_upload
from gateway.web.identity import ProxyRules, address_of, named_by_proxy, visitor_by_proxy, visitor_by_session
from gateway.web.language import Language, language_of
from gateway.web.pages import html

log = structlog.get_logger()

Handler = Callable[[Desk, Call], Awaitable[web.StreamResponse]]

# Content Security Policy Level 3: no script, style, image or frame but ours, nothing inline.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with it a browser sends Origin: null with our own forms (Fetch Standard §3.2).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FOREIGN = frozenset({"cross-site", "same-site"})  # Sec-Fetch-Site (Fetch Metadata §2.3)


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    handler: Handler
    role: Role  # the least one
    takes_file: bool = False


class Gate:
    def __init__(self, desk: Desk, rules: ProxyRules) -> None:
        self._desk = desk
        self._rules = rules

    def guarded(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(request, route)

        return handle

    async def unknown(self, request: web.Request) -> web.StreamResponse:
        """A path or a method that isn't there: only who is logged in learns that."""
        return await self._handle(request, Route(request.method, "", _not_there, Role.VIEWER))

    async def _handle(self, request: web.Request, route: Route) -> web.StreamResponse:
        language = language_of(request.headers.get("Accept-Language", ""))
        try:
            visitor = await self._visitor(request)
            if visitor is None:
                return self._to_login(request)
            return await self._admit(Call(request, visitor, language), route)
        except _NotKnown:
            return html(self._desk.pages.render("stranger.html.j2", language), 403)
        except web.HTTPError as error:
            return self._fault(language, error.status, error.text)
        except SQLAlchemyError as error:
            log.error("page_without_spool", path=request.path, error=str(error.__cause__ or error))  # noqa: TRY400 - its text says all
            return self._fault(language, 503)
        except ConnectionError:
            raise  # nobody is there to be answered
        except Exception:
            log.exception("page_broken", path=request.path)
            return self._fault(language, 500)

    async def _admit(self, call: Call, route: Route) -> web.StreamResponse:
        if not call.may(route.role):
            return self._message(call, 403, "This page is not for you", "Your login's role does not reach so far.")
        if call.request.method in {"GET", "HEAD"}:
            return await route.handler(self._desk, call)
        form = await self._form(call.request, route)
        if not _is_ours(call.request, form, call.visitor):
            text = "The form is too old or from elsewhere: go back and try again."
            return self._message(call, 403, "Nothing was done", text)
        return await route.handler(self._desk, replace(call, form=form))

    def _fault(self, language: Language, status: int, reason: str | None = None) -> web.Response:
        return html(self._desk.pages.render("fault.html.j2", language, status=status, reason=reason), status)

    async def _visitor(self, request: web.Request) -> Visitor | None:
        desk, address = self._desk, address_of(request, self._rules)
        name = named_by_proxy(request, self._rules)
        if name is None:
            return await visitor_by_session(desk.database, request, address, desk.clock)
        visitor = await visitor_by_proxy(desk.database, name, address, self._rules)
        if visitor is None:
            raise _NotKnown
        return visitor

    async def _form(self, request: web.Request, route: Route) -> Form:
        if route.takes_file and request.content_type == "multipart/form-data":
            return await read_upload(request, largest=self._desk.settings.smtp.max_message_bytes)
        return await read_form(request)

    def _to_login(self, request: web.Request) -> web.Response:
        if request.method not in {"GET", "HEAD"}:
            return web.Response(status=401, text="log in first\n")
        wanted = f"?next={quote(request.path_qs)}" if request.path_qs != "/" else ""
        return web.Response(status=303, headers={"Location": f"{self._desk.pages.root}/login{wanted}"})

    def _message(self, call: Call, status: int, title: str, text: str) -> web.Response:
        return self._desk.pages.answer(call, "message.html.j2", status=status, title=title, text=text)


class _NotKnown(Exception):
    """The proxy names somebody who has no login here."""


def _is_ours(request: web.Request, form: Form, visitor: Visitor) -> bool:
    foreign = request.headers.get("Sec-Fetch-Site", "") in FOREIGN
    return not foreign and is_token(form.get("csrf"), visitor.token)


async def _not_there(desk: Desk, call: Call) -> web.Response:
    return desk.pages.answer(
        call, "message.html.j2", status=404, title="There is no such page", text="It may have been removed since."
    )


async def dress(_: web.Request, response: web.StreamResponse) -> None:
    """on_response_prepare: the headers of every answer, and no banner."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.popall("Server", None)
