"""The gateway as a page has it installed: /etc/fax-gateway/config.toml, before a sandbox, on a machine of its own."""

import json
import re
import smtplib
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.living.mailbox import Mailbox
from tests.living.process import PATIENCE, Process
from tests.recipes.machine import Machine
from tests.recipes.page import Page

# How a mail server hands over: the sections of its page.
WAYS = SMTP, TCP, UNIX = "By SMTP", "By LMTP over TCP", "By LMTP over a unix socket"
CONFIGURATION = "/etc/fax-gateway/config.toml"
# What the pages don't speak of; what they say is added to it.
SANDBOX = "http://127.0.0.1:9100"
BEFORE = """\
hostname = "fax.example.com"
[retarus]
ha_url = "{service}/ha/rest/v1"
datacenter_urls = {{ dc1 = "{service}/dc1/rest/v1", dc2 = "{service}/dc2/rest/v1" }}
username = "sandbox"
password = "sandbox"
{retarus}
[notify]
smarthost = "127.0.0.1:{mailbox}"
[log]
mask = false
# Root runs it here: a spool of the service's user would make a command that user's, who may not read our Python.
[database]
url = "sqlite:////etc/fax-gateway/spool.db"
"""


class Installed:
    """Sandbox, daemon and the senders' mailbox. What connects to them does so inside ``machine.network()``."""

    def __init__(self, machine: Machine, mailbox: Mailbox, directory: Path) -> None:
        self.machine = machine
        self.mailbox = mailbox
        reports = ("--report-smtp", f"127.0.0.1:{mailbox.port}", "--no-render")
        data = str(directory / "faxes")
        self._sandbox = Process(["sandbox", "--data", data, *reports], directory, under=machine.enter)
        self.daemon = Process(["serve"], directory, under=machine.enter)
        self.daemon.masked = False  # tests look for senders

    def configure(self, *blocks: str, retarus: str = "", service: str = SANDBOX) -> None:
        """`blocks`: the page's TOML; `retarus`: what it has for that section; `service`: where the sandbox is found."""
        text = BEFORE.format(mailbox=self.mailbox.port, retarus=retarus, service=service) + "".join(blocks)
        self.machine.write(CONFIGURATION, text)

    def start_in_all_ways(self, page: Page, tmpfiles: str) -> None:
        """With what a mail server's page has for each of WAYS, at once; `tmpfiles`: its file for the socket's place."""
        self.machine.write(tmpfiles, page.file(tmpfiles, UNIX))
        self.machine.run(page.commands(UNIX)[0])
        lmtp = page.file(CONFIGURATION, TCP)
        tcp, unix = (re.findall(r"listen = \[(.*)\]", page.file(CONFIGURATION, way))[0] for way in (TCP, UNIX))
        self.configure(page.file(CONFIGURATION, SMTP), lmtp.replace(tcp, f"{tcp}, {unix}"))
        self.start()

    def start(self) -> None:
        self.start_service()
        self.daemon.start()

    def start_service(self) -> None:
        """The fax service alone."""
        self._sandbox.start()

    def stop(self) -> None:
        self.daemon.stop()
        self._sandbox.stop()

    def command(self, arguments: str, *, stdin: str = "", fails: bool = False) -> str:
        """``fax-gateway ARGUMENTS`` beside the daemon; what it printed."""
        return self.machine.run(f"{sys.executable} -m gateway {arguments}", stdin=stdin.encode(), fails=fails)

    def gauge(self, name: str, at: str) -> float:
        """A metric without labels, of the metrics that are served at host:port `at`."""
        with urllib.request.urlopen(f"http://{at}/metrics", timeout=PATIENCE) as answer:
            (found,) = re.findall(rf"^{name} (\S+)$", answer.read().decode(), re.MULTILINE)
        return float(found)

    def jobs(self) -> list[dict[str, Any]]:
        """What arrived in the sandbox."""
        with urllib.request.urlopen(f"{SANDBOX}/_sandbox/jobs", timeout=PATIENCE) as answer:
            found: list[dict[str, Any]] = json.loads(answer.read())
        return found

    def wait_for_job(self, job_id: str) -> dict[str, Any]:
        """The one with our id, as the sandbox has it."""
        found: list[dict[str, Any]] = []

        def arrived() -> bool:
            found[:] = [each for each in self.jobs() if each["request"]["reference"]["customerDefinedId"] == job_id]
            return found != []

        until(arrived, lambda: f"no job {job_id} in the sandbox; the daemon says {self.daemon.events}")
        return found[0]


def until(is_so: Callable[[], bool], otherwise: Callable[[], object] = str) -> None:
    """Waits; fails with what `otherwise` has to say."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(str(otherwise()))
        time.sleep(0.1)


def hand_over(
    server: tuple[str, int],
    mail: bytes,
    recipients: Sequence[str],
    *,
    sender: str = "jana@example.com",
    source: str = "127.0.0.1",
) -> None:
    """From a client with the address `source`; raises what smtplib raises."""
    with smtplib.SMTP(*server, timeout=PATIENCE, source_address=(source, 0)) as client:
        client.sendmail(sender, list(recipients), mail)
