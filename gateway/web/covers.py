"""/covers: each cover template as the recipient's machine prints it, with made-up data."""

import hashlib
from datetime import UTC, datetime

from aiohttp import web

from gateway.documents.cover import Company, CoverContext, CoverError, Sender
from gateway.documents.render import SourceDocument
from gateway.web.call import Call
from gateway.web.desk import Desk
from gateway.web.drawer import NotDrawn, Pages
from gateway.web.drawing import Documents
from gateway.web.language import Language

LANGUAGES: tuple[Language, ...] = ("en", "de")


async def show(desk: Desk, call: Call) -> web.Response:
    names = sorted(desk.covers.names())
    chosen = call.wanted("name") if call.wanted("name") in names else desk.settings.cover.template
    language = _language(call)
    problem = ""
    try:
        await _drawn(desk, chosen, language)
    except (CoverError, NotDrawn) as error:
        problem = str(error)
    return desk.pages.answer(
        call,
        "covers.html.j2",
        names=names,
        chosen=chosen,
        cover_language=language,
        languages=LANGUAGES,
        problem=problem,
        names_recipient=desk.covers.names_recipient(chosen),
        usual=desk.settings.cover.template,
    )


async def image(desk: Desk, call: Call) -> web.Response:
    if call.wanted("name") not in desk.covers.names():
        return web.Response(status=404, text="no such cover\n")
    try:
        drawn = await _drawn(desk, call.wanted("name"), _language(call))
    except (CoverError, NotDrawn) as error:
        return web.Response(status=422, text=f"{error}\n")
    return web.Response(body=drawn[0], content_type="image/png")


async def _drawn(desk: Desk, name: str, language: Language) -> Pages:
    """Raises CoverError and NotDrawn. An administrator's template is tried anew when it has changed."""
    html = desk.covers.render(name, sample(language)).encode()
    key = f"cover {hashlib.sha256(html).hexdigest()}"
    return await desk.drawer.draw(key, Documents((SourceDocument("cover.html", html),)))


def _language(call: Call) -> Language:
    return "de" if (call.wanted("language") or call.language) == "de" else "en"


def sample(language: Language) -> CoverContext:
    is_german = language == "de"
    text = (
        "Guten Tag,\n\nanbei das Angebot, um das Sie gebeten haben.\n\nFreundliche Grüße\nAnna Beispiel"
        if is_german
        else "Good morning,\n\nplease find attached the offer that you asked for.\n\nKind regards\nAnna Beispiel"
    )
    return CoverContext(
        sender=Sender("anna@example.com", "Anna Beispiel"),
        subject="Angebot 4711" if is_german else "Offer 4711",
        date=datetime(2026, 11, 23, 14, 5, tzinfo=UTC),
        document_count=1,
        pages=3,
        recipient="+49 89 123456",
        sole_recipient="+49 89 123456",
        body_text=text,
        company=Company(
            name="Beispiel GmbH", phone="+49 89 123450", fax="+49 89 1234560", address="Weg 1\n80331 München"
        ),
        language=language,
    )
