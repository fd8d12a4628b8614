"""docs/connect/exim.md as it stands, with Debian's Exim: a fax, and a result for each recipient in its log.

Exim and Postfix exclude each other as Debian packages: Exim's are unpacked (.ci/run), and seem installed there.
"""

import re
import smtplib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.recipes.installed import SMTP, WAYS, Installed, hand_over, until
from tests.recipes.machine import Machine
from tests.recipes.page import Page

pytestmark = pytest.mark.once

PAGE = Page.read("connect/exim.md")
HUBBED = "/etc/exim4/hubbed_hosts"
ROUTER, TRANSPORT = "/etc/exim4/conf.d/router/140_fax-gateway", "/etc/exim4/conf.d/transport/30_fax-gateway"
LOG = "/var/log/exim4/mainlog"
# What the package's scripts do when it is installed: a user, its directories, the answers to debconf's questions.
INSTALL = """
mkdir -p /etc/sysusers.d
echo 'u Debian-exim - "Exim" /var/spool/exim4' > /etc/sysusers.d/exim4.conf
systemd-sysusers
install -d -o Debian-exim -g Debian-exim /var/spool/exim4 /var/lib/exim4 /run/exim4
install -d -o Debian-exim -g adm /var/log/exim4
echo relay.example.com > /etc/mailname
cat > /etc/exim4/update-exim4.conf.conf <<'END'
dc_eximconfig_configtype='internet'
dc_other_hostnames='relay.example.com'
dc_local_interfaces='127.0.0.1 ; 192.0.2.20'
dc_relay_domains=''
dc_relay_nets=''
dc_minimaldns='false'
dc_use_split_config='true'
dc_localdelivery='mail_spool'
END
update-exim4.conf
exim4 -bd
"""


@pytest.fixture(scope="module")
def packages(unpacked: Callable[[str], Path]) -> Path:
    return unpacked("exim4")


@pytest.fixture(scope="module")
def exim(machine: Machine, installed: Installed) -> Machine:
    """Debian's, on the machine of a gateway that listens in all three ways."""
    machine.run(INSTALL)
    installed.start_in_all_ways(PAGE, "/etc/tmpfiles.d/fax-gateway-exim.conf")
    return machine


def results(machine: Machine, subject: str, count: int) -> dict[str, str]:
    """By recipient what the log says of the mail with this subject."""
    found: dict[str, str] = {}

    def told() -> bool:
        log = machine.read(LOG)
        message = re.search(rf" (\S+) <= .* id={subject}@", log)
        if message is not None:
            lines = re.findall(rf" {message[1]} (=>|->|\*\*) (?:\S+ <)?([^\s>]+@[^\s>]+)>? (.*)", log)
            found.update({recipient: f"{mark} {rest}" for mark, recipient, rest in lines})
        return len(found) == count

    until(told, lambda: machine.read(LOG))
    return found


@pytest.mark.parametrize("way", WAYS)
def test_a_mail_is_faxed_and_each_recipient_has_its_result(
    exim: Machine, installed: Installed, a_mail: Callable[[str], bytes], way: str
) -> None:
    for path in (HUBBED,) if way == SMTP else (ROUTER, TRANSPORT):
        exim.write(path, PAGE.file(path, way))
    for command in [each for each in PAGE.commands(way) if each.startswith("update-exim4")]:
        exim.run(command)
    subject = way.replace(" ", "-")
    hand_over(("127.0.0.1", 25), a_mail(subject), ["+4989123456@fax.example.com", "089@fax.example.com"])
    told = results(exim, subject, 2)
    queued = re.search(r'^=> .* C="250 2\.0\.0 queued as (\w{32})', told["+4989123456@fax.example.com"])
    assert queued is not None, told
    assert told["089@fax.example.com"].startswith("** ")
    assert "550 5.1.1" in told["089@fax.example.com"]
    job = installed.wait_for_job(queued[1])
    assert [each["number"] for each in job["request"]["recipients"]] == ["+4989123456"]


def test_a_stranger_does_not_fax_at_our_expense(exim: Machine, a_mail: Callable[[str], bytes]) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        hand_over(("192.0.2.20", 25), a_mail("stranger"), ["+4989123456@fax.example.com"], source="192.0.2.66")
    assert b"relay not permitted" in next(iter(refused.value.recipients.values()))[1]
