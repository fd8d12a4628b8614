"""docs/connect/postfix.md as it stands, with Debian's Postfix: a fax, and a result for each recipient in its log."""

import re
import smtplib
from collections.abc import Callable, Iterator

import pytest

from tests.recipes.installed import WAYS, Installed, hand_over, until
from tests.recipes.machine import Machine
from tests.recipes.page import Page

pytestmark = pytest.mark.once

PAGE = Page.read("connect/postfix.md")
TRANSPORT, MAIN_CF = "/etc/postfix/transport", "/etc/postfix/main.cf"
RELAY = ("127.0.0.1", 25)
LOG = "/var/log/postfix.log"
# The gateway has 192.0.2.10 on the same machine; there is no syslog.
HERE = f"inet_interfaces='192.0.2.20, 127.0.0.1' maillog_file={LOG}"


@pytest.fixture(scope="module")
def postfix(machine: Machine, installed: Installed, need: Callable[[str], str]) -> Iterator[Machine]:
    """Debian's, on the machine of a gateway that listens in all three ways."""
    need("postfix")
    installed.start_in_all_ways(PAGE, "/etc/tmpfiles.d/fax-gateway-postfix.conf")
    machine.run(f"postconf -e {HERE}")
    machine.write(MAIN_CF, PAGE.file(MAIN_CF, "Common to all"), append=True)
    machine.write(TRANSPORT, "")
    machine.run(f"postmap {TRANSPORT} && newaliases && postfix start")
    yield machine
    machine.run("postfix stop")


def results(machine: Machine, subject: str, count: int) -> dict[str, str]:
    """By recipient what the log says of the mail with this subject."""
    found: dict[str, str] = {}

    def told() -> bool:
        log = machine.read(LOG)
        queue_id = re.search(rf": (\w+): message-id=<{subject}@", log)
        if queue_id is not None:
            found.update(re.findall(rf" {queue_id[1]}: to=<([^>]+)>, relay=(?!none).*?(status=.*)", log))
        return len(found) == count

    until(told, lambda: machine.read(LOG))
    return found


@pytest.mark.parametrize("way", WAYS)
def test_a_mail_is_faxed_and_each_recipient_has_its_result(
    postfix: Machine, installed: Installed, a_mail: Callable[[str], bytes], way: str
) -> None:
    postfix.write(TRANSPORT, PAGE.file(TRANSPORT, way))
    for command in PAGE.commands(way)[-2:]:
        postfix.run(command)
    subject = way.replace(" ", "-")
    hand_over(RELAY, a_mail(subject), ["+4989123456@fax.example.com", "089@fax.example.com"])
    told = results(postfix, subject, 2)
    queued = re.search(r"status=sent \(250 2\.0\.0 queued as (\w{32})\)", told["+4989123456@fax.example.com"])
    assert queued is not None, told
    assert "status=bounced" in told["089@fax.example.com"]
    assert "550 5.1.1" in told["089@fax.example.com"]
    job = installed.wait_for_job(queued[1])
    assert [each["number"] for each in job["request"]["recipients"]] == ["+4989123456"]
    accepted = installed.daemon.wait_for("accepted", job_id=queued[1])
    assert accepted["queue_id"]


def test_a_stranger_does_not_fax_at_our_expense(postfix: Machine, a_mail: Callable[[str], bytes]) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        hand_over(("192.0.2.20", 25), a_mail("stranger"), ["+4989123456@fax.example.com"], source="192.0.2.66")
    assert b"Relay access denied" in next(iter(refused.value.recipients.values()))[1]
