"""Postfix relays to us, by SMTP and by LMTP: its log has a result for each recipient, with our job's id."""

import os
import re
import shutil
import smtplib
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.once

PATIENCE = 30  # seconds
MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = relay.example.com
mydestination =
alias_maps =
local_recipient_maps =
relay_domains = fax.local
relay_transport = {transport}
smtpd_relay_restrictions = permit_mynetworks, reject
lmtp_destination_recipient_limit = 50
maillog_file = {log}
maillog_file_prefixes = {directory}
"""


class Postfix:
    """An instance of its own: configuration, queue, port and log."""

    def __init__(self, directory: Path, port: int, transport: str) -> None:
        self.port = port
        self._config, self._log = directory / "etc", directory / "postfix.log"
        shutil.copytree("/etc/postfix", self._config, symlinks=True)
        for name in ("queue", "data"):
            (directory / name).mkdir()
        shutil.chown(directory / "data", "postfix")
        directory.chmod(0o755)
        main = MAIN_CF.format(
            queue=directory / "queue",
            data=directory / "data",
            transport=transport,
            log=self._log,
            directory=directory,
        )
        (self._config / "main.cf").write_text(main)
        master = (self._config / "master.cf").read_text().splitlines()
        kept = [re.sub(r"^(\S+\s+\S+\s+\S+\s+\S+\s+)y", r"\1n", line) for line in master if " inet " not in line]
        (self._config / "master.cf").write_text("\n".join([*kept, f"127.0.0.1:{port} inet n - n - - smtpd", ""]))

    def run(self, command: str) -> None:
        done = subprocess.run(
            ["postfix", "-c", str(self._config), command], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def send(self, mail: bytes, *recipients: str, options: tuple[str, ...] = ()) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as client:
            client.sendmail("jana@example.com", list(recipients), mail, rcpt_options=options)

    def results(self, count: int) -> dict[str, str]:
        """By recipient what the log says of it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            lines = self._log.read_text(errors="replace") if self._log.exists() else ""
            found = dict(re.findall(r" to=<([^>]+)>, relay=(?!none).*?(status=.*)", lines))
            if len(found) >= count:
                return found
            time.sleep(0.1)
        pytest.fail(lines)


@pytest.fixture
def postfix(
    need: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, free_ports: Callable[[int], list[int]]
) -> Iterator[Callable[[str], Postfix]]:
    need("postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix starts only as root")
    started = []

    def start(transport: str) -> Postfix:
        directory = Path(
            subprocess.check_output(["mktemp", "-d", "/var/tmp/postfix.XXXXXX"], text=True).strip()
        )  # Postfix refuses /tmp's 0700 parents
        instance = Postfix(directory, free_ports(1)[0], transport)
        instance.run("start")
        started.append((instance, directory))
        return instance

    yield start
    for instance, directory in started:
        instance.run("stop")
        shutil.rmtree(directory, ignore_errors=True)


def test_a_relay_by_smtp_has_our_ids_and_our_refusals_in_its_log(
    running: Any, postfix: Callable[[str], Postfix], a_mail: Any, pdf: bytes
) -> None:
    relay = postfix(f"smtp:[127.0.0.1]:{running.smtp_port}")
    relay.send(a_mail().as_bytes(), "+4989123456@fax.local", "nobody@fax.local", "postmaster@fax.local")
    results = relay.results(3)
    queued = re.search(r"status=sent \(250 2\.0\.0 queued as (\w{32})", results["+4989123456@fax.local"])
    assert queued is not None
    assert "status=bounced" in results["nobody@fax.local"]
    assert "550 5.1.3" in results["nobody@fax.local"]
    assert "status=sent" in results["postmaster@fax.local"]
    job = running.wait_for_job()
    assert job["request"]["reference"]["customerDefinedId"] == queued[1]
    assert b"Angebot" in running.mailbox.wait_for("postmaster@example.com")
    # the relay's own queue id is known to us
    accepted = running.daemon.wait_for("accepted", job_id=queued[1])
    assert accepted["queue_id"]


@pytest.mark.parametrize("place", ["unix", "inet"])
def test_by_lmtp_each_recipient_has_a_result_of_its_own(
    gateway: Any,
    postfix: Callable[[str], Postfix],
    a_mail: Any,
    free_ports: Callable[[int], list[int]],
    place: str,
    tmp_path: Path,
) -> None:
    port = free_ports(1)[0]
    socket = Path("/var/tmp") / f"fax-{os.getpid()}-{port}.sock"
    listen, transport = (
        (str(socket), f"lmtp:unix:{socket}")
        if place == "unix"
        else (f"127.0.0.1:{port}", f"lmtp:inet:127.0.0.1:{port}")
    )
    gateway.configure(f'[lmtp]\nlisten = ["{listen}"]\n')
    gateway.sandbox.start()
    gateway.daemon.start()
    try:
        if place == "unix":
            shutil.chown(socket, group="postfix")  # as an administrator would, by the group
        relay = postfix(transport)
        recipients = ("+4989123456@fax.local", "nobody@fax.local", "+4989123457@fax.local")
        relay.send(
            a_mail().as_bytes(), *recipients, options=("NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;jana@example.com")
        )
        results = relay.results(3)
        ids = [re.findall(r"status=sent \(250 2\.0\.0 queued as (\w{32})\)", results[each]) for each in recipients]
        assert [len(each) for each in ids] == [1, 0, 1]
        assert "550 5.1.3" in results["nobody@fax.local"]
        gateway.wait_for_job(state="finished")
        dsn = gateway.mailbox.wait_for("jana@example.com", "Original-Recipient").decode()
        assert "Original-Recipient: rfc822; jana@example.com" in dsn
    finally:
        gateway.daemon.stop()
        gateway.sandbox.stop()
    assert not socket.exists()
