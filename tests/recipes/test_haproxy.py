"""docs/connect/haproxy.md as it stands, with Debian's HAProxy before two listeners."""

import csv
import re
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.recipes.installed import CONFIGURATION, Installed, hand_over, until
from tests.recipes.machine import Machine
from tests.recipes.page import Page

pytestmark = pytest.mark.once

PAGE = Page.read("connect/haproxy.md")
HAPROXY_CFG = "/etc/haproxy/haproxy.cfg"
BALANCER = ("192.0.2.20", 25)
CLIENT, STRANGER = "192.0.2.66", "192.0.2.7"
METRICS = "192.0.2.10:9108"
KNOWS_MORE = "A check that knows more"
FAX = "+4989123456@fax.example.com"
# The usual life of a mail: everything else would be about HAProxy's checks.
EXPECTED = {"accepted", "recipient_refused", "prepared", "submitting", "submitted", "reported"}


class HAProxy:
    """Debian's, with its own configuration and the page's."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._shipped = machine.read(HAPROXY_CFG)

    @contextmanager
    def running(self, section: str) -> Iterator[None]:
        self._machine.write(HAPROXY_CFG, f"{self._shipped}\n{section}")
        for command in PAGE.commands("HAProxy"):
            self._machine.run(command)
        self._machine.run(f"mkdir -p /run/haproxy && haproxy -D -p /run/haproxy.pid -f {HAPROXY_CFG}")
        try:
            yield
        finally:
            self._machine.run("kill $(cat /run/haproxy.pid)")

    def servers(self) -> list[dict[str, str]]:
        """HAProxy management guide §9.1: node1 and node2 in its statistics."""
        printed = self._machine.run(
            "python3 -c \"import socket as s; c = s.socket(s.AF_UNIX); c.connect('/run/haproxy/admin.sock');"
            "c.sendall(b'show stat\\n'); print(b''.join(iter(lambda: c.recv(9999), b'')).decode())\""
        )
        return [row for row in csv.DictReader(printed.splitlines()) if row["svname"].startswith("node")]

    def wait_for(self, *statuses: str) -> None:
        """Until the last checks of the servers have had these results."""
        until(lambda: [row["check_status"] for row in self.servers()] == list(statuses), self.servers)


@pytest.fixture(scope="module")
def haproxy(machine: Machine, need: Callable[[str], str]) -> HAProxy:
    need("haproxy")
    return HAProxy(machine)


@pytest.fixture(scope="module")
def balanced(installed: Installed) -> Installed:
    installed.configure(PAGE.file(CONFIGURATION, "The gateway"), PAGE.file(CONFIGURATION, KNOWS_MORE))
    installed.start()
    return installed


def test_clients_are_judged_and_checks_are_no_events(
    haproxy: HAProxy, balanced: Installed, a_mail: Callable[[str], bytes]
) -> None:
    started = len(balanced.daemon.events)
    with haproxy.running(PAGE.file(HAPROXY_CFG, "HAProxy")):
        haproxy.wait_for("L7OK", "L7OK")
        hand_over(BALANCER, a_mail("first"), [FAX], source=CLIENT)
        accepted = balanced.daemon.wait_for("accepted")
        assert accepted["client"] == CLIENT
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            hand_over(BALANCER, a_mail("second"), [FAX], source=STRANGER)
        assert refused.value.recipients[FAX][0] == 550
        assert [row["stot"] for row in haproxy.servers()] == ["1", "1"], "each had one of them"
        balanced.wait_for_job(accepted["job_id"])
        time.sleep(2.5)  # another round of checks
    assert {each["event"] for each in balanced.daemon.events[started:]} <= EXPECTED
    assert balanced.gauge("fax_gateway_sessions", METRICS) == 0


def test_a_check_of_readiness_takes_a_paused_gateway_out(haproxy: HAProxy, balanced: Installed) -> None:
    section = PAGE.file(HAPROXY_CFG, "HAProxy")
    checks = r"    option tcp-check\n    tcp-check expect .*\n    default-server .*\n"
    section, changed = re.subn(checks, PAGE.snippet(KNOWS_MORE), section)
    assert changed == 1
    with haproxy.running(section):
        haproxy.wait_for("L7OK", "L4CON")  # the second one has no metrics here: it would be another daemon
        balanced.command("pause accept")
        haproxy.wait_for("L7STS", "L4CON")
