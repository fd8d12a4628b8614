"""What the vendor keeps for a customer: cover page templates and overlays, by name.

The sandbox has ``coverpage-default.ftl.html`` and the overlay ``letterhead``; files under ``covers/`` and ``overlays/``
in its data directory come before them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from gateway.documents.render import SourceDocument
from gateway.documents.render.html import html_to_pdf
from gateway.documents.render.paper import Paper
from gateway.documents.templates import bundled_templates

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_FIELD = re.compile(r"\$\{([A-Za-z0-9_.-]+)\}")  # FreeMarker's ${...}, as far as a cover needs it
OVERLAY_ENDINGS = (".tif", ".tiff", ".pdf", ".png", ".html")


class NoSuchMaterial(Exception):
    """The job names a template or an overlay that the vendor doesn't have."""


@dataclass(frozen=True, slots=True)
class Materials:
    data_dir: Path

    def cover(self, name: str, fields: Mapping[str, str]) -> SourceDocument:
        """The filled template; a field that nobody gave stays empty. Raises NoSuchMaterial."""
        path = self._find("covers", name, ("",))
        template = path.read_text(encoding="utf-8")
        filled = _FIELD.sub(lambda match: escape(fields.get(match[1], "")), template)
        return SourceDocument("cover.html", filled.encode(), "UTF-8")

    def overlay(self, name: str) -> bytes:
        """A TIFF, PDF or PNG; an HTML one is printed first. Raises NoSuchMaterial."""
        path = self._find("overlays", name, ("", *OVERLAY_ENDINGS))
        if path.suffix == ".html":
            return html_to_pdf(path.name, path.read_text(encoding="utf-8"), Paper.A4)
        return path.read_bytes()

    def _find(self, kind: str, name: str, endings: tuple[str, ...]) -> Path:
        if _PLAIN.fullmatch(name):  # never a path
            for directory in (self.data_dir / kind, bundled_templates() / "sandbox" / kind):
                for ending in endings:
                    path = directory / f"{name}{ending}"
                    if path.is_file():
                        return path
        raise NoSuchMaterial(f"there is nothing called {name} among the {kind}")
