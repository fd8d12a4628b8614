"""The look at a mail before its 250."""

from datetime import UTC, datetime
from email.message import EmailMessage
from ipaddress import ip_address

import pytest

from gateway.config import Settings
from gateway.daemon.wiring import treatments
from gateway.documents.finding import Unsettled
from gateway.documents.planning import Opened
from gateway.intake.envelope import Client, Envelope, FaxRecipient
from gateway.intake.examination import Examination, examine
from gateway.intake.options import Treatment
from gateway.spool.forward_path import ForwardPath

BY_SUBJECT = treatments(Settings.model_validate({"directives": {"in_subject": True}})).usual
ALWAYS = treatments(Settings.model_validate({"cover": {"when": "always"}, "directives": {"in_subject": True}})).usual


def not_opened(_kind: object, _content: bytes) -> Unsettled:
    raise AssertionError


@pytest.mark.parametrize(
    ("subject", "treatment", "refusal"),
    [
        ("Bitte um Rückruf bis 16 Uhr", ALWAYS, None),
        ("Bitte um Rückruf bis 16 Uhr", BY_SUBJECT, "has a subject, but no text and no document"),
        ("[fax: cover=formal] Bitte um Rückruf", BY_SUBJECT, None),
        ("[fax: cover=formal]", ALWAYS, "has neither subject, text nor document"),
        ("[fax: cover=none] Bitte um Rückruf", ALWAYS, "has a subject, but no text and no document"),
    ],
)
def test_a_mail_that_is_all_in_its_subject_is_a_cover_where_one_is_wanted(
    subject: str, treatment: Treatment, refusal: str | None
) -> None:
    message = EmailMessage()
    message["Subject"] = subject
    path = ForwardPath(address="+4989123456@fax.local")
    client = Client(address=ip_address("127.0.0.1"), helo="phone.example.com")
    envelope = Envelope(client=client, reverse_path="jana@example.com", recipients=(FaxRecipient("+4989123456", path),))
    against = Examination(
        treatment=treatment,
        covers=frozenset({"default", "formal"}),
        now=datetime(2026, 11, 27, 9, 30, tzinfo=UTC),
        opened=Opened(not_opened, not_opened),
    )
    found = examine(message.as_bytes(), envelope, against)
    if refusal is None:
        assert found.refusal is None
        assert found.pages == 1
    else:
        assert found.refusal is not None
        assert found.refusal.code == 554
        assert refusal in found.refusal.text
