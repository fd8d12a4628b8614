"""What stands in systemd/: the unit as systemd's own tools judge it, its user and its directories."""

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config.keys import secrets
from gateway.daemon.mail_front import GRACE as GRACE_OF_MAILS
from gateway.delivery.submitter import GRACE as GRACE_OF_ANSWERS
from tests.living import under_unit

SYSTEMD = Path(__file__).parents[1] / "systemd"
UNIT = SYSTEMD / "fax-gateway.service"
LINES = [tuple(line.split("=", 1)) for line in UNIT.read_text().splitlines() if "=" in line and line[0] != "#"]
MOST_EXPOSED = 15  # tenths


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def setting(name: str) -> list[str]:
    return [value for key, value in LINES if key == name]


def test_systemd_accepts_the_unit(need: Callable[[str], str], tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    # The command is where the package will put it, not on this machine; nor are the man pages.
    unit.write_text(UNIT.read_text().replace("/opt/fax-gateway/bin/fax-gateway", sys.executable))
    done = run(need("systemd-analyze"), "verify", "--man=no", str(unit))
    assert done.returncode == 0, done.stderr
    assert "fax-gateway.service" not in done.stderr, done.stderr


def test_systemd_finds_the_unit_hardly_exposed(need: Callable[[str], str]) -> None:
    done = run(
        need("systemd-analyze"), "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", str(UNIT)
    )
    assert done.returncode == 0, done.stdout


def test_every_secret_can_come_as_a_credential() -> None:
    assert set(setting("LoadCredential")) == {".".join(key) for key in secrets()}


def test_a_stop_is_given_the_time_that_the_daemon_takes() -> None:
    (timeout,) = setting("TimeoutStopSec")
    assert float(timeout.removesuffix("s")) >= (GRACE_OF_MAILS + GRACE_OF_ANSWERS).total_seconds() + 10


def test_readiness_signs_of_life_and_reloads_are_expected_of_the_daemon_itself() -> None:
    assert setting("Type") == ["notify"]
    assert setting("WatchdogSec") == ["60s"]
    assert setting("ExecReload") == ["/bin/kill -HUP $MAINPID"]
    assert setting("NotifyAccess") == []  # main, by Type=notify: no converter speaks for the daemon


def test_the_user_is_made(need: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    done = run(need("systemd-sysusers"), f"--root={tmp_path}", str(SYSTEMD / "sysusers.d" / "fax-gateway.conf"))
    assert done.returncode == 0, done.stderr
    name, _, uid, gid, _, home, shell = (tmp_path / "etc" / "passwd").read_text().splitlines()[0].split(":")
    assert (name, home, shell) == ("fax-gateway", "/var/lib/fax-gateway", "/usr/sbin/nologin")
    assert uid != "0"
    assert (tmp_path / "etc" / "group").read_text().splitlines()[0].split(":")[::2] == ["fax-gateway", gid]
    assert setting("User") == setting("Group") == [name]


def test_the_directories_are_made_for_that_user_and_nobody_else(need: Callable[[str], str], tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    config = tmp_path / "etc" / "fax-gateway" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("")
    config.chmod(0o644)
    run(need("systemd-sysusers"), f"--root={tmp_path}", str(SYSTEMD / "sysusers.d" / "fax-gateway.conf"))
    uid, gid = map(int, (tmp_path / "etc" / "passwd").read_text().split(":")[2:4])
    done = run(
        need("systemd-tmpfiles"),
        "--create",
        f"--root={tmp_path}",
        str(SYSTEMD / "tmpfiles.d" / "fax-gateway.conf"),
    )
    assert done.returncode == 0, done.stderr
    found = {
        path: (oct(path.stat().st_mode & 0o777), path.stat().st_uid, path.stat().st_gid)
        for path in (config, config.parent, tmp_path / "var" / "lib" / "fax-gateway")
    }
    assert list(found.values()) == [("0o640", 0, gid), ("0o750", 0, gid), ("0o700", uid, gid)]


OFFICE = r"""
from gateway.documents.converter import Converters
from gateway.documents.finding import DocumentLimits, Sound
from gateway.documents.sniff import Kind

with Converters() as converters:
    made = converters.convert_within(DocumentLimits(), "A4", 100)(Kind.OFFICE, b"{\\rtf1 a}", Sound(0, "x"))
print(made[:5] if isinstance(made, bytes) else made)
"""


@pytest.fixture
def under_the_unit(need: Callable[[str], str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python with what the unit leaves it."""
    need("systemd-analyze")
    if platform.machine() != "x86_64" or not under_unit.HEADER.exists():
        pytest.skip("needs x86_64 and the kernel's headers")

    def run_there(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.living.under_unit", str(UNIT), sys.executable, *arguments]
        return subprocess.run(command, cwd=UNIT.parents[1], capture_output=True, text=True, timeout=110, check=False)

    return run_there


def test_what_the_unit_forbids_is_forbidden(under_the_unit: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = under_the_unit("-c", "import os; os.setpriority(os.PRIO_PROCESS, 0, 1)")
    assert "PermissionError" in done.stderr


def test_a_fax_goes_through_under_the_unit(under_the_unit: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """Daemon, spool, converters, pdfium and plutoprint."""
    done = under_the_unit("-m", "gateway", "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "(3 pages)" in done.stdout


def test_libreoffice_converts_under_the_unit(
    under_the_unit: Callable[..., subprocess.CompletedProcess[str]], need: Callable[[str], str]
) -> None:
    need("soffice")
    done = under_the_unit("-c", OFFICE)
    assert done.stdout.strip() == "b'%PDF-'", done.stderr
