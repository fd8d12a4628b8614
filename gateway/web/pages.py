"""Templates and the files beside them: what a page may use, and how it is answered."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway import __version__
from gateway.documents.templates import bundled_templates
from gateway.spool.logins import Role
from gateway.web.call import Call
from gateway.web.language import Language, change_in, reason_in, translated
from gateway.web.shown import FILTERS, STATES


@dataclass(frozen=True, slots=True)
class StaticFile:
    data: bytes
    content_type: str
    tag: str


class Pages:
    """`root`: the path of web.public_url, which the proxy takes away again."""

    def __init__(self, root: str = "", directory: Path | None = None) -> None:
        directory = directory if directory is not None else bundled_templates() / "web"
        self.root = root.rstrip("/")
        self.files = {path.name: _static(path) for path in sorted((directory / "static").iterdir())}
        self._environment = Environment(
            loader=FileSystemLoader(directory, encoding="utf-8"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(FILTERS)
        self._environment.globals.update(
            root=self.root,
            version=__version__,
            states=STATES,
            roles=Role,
            file=lambda name: f"{self.root}/static/{name}?{self.files[name].tag[:8]}",
        )

    def render(self, template: str, language: Language, **facts: Any) -> str:
        def t(text: str, **braces: object) -> str:
            return translated(text, language, **braces)

        def told(reason: str) -> str:
            return reason_in(language, reason)

        def changed(clause: str) -> str:
            return change_in(language, clause)

        words = {"t": t, "told": told, "changed": changed}
        return self._environment.get_template(template).render(words, language=language, **facts)

    def answer(self, call: Call, template: str, *, status: int = 200, **facts: Any) -> web.Response:
        text = self.render(template, call.language, visitor=call.visitor, here=call.request.path, may=call.may, **facts)
        return html(text, status)


def html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers={"Vary": "Accept-Language, Cookie"})


def _static(path: Path) -> StaticFile:
    data = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return StaticFile(data, kind, hashlib.sha256(data).hexdigest())
