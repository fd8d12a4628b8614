"""`fax-gateway check`: every fault has a line that says what to do, and policy explains itself."""

import asyncio
import json
import re
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
from sqlalchemy import text
from typer.testing import CliRunner

from gateway.cli import build
from gateway.cli.nagios import verdict
from gateway.config import Settings
from gateway.daemon.addresses import listener_findings
from gateway.daemon.checks import Finding, Level, findings
from gateway.spool import pauses
from gateway.spool.database import write_once
from gateway.spool.migrations import upgrade
from gateway.spool.pauses import Activity
from tests.living import nursery
from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox
from tests.living.postgresql import PostgreSQL


def run(directory: Path, *words: str, config: str = "") -> subprocess.CompletedProcess[str]:
    (directory / "config.toml").write_text(config, "utf-8")
    return nursery.run("check", "--config", "config.toml", *words, cwd=directory)


def found(directory: Path, **sections: Any) -> dict[str, Finding]:
    """By subject; nothing listens at the smarthost and at the fax service."""
    nowhere = {"smarthost": "127.0.0.1:9"}
    settings = Settings.model_validate({"notify": nowhere} | sections)

    async def collect() -> list[Finding]:
        return [finding async for finding in findings(settings, directory / "spool.db")]

    return {finding.subject: finding for finding in asyncio.run(collect())}


def test_where_everything_is_there_it_ends_with_0(tmp_path: Path) -> None:
    with Mailbox() as mailbox:
        gateway = Gateway(tmp_path, mailbox)
        gateway.sandbox.start()
        try:
            config = (tmp_path / "config.toml").read_text("utf-8")
            done = run(tmp_path, "--json", config=config)
        finally:
            gateway.sandbox.stop()
    lines = {line["subject"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0, done.stdout
    assert lines["fax service dc1"]["level"] == lines["fax service dc2"]["level"] == "ok"
    assert lines["smarthost"]["level"] == lines["covers"]["level"] == "ok"


def test_a_wrong_login_is_a_fault_at_every_data_centre(tmp_path: Path) -> None:
    with Mailbox() as mailbox:
        gateway = Gateway(tmp_path, mailbox)
        gateway.sandbox.start()
        try:
            gateway.configure(password="Geheim-4711")
            done = run(tmp_path, config=(tmp_path / "config.toml").read_text("utf-8"))
        finally:
            gateway.sandbox.stop()
    assert done.returncode == 1
    faults = [line for line in done.stdout.splitlines() if line.startswith("fault")]
    assert [line.split(":")[0].split("  ")[-1].strip() for line in faults] == ["fax service dc1", "fax service dc2"]
    assert all("is the login right" in line for line in faults)
    assert "Geheim-4711" not in done.stdout
    assert "fax service dc1: answered 401" in done.stdout


def test_what_is_missing_is_named_with_what_to_do(tmp_path: Path) -> None:
    lines = found(tmp_path)
    assert lines["smarthost"].level is Level.FAULT
    assert "words to senders wait until it answers" in lines["smarthost"].sentence
    assert lines["fax service"] == Finding(
        "fax service",
        Level.FAULT,
        "retarus.username and retarus.password are not set: `fax-gateway init` asks for them",
    )


def test_a_server_on_which_a_commit_is_not_on_disk_is_a_fault(tmp_path: Path, postgresql: PostgreSQL) -> None:
    """What is answered 250 would be lost with its power; the tests' own server doesn't sync."""
    place = postgresql.place(tmp_path)
    settings = Settings.model_validate({"database": {"url": place.url}})

    async def faults() -> list[str]:
        found = [each async for each in findings(settings, place) if each.level is Level.FAULT]
        return [re.findall(r"has (\w+ = \w+)", each.sentence)[0] for each in found if each.subject == "spool"]

    assert asyncio.run(faults()) == ["fsync = off"]
    name = urlsplit(place.url).path.removeprefix("/")
    write_once(place, lambda c: c.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = local")).close())
    assert asyncio.run(faults()) == ["fsync = off", "synchronous_commit = local"]


class AnHourAhead(BaseHTTPRequestHandler):
    """A data centre without reports, whose clock is an hour ahead of ours."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"reports": []}')

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)

    def log_message(self, *_: object) -> None:
        pass


def test_a_clock_that_is_wrong_is_a_fault(tmp_path: Path) -> None:
    """The seed's "Job Expiration": our requests always have a zone, what can be wrong is this machine's clock."""
    with ThreadingHTTPServer(("127.0.0.1", 0), AnHourAhead) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/rest/v1"
        account = {"ha_url": url, "datacenter_urls": {"dc1": url}, "username": "u", "password": "p"}
        lines = found(tmp_path, retarus=account)
        server.shutdown()
    assert lines["fax service dc1"].level is Level.OK
    assert lines["clock"].level is Level.FAULT
    assert re.search(r"is 3[56]\d\d s behind that of dc1; set it \(NTP\)", lines["clock"].sentence)


class SomebodyElses(AnHourAhead):
    """One with a report that is none of ours."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        report = {"jobId": "FJJ1", "reference": {"customerDefinedId": "invoice 12"}, "recipientStatus": []}
        self.wfile.write(json.dumps({"reports": [report]}).encode())


def test_a_foreign_report_is_a_warning(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), SomebodyElses) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/rest/v1"
        account = {"ha_url": url, "datacenter_urls": {"dc1": url}, "username": "u", "password": "p"}
        found_there = found(tmp_path, retarus=account)["fax service dc1"]
        server.shutdown()
    assert found_there.level is Level.WARNING
    assert found_there.sentence.startswith("has 1 reports of somebody else; give the gateway a login of its own")


def test_a_broken_cover_is_found_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "cover").mkdir()
    (tmp_path / "cover" / "own.html.j2").write_text("<p>\n{{ nonsense }}", "utf-8")
    lines = found(tmp_path, cover={"directory": str(tmp_path)}, profile=[{"match": "*", "cover": "own"}])
    assert lines["cover own"].level is Level.FAULT
    assert "own.html.j2, line 2: 'nonsense' is undefined" in lines["cover own"].sentence


@pytest.mark.parametrize(
    ("lasts", "level"),
    [(timedelta(days=300), Level.OK), (timedelta(days=3), Level.WARNING), (timedelta(days=-3), Level.FAULT)],
)
def test_a_certificate_says_how_long_it_is_good(tmp_path: Path, lasts: timedelta, level: Level) -> None:
    until = datetime.now(UTC) + lasts
    made = trustme.CA().issue_cert("fax.example.com", not_after=until, not_before=until - timedelta(days=400))
    made.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    both = {"certificate": str(tmp_path / "both.pem"), "private_key": str(tmp_path / "both.pem")}
    assert found(tmp_path, tls=both)["certificate"].level is level


def test_a_certificate_that_cannot_be_loaded_is_a_fault(tmp_path: Path) -> None:
    both = {"certificate": str(tmp_path / "none.pem"), "private_key": str(tmp_path / "none.pem")}
    assert found(tmp_path, tls=both)["certificate"].level is Level.FAULT


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (("--sender", "a@example.com", "--to", "+4989123456"), 0, "a@example.com may fax to +4989123456"),
        (("--sender", "a@example.com", "--to", "112"), 1, "it is an emergency number"),
        (("--to", "+4989123456"), 1, "a fax needs a sender who can be told"),
        (("--sender", "a@example.com", "--to", "+43316123456"), 1, "+43"),
    ],
)
def test_policy_explains_itself(tmp_path: Path, words: tuple[str, ...], status: int, line: str) -> None:
    done = run(tmp_path, *words, config='[numbers]\ndeny = ["+43"]\n')
    assert done.returncode == status
    assert line in done.stdout


def test_what_an_operator_paused_is_a_warning_that_names_who_and_how_it_ends(tmp_path: Path) -> None:
    upgrade(tmp_path / "spool.db")
    assert "submit" not in found(tmp_path)
    at = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    write_once(tmp_path / "spool.db", lambda c: pauses.pause(c, Activity.SUBMIT, "operator jana", at))
    finding = found(tmp_path)["submit"]
    assert finding.level is Level.WARNING
    assert finding.sentence == (
        "submit is paused by operator jana since 2026-11-23 09:30:00 UTC; `fax-gateway resume submit` ends it"
    )


def test_nagios_reads_one_line_and_the_exit_status(tmp_path: Path) -> None:
    """https://www.monitoring-plugins.org/doc/guidelines.html."""
    done = run(tmp_path, "--format", "nagios", config='[notify]\nsmarthost = "127.0.0.1:9"\n')
    assert done.returncode == 2
    assert re.fullmatch(
        r"FAX-GATEWAY CRITICAL - daemon: none answers commands: no mail is taken here; "
        r"smarthost: notify\.smarthost 127\.0\.0\.1:9: [^|]+; fax service: [^|]+"
        r" \| faults=3;;0;0 warnings=\d;0;;0 time=\d+\.\d{3}s;;;0\n",
        done.stdout,
    )


def test_to_nagios_a_configuration_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    done = run(tmp_path, "--format", "nagios", config="[smtp]\nlisten = 25\nodd = 1\n")
    assert done.returncode == 3
    (line,) = done.stdout.splitlines()
    assert line.startswith("FAX-GATEWAY UNKNOWN - ")
    assert "smtp.odd" in line


@pytest.mark.parametrize(
    ("levels", "status", "text"),
    [
        ([Level.OK, Level.OK], 0, "OK - 2 looked at, nothing is wrong | faults=0;;0;0 warnings=0;0;;0"),
        ([Level.WARNING, Level.OK], 1, "WARNING - s0: a / b c | faults=0;;0;0 warnings=1;0;;0"),
        ([Level.WARNING, Level.FAULT], 2, "CRITICAL - s1: a / b c; s0: a / b c | faults=1;;0;0 warnings=1;0;;0"),
    ],
)
def test_the_worst_finding_is_the_verdict_and_stands_first(levels: list[Level], status: int, text: str) -> None:
    findings = [Finding(f"s{number}", level, "a | b\nc") for number, level in enumerate(levels)]
    assert verdict(findings, 0.25) == (status, f"FAX-GATEWAY {text} time=0.250s;;;0")


def test_without_a_daemon_it_looks_whether_the_addresses_can_be_had() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        settings = Settings.model_validate(
            {"smtp": {"listen": [taken, "192.0.2.10:8025"]}}
            | {name: {"listen": "127.0.0.1:0"} for name in ("web", "metrics")}
        )
        found = [(finding.level, finding.sentence) for finding in listener_findings(settings)]
    assert [level for level, _ in found] == [Level.WARNING, Level.FAULT]
    assert found[0][1].startswith(f"smtp.listen {taken} is taken")
    assert found[1][1] == "smtp.listen 192.0.2.10:8025 is no address of this machine"


def test_without_a_configuration_it_names_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And doesn't take what is built in for what somebody has decided."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gateway.config.sources.DEFAULT_PATH", tmp_path / "config.toml")
    done = CliRunner().invoke(build("check"), ["check", "--json"])
    lines = {line["subject"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert lines["configuration"]["level"] == "warning"
    assert "fax-gateway init" in lines["configuration"]["sentence"]
    assert lines["fax service"]["level"] == "fault"
