"""The first profile that matches the reverse-path counts; what it leaves out is as in the other sections."""

from dataclasses import replace
from ipaddress import IPv4Network, ip_address

import pytest

from gateway.address import NumberRules
from gateway.config import Directive, Profile, Settings
from gateway.daemon.wiring import treatments
from gateway.intake.options import Treatments, report_address, with_report_mail
from gateway.mail import MailLimits, parse_mail
from gateway.policy import NumberPolicy
from gateway.spool.forward_path import ForwardPath, Notify
from gateway.spool.job import JobOptions

USUAL = replace(treatments(Settings()).of(""), options=JobOptions(language="de"))


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
    known = Treatments(USUAL, [profile(csid="first"), profile(csid="second"), profile(match="*", csid="rest")])
    assert known.of("jana@sales.example.com").options.csid == "first"
    assert known.of("").options.csid == "rest"


def test_an_overlay_may_be_given_by_its_name_alone() -> None:
    options = Treatments(USUAL, [profile(overlay="letterhead")]).of("jana@sales.example.com").options
    assert (options.overlay, options.overlay_mode) == ("letterhead", "ALL_PAGES")


SILENT = [ForwardPath(address="+4989123456@fax.local")]
MAIL = parse_mail(b"From: Jana <jana@example.com>\r\nReply-To: office@example.com\r\n\r\nx", MailLimits())
NAMELESS = parse_mail(b"From: mfp\r\nReply-To: office@example.com\r\n\r\nx", MailLimits())
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
        ("from", NAMELESS, "relay@example.net"),
        ("reply-to", NAMELESS, "office@example.com"),
    ],
)
def test_reports_go_where_the_configuration_says_else_to_the_sender(report_to: str, mail: object, address: str) -> None:
    assert report_address(report_to, "relay@example.net", mail) == address  # type: ignore[arg-type] # a table


@pytest.mark.parametrize(
    ("report_on", "success", "failure"),
    [("always", "a@example.com", "a@example.com"), ("failure", None, "a@example.com"), ("never", None, None)],
)
def test_report_mail_is_asked_for_as_report_on_says(report_on: str, success: str | None, failure: str | None) -> None:
    treatment = replace(USUAL, report_on=report_on)
    options = with_report_mail(treatment, "a@example.com", SILENT)
    assert (options.success_address, options.failure_address) == (success, failure)


def test_without_anybody_to_tell_no_report_mail_is_asked_for() -> None:
    assert with_report_mail(USUAL, "", SILENT) == USUAL.options


@pytest.mark.parametrize(
    ("report_on", "notify", "success", "failure"),
    [
        ("always", [set()], False, False),
        ("always", [{"FAILURE"}], False, True),
        ("never", [{"SUCCESS"}], True, False),
        ("failure", [{"SUCCESS", "FAILURE"}], True, True),
        ("always", [{"DELAY"}], False, False),
        ("failure", [set(), {"SUCCESS"}], True, False),
        ("failure", [set(), None], False, True),
        ("never", [set(), None], False, False),
    ],
)
def test_notify_beats_report_on_and_two_paths_to_one_number_are_united(
    report_on: str, notify: list[set[str] | None], success: bool, failure: bool
) -> None:
    paths = [
        ForwardPath(address="x", notify=None if words is None else frozenset(map(Notify, words))) for words in notify
    ]
    options = with_report_mail(replace(USUAL, report_on=report_on), "a@example.com", paths)
    assert (options.success_address is not None, options.failure_address is not None) == (success, failure)


def test_a_profile_matches_the_login_or_the_sender() -> None:
    known = Treatments(USUAL, (Profile(match="mfp-*", csid="MFP"), Profile(match="*@sales.example.com", csid="S")))
    assert known.of("jana@sales.example.com", "mfp-3").options.csid == "MFP"
    assert known.of("jana@sales.example.com", "jana").options.csid == "S"


def test_a_profile_has_its_own_numbers_limits_company_and_directives() -> None:
    keys = {
        "numbers": {"default_region": "AT", "bare": "national", "strict": False, "deny": ["+43"]},
        "limits": {"pages": 3, "documents": 2, "recipients": 1, "depth": 4},
        "company": {"name": "Beispiel GmbH", "address": "Weg 1\n80331 M\u00fcnchen"},
        "directives": ["cover"],
    }
    treatment = Treatments(USUAL, [profile(**keys)]).of("jana@sales.example.com")
    assert treatment.numbers == NumberRules("AT", "national", strict=False)
    assert treatment.policy == NumberPolicy(("+",), ("+43",))
    assert (treatment.most_recipients, treatment.directives) == (1, frozenset({Directive.COVER}))
    options = treatment.options
    assert (options.most_pages, options.most_documents, options.deepest) == (3, 2, 4)
    assert (options.company_name, options.company_address) == ("Beispiel GmbH", "Weg 1\n80331 M\u00fcnchen")
    assert Treatments(USUAL, [profile()]).of("jana@sales.example.com") == USUAL


def test_a_profile_is_for_a_network_a_name_or_both() -> None:
    ward = IPv4Network("192.0.2.32/28")
    known = Treatments(
        USUAL,
        [Profile(match="scanner@*", networks=(ward,), csid="ward"), Profile(networks=(ward,), csid="network")],
    )
    inside, outside = ip_address("192.0.2.33"), ip_address("192.0.2.7")
    assert known.of("scanner@example.com", address=inside).options.csid == "ward"
    assert known.of("jana@example.com", address=inside).options.csid == "network"
    for address in (outside, None, ip_address("2001:db8::1")):
        assert known.of("scanner@example.com", address=address).options.csid is None


def test_a_profile_has_its_own_quotas_times_and_rules_for_numbers() -> None:
    config = {
        "quotas": {"faxes_per_day": 100, "pages_per_hour": 50, "total_faxes_per_day": 1000},
        "times": {"allow": ["Mon-Fri 08:00-18:00"], "timezone": "Europe/Berlin"},
        "numbers": {"allow_countries": ["DE"], "deny_types": ["mobile"]},
        "profile": [
            {
                "match": "*@sales.example.com",
                "quotas": {"faxes_per_day": 20, "pages_per_hour": 0},
                "times": {"allow": []},
                "numbers": {"allow_countries": [], "deny_countries": ["US"]},
            },
            {"match": "*", "timezone": "Europe/Vienna"},
        ],
    }
    known = treatments(Settings.model_validate(config))
    sales, others = known.of("jana@sales.example.com"), known.of("jana@example.com")
    assert [(quota.key, quota.most) for quota in sales.quotas] == [
        ("quotas.faxes_per_day", 20),
        ("quotas.total_faxes_per_day", 1000),
    ]
    assert [quota.most for quota in others.quotas] == [100, 50, 1000]
    assert (sales.times.allow, others.times.timezone) == ((), "Europe/Berlin")
    assert sales.policy.allow_countries == frozenset()
    assert sales.policy.deny_countries == {"US"}
    assert sales.policy.deny_types == {"mobile"}
    assert [sales.origin(key) for key in ("quotas.faxes_per_day", "quotas.faxes_per_hour", "numbers.deny_types")] == [
        "profile.0.quotas.faxes_per_day",
        "quotas.faxes_per_hour",
        "numbers.deny_types",
    ]


def test_a_forced_cover_is_on_every_fax() -> None:
    config = {"cover": {"when": "never"}, "profile": [{"match": "*", "cover": "formal", "forced": ["cover", "csid"]}]}
    treatment = treatments(Settings.model_validate(config)).of("jana@example.com")
    assert (treatment.options.cover, treatment.options.cover_when) == ("formal", "always")
    assert treatment.forced == {Directive.COVER, Directive.CSID}
