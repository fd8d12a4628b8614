"""The first profile that matches the reverse-path counts; what it leaves out is as in the other sections."""

import pytest

from gateway.config import Profile
from gateway.intake.options import Treatment, Treatments, report_address, with_report_mail
from gateway.mail import MailLimits, parse_mail
from gateway.spool.job import JobOptions

USUAL = Treatment(JobOptions(language="de"), report_to="sender", report_on="always", dedupe=True)


def profile(**keys: object) -> Profile:
    return Profile.model_validate({"match": "*@sales.example.com", **keys})


def test_a_sender_without_a_profile_is_treated_as_usual() -> None:
    assert Treatments(USUAL, [profile(csid="1")]).of("jana@example.com") == USUAL


@pytest.mark.parametrize("sender", ["jana@sales.example.com", "JANA@Sales.Example.COM"])
def test_a_profile_matches_in_any_case_and_overrides_only_what_it_names(sender: str) -> None:
    keys = {"csid": "+49 89 1", "cover": "formal", "report": {"on": "failure"}, "dedupe": False, "express": True}
    treatment = Treatments(USUAL, [profile(**keys)]).of(sender)
    assert treatment.options == JobOptions(language="de", csid="+49 89 1", cover="formal", express=True)
    assert (treatment.report_to, treatment.report_on, treatment.dedupe) == ("sender", "failure", False)


def test_the_first_match_wins() -> None:
    treatments = Treatments(USUAL, [profile(csid="first"), profile(csid="second"), profile(match="*", csid="rest")])
    assert treatments.of("jana@sales.example.com").options.csid == "first"
    assert treatments.of("").options.csid == "rest"


def test_an_overlay_may_be_given_by_its_name_alone() -> None:
    options = Treatments(USUAL, [profile(overlay="letterhead")]).of("jana@sales.example.com").options
    assert (options.overlay, options.overlay_mode) == ("letterhead", "ALL_PAGES")


MAIL = parse_mail(b"From: Jana <jana@example.com>\r\nReply-To: office@example.com\r\n\r\nx", MailLimits())
BARE = parse_mail(b"Subject: x\r\n\r\nx", MailLimits())


@pytest.mark.parametrize(
    ("report_to", "mail", "address"),
    [
        ("sender", MAIL, "relay@example.net"),
        ("from", MAIL, "jana@example.com"),
        ("reply-to", MAIL, "office@example.com"),
        ("fax@example.com", MAIL, "fax@example.com"),
        ("from", BARE, "relay@example.net"),
        ("reply-to", BARE, "relay@example.net"),
    ],
)
def test_reports_go_where_the_configuration_says_else_to_the_sender(report_to: str, mail: object, address: str) -> None:
    assert report_address(report_to, "relay@example.net", mail) == address  # type: ignore[arg-type] # a table


@pytest.mark.parametrize(
    ("report_on", "success", "failure"),
    [("always", "a@example.com", "a@example.com"), ("failure", None, "a@example.com"), ("never", None, None)],
)
def test_report_mail_is_asked_for_as_report_on_says(report_on: str, success: str | None, failure: str | None) -> None:
    treatment = Treatment(JobOptions(), "sender", report_on, dedupe=True)
    options = with_report_mail(treatment, "a@example.com")
    assert (options.success_address, options.failure_address) == (success, failure)


def test_without_anybody_to_tell_no_report_mail_is_asked_for() -> None:
    assert with_report_mail(USUAL, "") == USUAL.options
