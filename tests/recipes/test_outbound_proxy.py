"""docs/connect/outbound-proxy.md as it stands, with tinyproxy before a fax service that speaks TLS."""

from collections.abc import Callable

import pytest
import trustme

from tests.recipes.installed import CONFIGURATION, Installed, hand_over
from tests.recipes.machine import Machine
from tests.recipes.page import Page

pytestmark = pytest.mark.once

PAGE = Page.read("connect/outbound-proxy.md")
TINYPROXY, PASSWORD = "/etc/tinyproxy/tinyproxy.conf", "/etc/fax-gateway/proxy-password"
SMTP = '[smtp]\nlisten = ["192.0.2.10:25"]\ndomains = ["fax.example.com"]\n'
FAX = "+4989123456@fax.example.com"
# The sandbox speaks no TLS: HAProxy does for it, as the service's own front does.
FRONT = """\
listen service
    bind 192.0.2.30:443 ssl crt /etc/haproxy/service.pem
    mode http
    timeout connect 5s
    timeout client 1m
    timeout server 1m
    server sandbox 127.0.0.1:9100
"""


@pytest.fixture(scope="module")
def behind_proxy(machine: Machine, installed: Installed, need: Callable[[str], str]) -> Installed:
    for command in ("tinyproxy", "haproxy"):
        need(command)
    authority = trustme.CA()
    pem = authority.issue_cert("192.0.2.30").private_key_and_cert_chain_pem.bytes().decode()
    machine.write("/etc/haproxy/service.pem", pem)
    machine.write("/etc/haproxy/service.cfg", FRONT)
    machine.write("/etc/fax-gateway/authority.pem", authority.cert_pem.bytes().decode())
    machine.write(TINYPROXY, PAGE.file(TINYPROXY, "The proxy"))
    machine.run(f"haproxy -D -f /etc/haproxy/service.cfg && tinyproxy -c {TINYPROXY}")
    proxy = PAGE.file(CONFIGURATION, "The gateway").replace("[retarus]\n", "")
    ours = 'ca_file = "/etc/fax-gateway/authority.pem"\n'
    installed.configure(SMTP, retarus=proxy + ours, service="https://192.0.2.30")
    installed.start_service()
    return installed


def test_check_names_a_wrong_login_and_a_fax_goes_through_with_the_right_one(
    behind_proxy: Installed, a_mail: Callable[[str], bytes]
) -> None:
    behind_proxy.machine.write(PASSWORD, "another-word\n")
    wrong = behind_proxy.command("check", fails=True)
    hint = "the proxy answered 401 to CONNECT; check retarus.proxy_username and proxy_password"
    assert wrong.count(hint) == 2, "for each data centre"
    behind_proxy.machine.write(PASSWORD, "proxy-word\n")
    behind_proxy.daemon.start()
    hand_over(("192.0.2.10", 25), a_mail("tunnel"), [FAX])
    accepted = behind_proxy.daemon.wait_for("accepted")
    behind_proxy.wait_for_job(accepted["job_id"])
    behind_proxy.daemon.wait_for("reported", job_id=accepted["job_id"], state="sent")
