"""A group of the address book on its whole way, and policy that changes while the daemon runs."""

import json
import signal
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

pytestmark = pytest.mark.undrawn

ADDRESS_BOOK = """\
[aliases]
wards = ["+49 89 123456", "+49 89 990001"]
[numbers]
deny_file = "denied-numbers"
[report]
by = "gateway"
[[profile]]
match = "eva@*"
quotas = { faxes_per_day = 1 }
"""


@pytest.fixture
def with_address_book(gateway: Any) -> Any:
    (gateway.directory / "denied-numbers").write_text("+4989123499\n", "utf-8")
    gateway.configure(ADDRESS_BOOK)
    return gateway


def explained(gateway: Any, sender: str, to: str) -> list[dict[str, str]]:
    """What `fax-gateway check` says beside the daemon."""
    done = gateway.type("check", "--json", "--sender", sender, "--to", to)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_group_is_one_job_and_its_sender_hears_of_the_name_that_he_wrote(
    with_address_book: Any, running: Any, a_mail: Callable[..., EmailMessage]
) -> None:
    job_id = running.send(a_mail(), "Wards@fax.local", sender="eva@example.com")
    running.daemon.wait_for("word_sent", job_id=job_id, word="result")
    (job,) = running.jobs()
    numbers = [each["number"] for each in job["request"]["recipients"]]
    assert numbers == ["+4989123456", "+4989990001"]
    told = running.mailbox.wait_for("eva@example.com")
    assert b"+4989990001 (wards)" in told
    assert b"Final-Recipient: rfc822; Wards@fax.local" in told
    with pytest.raises(smtplib.SMTPDataError) as refused:
        running.send(a_mail(), "wards@fax.local", sender="eva@example.com")
    assert refused.value.smtp_code == 452
    *_, decisive, result = explained(running, "eva@example.com", "wards")
    assert (decisive["subject"], decisive["level"]) == ("profile.0.quotas.faxes_per_day", "fault")
    assert result["sentence"].startswith("452 4.7.0 this sender has used 1 of 1 faxes")


def test_a_list_that_is_reloaded_counts_for_the_next_mail_and_a_bad_one_never(
    with_address_book: Any, running: Any, a_mail: Callable[..., EmailMessage]
) -> None:
    listed = running.directory / "denied-numbers"
    listed.write_text("+4989123456\nanna\n", "utf-8")
    running.daemon.send_signal(signal.SIGHUP)
    running.daemon.wait_for("configuration_not_reloaded")
    running.send(a_mail())
    listed.write_text("+4989123456  # asked for it\n", "utf-8")
    running.daemon.send_signal(signal.SIGHUP)
    assert running.daemon.wait_for("configuration_reloaded")["changed"] == ["numbers.deny_file"]
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        running.send(a_mail())
    ((code, text),) = refused.value.recipients.values()
    assert (code, text[:5]) == (550, b"5.7.1")
    assert b"numbers.deny_file" in text
