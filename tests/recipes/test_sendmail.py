"""docs/connect/sendmail.md as it stands, with Debian's Sendmail: a fax, and a result for each recipient."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.recipes.installed import Installed
from tests.recipes.machine import Machine
from tests.recipes.page import Page

pytestmark = pytest.mark.once

PAGE = Page.read("connect/sendmail.md")
WAY = "By SMTP"
MAILERTABLE, SENDMAIL_MC = "/etc/mail/mailertable", "/etc/mail/sendmail.mc"
SENDMAIL = "/usr/libexec/sendmail/sendmail"  # /usr/sbin/sendmail may be another server's
# What the package's scripts do when it is installed; and names from /etc/hosts alone: nobody answers DNS here.
INSTALL = """
set -e
mkdir -p /etc/sysusers.d
cat > /etc/sysusers.d/sendmail.conf <<'END'
u smmta - "Sendmail" /var/lib/sendmail
u smmsp - "Sendmail" /var/lib/sendmail
END
systemd-sysusers
install -d -o smmta -g smmsp -m 2750 /var/spool/mqueue
install -d -o smmta -g smmsp /run/sendmail/mta /var/lib/sendmail/host_status
mkdir -p /etc/mail/m4
touch /etc/mail/m4/dialup.m4 /etc/mail/m4/provider.m4 /etc/mail/aliases /etc/mail/access
echo localhost > /etc/mail/local-host-names
cp /usr/share/sendmail/cf/debian/sendmail.mc /etc/mail/sendmail.mc
m4 /etc/mail/sendmail.mc > /etc/mail/sendmail.cf
makemap hash /etc/mail/access < /etc/mail/access
cp /etc/mail/service.switch-nodns /etc/mail/service.switch
cat >> /etc/hosts <<END
127.0.1.1 relay.example.com $(hostname)
192.0.2.31 example.com
192.0.2.32 fax.example.com
END
"""


@pytest.fixture(scope="module")
def packages(unpacked: Callable[[str], Path]) -> Path:
    return unpacked("sendmail")


def test_a_mail_is_faxed_and_each_recipient_has_its_result(
    machine: Machine, installed: Installed, a_mail: Callable[[str], bytes]
) -> None:
    installed.configure(PAGE.file("/etc/fax-gateway/config.toml", WAY))
    installed.start()
    machine.run(INSTALL)
    shipped, feature = machine.read(SENDMAIL_MC), PAGE.file(SENDMAIL_MC, WAY)
    machine.write(SENDMAIL_MC, re.sub(r"(?m)^(?=MAILER_DEFINITIONS)", feature.replace("\\", r"\\"), shipped))
    machine.write(MAILERTABLE, PAGE.file(MAILERTABLE, WAY))
    for command in PAGE.commands(WAY):
        machine.run(command)
    number = "+4989123456@fax.example.com"
    verified = machine.run(f"{SENDMAIL} -bv {number}")
    assert "mailer esmtp, host [192.0.2.10]" in verified
    # Delivered at once, and told on the terminal: syslog's lines say the same.
    options = "-v -odi -i -f jana@example.com"
    told = machine.run(f"{SENDMAIL} {options} {number} 089@fax.example.com", stdin=a_mail("sendmail"), fails=True)
    queued = re.search(rf"{re.escape(number)}\.\.\. Sent \(queued as (\w{{32}})\)", told)
    assert queued is not None, told
    assert "550 5.1.1" in told
    job = installed.wait_for_job(queued[1])
    assert [each["number"] for each in job["request"]["recipients"]] == ["+4989123456"]
