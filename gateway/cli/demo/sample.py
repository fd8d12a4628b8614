"""The mail of the demo: umlauts in subject and file name, a text, a two-page PDF. All in it is made up."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from gateway.documents.render.html import html_to_pdf
from gateway.documents.render.paper import Paper
from gateway.documents.templates import bundled_templates

SENDER = "jana.beispiel@example.com"
RECIPIENT = "+4989123456@fax.local"
NUMBER = "+4989123456"
ATTACHMENT = "Angebot für Müller & Söhne.pdf"
TEXT = """Sehr geehrte Damen und Herren,

anbei unser Angebot über die Lieferung von 240 Aktenordnern nach München.
Bitte faxen Sie uns das unterschriebene Exemplar bis Freitag zurück.

Mit freundlichen Grüßen
Jana Beispiel
"""


def sample_pdf() -> bytes:
    """Two A4 pages."""
    source = (bundled_templates() / "demo" / "offer.html").read_text(encoding="utf-8")
    return html_to_pdf("offer.html", source, Paper.A4)


def sample_mail(pdf: bytes, now: datetime, message_id: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"Jana Beispiel <{SENDER}>"
    mail["To"] = f"<{RECIPIENT}>"
    mail["Subject"] = "Angebot für Müller & Söhne"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    mail.set_content(TEXT)
    mail.add_attachment(pdf, maintype="application", subtype="pdf", filename=ATTACHMENT)
    return mail
