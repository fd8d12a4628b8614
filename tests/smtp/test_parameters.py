"""The parameters of MAIL and RCPT as values; the refusals stand in the dialogues."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp.parameters import (
    BadParameter,
    DeliverBy,
    MailParameters,
    RcptParameters,
    mail_parameters,
    rcpt_parameters,
)
from gateway.spool.forward_path import Notify

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("size=1000 BODY=8bitmime", {"size": 1000, "body": "8BITMIME"}),
        ("SMTPUTF8 RET=full ENVID=a+2Bb", {"smtputf8": True, "ret": "FULL", "envid": "a+2Bb"}),
        ("HOLDFOR=90", {"release_at": NOW + timedelta(seconds=90)}),
        ("HOLDUNTIL=2026-11-24T08:00:00+01:00", {"release_at": datetime(2026, 11, 24, 7, tzinfo=UTC)}),
        ("HOLDUNTIL=2026-11-24t08:00:00z", {"release_at": datetime(2026, 11, 24, 8, tzinfo=UTC)}),
        ("BY=60;R", {"deliver_by": DeliverBy(NOW + timedelta(seconds=60), returns=True)}),
        ("BY=-60;nt", {"deliver_by": DeliverBy(NOW - timedelta(seconds=60), returns=False)}),
        (
            "BY=60;N HOLDFOR=120",
            {
                "deliver_by": DeliverBy(NOW + timedelta(seconds=60), returns=False),
                "release_at": NOW + timedelta(seconds=120),
            },
        ),
        ("AUTH=<>", {}),
    ],
)
def test_mail(text: str, values: dict[str, object]) -> None:
    assert mail_parameters(text, NOW, timed=True) == MailParameters(**values)  # type: ignore[arg-type] # a table


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("NOTIFY=NEVER", {"notify": frozenset()}),
        ("NOTIFY=success,DELAY", {"notify": frozenset({Notify.SUCCESS, Notify.DELAY})}),
        ("ORCPT=rfc822;a+2Bb@example.com", {"orcpt": "rfc822;a+2Bb@example.com"}),
        ("ORCPT=utf-8;ä@example.com", {"orcpt": "utf-8;ä@example.com"}),
    ],
)
def test_rcpt(text: str, values: dict[str, object]) -> None:
    assert rcpt_parameters(text) == RcptParameters(**values)  # type: ignore[arg-type] # a table


def test_what_is_timed_is_offered_only_where_mail_is_submitted() -> None:
    with pytest.raises(BadParameter, match=r"555 5\.5\.4 HOLDFOR"):
        mail_parameters("HOLDFOR=90", NOW, timed=False)


@given(st.text("ABCDEFHILNOPRSTUVY=;+-,.0123456789<> \t", max_size=60))
def test_any_text_gives_parameters_or_a_refusal_of_the_standard(text: str) -> None:
    for parse in (rcpt_parameters, lambda text: mail_parameters(text, NOW, timed=True)):
        code = 250
        try:
            parse(text)
        except BadParameter as bad:
            code = bad.reply.code
        assert code in (250, 501, 555)
