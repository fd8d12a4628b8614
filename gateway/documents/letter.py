"""An attached mail (message/rfc822) as a page: who wrote to whom and when, then its text. Pure.

Its To and Cc are what the person who forwarded it wants to show; those of the mail that is faxed never reach a page.
"""

from datetime import tzinfo
from html import escape
from typing import Literal

from gateway.documents.html import CleanedHtml, clean_html
from gateway.mail import Mail

_WORDS = {
    "en": {"from": "From", "to": "To", "cc": "Cc", "date": "Date", "subject": "Subject", "parts": "Attachments"},
    "de": {"from": "Von", "to": "An", "cc": "Kopie", "date": "Datum", "subject": "Betreff", "parts": "Anlagen"},
}
_STYLE = (
    "body{font-family:Arial,Helvetica,sans-serif;font-size:11pt;line-height:1.4}"
    "table.header{border-collapse:collapse;border-bottom:2pt solid black;margin-bottom:12pt;width:100%}"
    "table.header th{text-align:left;vertical-align:top;width:28mm;padding:2pt 0}"
    "table.header td{padding:2pt 0;overflow-wrap:anywhere}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font-family:inherit}"
)


def letter_html(mail: Mail, language: Literal["en", "de"], zone: tzinfo) -> tuple[str, tuple[str, ...]]:
    """A complete document, to be encoded as UTF-8, and what was taken out of its text."""
    cleaned = _text(mail)
    rows = "".join(
        f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>" for label, value in _header(mail, language, zone)
    )
    page = (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(mail.subject)}</title>'
        f'<style>{_STYLE}</style></head>\n<body><table class="header">{rows}</table>\n{cleaned.fragment}'
        "</body></html>\n"
    )
    return page, cleaned.dropped


def _text(mail: Mail) -> CleanedHtml:
    if mail.body.html is not None:
        return clean_html(mail.body.html, mail.inline)
    return CleanedHtml(f"<pre>{escape(mail.body.text or '')}</pre>", ())


def _header(mail: Mail, language: Literal["en", "de"], zone: tzinfo) -> list[tuple[str, str]]:
    words = _WORDS[language]
    moment = mail.date.astimezone(zone) if mail.date is not None and mail.date.tzinfo is not None else mail.date
    facts = (
        (words["from"], ", ".join(mail.header("From"))),
        (words["to"], ", ".join(mail.header("To"))),
        (words["cc"], ", ".join(mail.header("Cc"))),
        (words["date"], f"{moment:%Y-%m-%d %H:%M %Z}".strip() if moment is not None else ""),
        (words["subject"], mail.subject),
        (words["parts"], ", ".join(part.filename for part in mail.attachments if part.filename)),
    )
    return [(label, value) for label, value in facts if value]
