"""X-Fax-* headers, and the same in the subject: each is heeded, forbidden by the profile, or refused saying why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Directive, Settings
from gateway.daemon.wiring import treatments
from gateway.intake.directives import Heeded, heed, unheeded
from gateway.intake.options import Treatment
from gateway.intake.reply import Reply
from gateway.mail import Mail, MailLimits, parse_mail

Treat = Callable[..., Treatment]

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
COVERS = frozenset({"default", "formal", "minimal"})
USUAL = treatments(Settings.model_validate({"profile": [{"match": "*", "timezone": "Europe/Berlin"}]})).of("")


def mail(headers: dict[str, str] | None = None, subject: str = "Angebot") -> Mail:
    message = EmailMessage()
    message["Subject"] = subject
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content("Guten Tag")
    return parse_mail(message.as_bytes(), MailLimits())


def heeded(headers: dict[str, str] | None = None, subject: str = "Angebot", treatment: Treatment = USUAL) -> Heeded:
    answer = heed(mail(headers, subject), treatment, COVERS, NOW)
    assert isinstance(answer, Heeded), answer
    return answer


def refused(headers: dict[str, str] | None = None, subject: str = "Angebot", treatment: Treatment = USUAL) -> Reply:
    answer = heed(mail(headers, subject), treatment, COVERS, NOW)
    assert isinstance(answer, Reply), answer
    return answer


def test_a_mail_without_directives_is_treated_as_its_profile_says() -> None:
    assert heeded() == Heeded(USUAL, "Angebot")


@pytest.mark.parametrize(
    ("name", "value", "options"),
    [
        ("X-Fax-Cover", "formal", {"cover": "formal", "cover_when": "always"}),
        ("X-Fax-Cover", "none", {"cover": "default", "cover_when": "never"}),
        ("X-Fax-Csid", "+49 89 1234560", {"csid": "+49 89 1234560"}),
        ("X-Fax-Billing-Code", "4711/Einkauf", {"billing_code": "4711/Einkauf"}),
        ("X-Fax-Resolution", "low", {"resolution": "LOW"}),
        ("x-fax-RESOLUTION", "HIGH", {"resolution": "HIGH"}),
        ("X-Fax-Paper", "letter", {"paper_format": "LETTER"}),
        ("X-Fax-Express", "yes", {"express": True}),
        ("X-Fax-Express", "no", {"express": False}),
        ("X-Fax-Header", "%C%r%P/%T", {"header": "%C%r%P/%T"}),
    ],
)
def test_a_header_beats_the_profile(name: str, value: str, options: dict[str, object]) -> None:
    found = heeded({name: value}).treatment.options
    assert {key: getattr(found, key) for key in options} == options


@pytest.mark.parametrize(
    ("name", "value", "report_to", "report_on"),
    [
        ("X-Fax-Report-To", "faxes@example.com", "faxes@example.com", "always"),
        ("X-Fax-Report-To", "Reply-To", "reply-to", "always"),
        ("X-Fax-Report-On", "failure", "sender", "failure"),
        ("X-Fax-Report-On", "NEVER", "sender", "never"),
    ],
)
def test_who_hears_of_the_fax_and_when(name: str, value: str, report_to: str, report_on: str) -> None:
    treatment = heeded({name: value}).treatment
    assert (treatment.report_to, treatment.report_on) == (report_to, report_on)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-12-01T08:00:00Z", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01T08:00:00+02:00", datetime(2026, 12, 1, 6, tzinfo=UTC)),
        ("2026-12-01 18:00", datetime(2026, 12, 1, 17, tzinfo=UTC)),  # in the profile's zone
        ("Tue, 1 Dec 2026 18:00:00 +0100", datetime(2026, 12, 1, 17, tzinfo=UTC)),
        ("18:00", datetime(2026, 11, 23, 17, tzinfo=UTC)),
        ("09:00", datetime(2026, 11, 24, 8, tzinfo=UTC)),  # today's is over
        ("2026-11-20 08:00", NOW),  # the mail was late itself
    ],
)
def test_a_fax_may_wait_for_its_time(value: str, moment: datetime) -> None:
    assert heeded({"X-Fax-Send-At": value}).send_at == moment


@pytest.mark.parametrize(
    ("headers", "moment"),
    [
        ({"X-Fax-Expires": "2h"}, NOW + timedelta(hours=2)),
        ({"X-Fax-Expires": "2026-11-24 10:30"}, datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ({"X-Fax-Expires": "1d", "X-Fax-Send-At": "18:00"}, datetime(2026, 11, 24, 17, tzinfo=UTC)),
    ],
)
def test_a_fax_may_be_of_no_use_later(headers: dict[str, str], moment: datetime) -> None:
    assert heeded(headers).expires_at == moment


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (
            {"X-Fax-Cover": "pretty"},
            "X-Fax-Cover: pretty can't be heeded; write none or a cover: default, formal, mini",
        ),
        ({"X-Fax-Csid": "x" * 21}, "write at most 20 characters of ASCII"),
        ({"X-Fax-Csid": "Müller"}, "write at most 20 characters of ASCII"),
        ({"X-Fax-Billing-Code": "x" * 81}, "write at most 80 characters of ASCII"),
        ({"X-Fax-Resolution": "fine"}, "X-Fax-Resolution: fine can't be heeded; write low or high"),
        ({"X-Fax-Paper": "A3"}, "X-Fax-Paper: A3 can't be heeded; write a4 or letter"),
        ({"X-Fax-Express": "maybe"}, "write yes or no"),
        ({"X-Fax-Header": "%q"}, "a percent sign itself as %%"),
        ({"X-Fax-Send-At": "soon"}, "write it like 2026-12-24 18:00"),
        ({"X-Fax-Send-At": "2027-12-24 18:00"}, "a fax waits 30 days at most"),
        ({"X-Fax-Expires": "later"}, "or as a duration: 30m, 2h, 1d"),
        ({"X-Fax-Expires": "2026-11-20 08:00"}, "by then it could not have been sent"),
        ({"X-Fax-Expires": "12:00", "X-Fax-Send-At": "18:00"}, "by then it could not have been sent"),
        ({"X-Fax-Report-To": "Jana <jana@example.com>"}, "write sender, from, reply-to or one mail address"),
        (
            {"X-Fax-Report-On": "sometimes"},
            "X-Fax-Report-On: sometimes can't be heeded; write always, failure or never",
        ),
    ],
)
def test_a_bad_value_is_refused_naming_the_header_and_what_it_may_say(headers: dict[str, str], reason: str) -> None:
    reply = refused(headers)
    assert (reply.code, reply.enhanced) == (554, "5.6.0")
    assert reason in reply.text


def test_an_empty_header_says_nothing() -> None:
    assert heeded({"X-Fax-Csid": " "}) == Heeded(USUAL, "Angebot")


def test_a_header_that_stands_there_twice_is_refused_unless_both_say_the_same() -> None:
    raw = b"X-Fax-Paper: A4\r\nX-Fax-Paper: %s\r\n\r\nx"
    same, other = (parse_mail(raw % paper, MailLimits()) for paper in (b"A4", b"letter"))
    assert isinstance(heed(same, USUAL, COVERS, NOW), Heeded)
    answer = heed(other, USUAL, COVERS, NOW)
    assert isinstance(answer, Reply)
    assert "stands there twice, as A4 and as letter" in answer.text


@pytest.mark.parametrize("directive", list(Directive))
def test_what_the_profile_does_not_allow_is_refused(directive: Directive, treated: Treat) -> None:
    others = frozenset(Directive) - {directive}
    reply = refused({f"X-Fax-{directive}": "4711"}, treatment=treated(directives=others))
    assert (reply.code, reply.enhanced) == (550, "5.7.1")
    assert f"X-Fax-{directive.title()} is not for this sender to set" in reply.text


def test_what_is_forced_no_mail_can_change(treated: Treat) -> None:
    forced = frozenset({Directive.CSID, Directive.COVER})
    options = replace(treated().options, csid="+49 89 1", cover="formal", cover_when="always")
    treatment = treated(options=options, forced=forced, directives=frozenset({Directive.CSID, Directive.PAPER}))
    for headers in ({"X-Fax-Csid": "+49 89 2"}, {"X-Fax-Cover": "none"}, {"X-Fax-Cover": "minimal"}):
        reply = refused(headers, treatment=treatment)
        assert (reply.code, reply.enhanced) == (550, "5.7.1")
        assert "is fixed for this sender (directives.forced)" in reply.text
    same = {"X-Fax-Csid": "+49 89 1", "X-Fax-Cover": "formal", "X-Fax-Paper": "a4"}
    assert heeded(same, treatment=treatment).treatment.options == replace(options, paper_format="A4")


def test_a_subject_is_a_subject_unless_the_configuration_says_otherwise() -> None:
    assert heeded(subject="[fax: paper=A4] Angebot").subject == "[fax: paper=A4] Angebot"


@pytest.mark.parametrize(
    ("subject", "left", "options"),
    [
        ("[fax: resolution=low; cover=none] Angebot", "Angebot", {"resolution": "LOW", "cover_when": "never"}),
        ('[FAX: csid="+49 89 1"; express]Angebot', "Angebot", {"csid": "+49 89 1", "express": True}),
        ("[ fax : paper = letter ;]", "", {"paper_format": "LETTER"}),
        ("Re: [fax: paper=letter]", "Re: [fax: paper=letter]", {"paper_format": None}),
        ("[fax] Angebot", "[fax] Angebot", {"paper_format": None}),
    ],
)
def test_directives_at_the_begin_of_the_subject(
    subject: str, left: str, options: dict[str, object], treated: Treat
) -> None:
    found = heeded(subject=subject, treatment=treated(directives_in_subject=True))
    assert found.subject == left
    assert {key: getattr(found.treatment.options, key) for key in options} == options


def test_a_directive_that_is_none_is_refused_in_the_subject_and_noted_in_a_header(treated: Treat) -> None:
    reply = refused(subject="[fax: fine] Angebot", treatment=treated(directives_in_subject=True))
    assert reply.text.startswith("fine in the subject is no directive; there are cover, csid, billing-code")
    assert unheeded(mail({"X-Fax-Fine": "yes", "X-Fax-Paper": "A4"})) == (
        "the header x-fax-fine is not known here, it was not heeded",
    )


@given(st.sampled_from(list(Directive)), st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_written_there_it_is_heeded_or_refused(directive: Directive, value: str, subject: str) -> None:
    written = Mail(headers={f"x-fax-{directive}": (value,)}, subject=f"[fax: {subject}")
    for in_subject in (False, True):
        treatment = treatments(Settings.model_validate({"directives": {"in_subject": in_subject}})).usual
        assert isinstance(heed(written, treatment, COVERS, NOW), Heeded | Reply)
