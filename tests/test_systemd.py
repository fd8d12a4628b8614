"""What stands in systemd/: the units as systemd's own tools judge them, their users and directories."""

import io
import os
import platform
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest

from gateway.config import Settings
from gateway.config.keys import secrets
from gateway.daemon.mail_front import GRACE as GRACE_OF_MAILS
from gateway.delivery.submitter import GRACE as GRACE_OF_ANSWERS
from gateway.documents.converter import Converters, remote
from gateway.documents.converter.remote import ConvertService
from gateway.documents.finding import DocumentLimits, Sound
from gateway.documents.sniff import Kind
from tests.living import activated, under_unit

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
SYSTEMD = Path(__file__).parents[1] / "systemd"
UNIT = SYSTEMD / "fax-gateway.service"
CONVERTER = SYSTEMD / "fax-gateway-convert.service"
MOST_EXPOSED = 15  # tenths
PATIENCE = 100.0  # seconds


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def setting(name: str, unit: Path = UNIT) -> list[str]:
    lines = [line.split("=", 1) for line in unit.read_text().splitlines() if "=" in line and line[0] != "#"]
    return [value for key, value in lines if key == name]


def test_systemd_accepts_every_unit(need: Callable[[str], str], tmp_path: Path) -> None:
    units = [tmp_path / each.name for each in SYSTEMD.iterdir() if each.is_file()]
    for unit in units:
        # The commands are where the package will put them, not on this machine; nor are the man pages.
        text = (SYSTEMD / unit.name).read_text()
        unit.write_text(re.sub("/opt/fax-gateway/bin/[a-z-]+", sys.executable, text))
    done = run(need("systemd-analyze"), "verify", "--man=no", *map(str, units))
    assert done.returncode == 0, done.stderr
    assert "fax-gateway" not in done.stderr, done.stderr


@pytest.mark.parametrize("unit", [UNIT, CONVERTER], ids=lambda unit: unit.stem)
def test_systemd_finds_each_unit_hardly_exposed(need: Callable[[str], str], unit: Path) -> None:
    done = run(
        need("systemd-analyze"), "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", str(unit)
    )
    assert done.returncode == 0, done.stdout


def test_the_converters_have_no_network_no_secret_and_nothing_of_the_daemons() -> None:
    assert setting("PrivateNetwork", CONVERTER) == ["yes"]
    assert setting("RestrictAddressFamilies", CONVERTER) == ["AF_UNIX"]
    assert setting("LoadCredential", CONVERTER) == []
    assert setting("User", CONVERTER) != setting("User")
    (hidden,) = setting("InaccessiblePaths", CONVERTER)
    assert {"-/etc/fax-gateway", "-/var/lib/fax-gateway", "-/run/fax-gateway"} <= set(hidden.split())
    assert setting("MemoryMax", CONVERTER)
    assert setting("TasksMax", CONVERTER)


@pytest.mark.parametrize("unit", [UNIT, CONVERTER], ids=lambda unit: unit.stem)
def test_a_stop_is_told_to_the_main_process_alone(unit: Path) -> None:
    """A converter process that ends before it would cost its document the verdict."""
    assert setting("KillMode", unit) == ["mixed"]


def test_only_the_daemon_reaches_the_converters() -> None:
    held = CONVERTER.with_suffix(".socket")
    assert setting("SocketUser", held) == setting("User")
    assert setting("SocketMode", held) == ["0600"]
    assert f"--peer {setting('User')[0]}" in setting("ExecStart", CONVERTER)[0]


def test_the_group_reaches_what_is_its_own_in_the_runtime_directory() -> None:
    """LMTP's socket and that of operators' commands: 0660, in a directory that nobody else enters."""
    assert (setting("RuntimeDirectory"), setting("RuntimeDirectoryMode")) == (["fax-gateway"], ["0750"])


def test_the_socket_units_example_has_the_addresses_that_are_built_in() -> None:
    settings = Settings()
    built_in = {str(each) for each in (*settings.smtp.listen, settings.web.listen, settings.metrics.listen)}
    assert set(setting("ListenStream", SYSTEMD / "fax-gateway.socket")) == built_in


def test_every_secret_can_come_as_a_credential() -> None:
    assert set(setting("LoadCredential")) == {".".join(key) for key in secrets()}


def test_a_stop_is_given_the_time_that_the_daemon_takes() -> None:
    (timeout,) = setting("TimeoutStopSec")
    assert float(timeout.removesuffix("s")) >= (GRACE_OF_MAILS + GRACE_OF_ANSWERS).total_seconds() + 10


def test_readiness_signs_of_life_and_reloads_are_expected_of_the_daemon_itself() -> None:
    assert setting("Type") == ["notify"]
    assert setting("WatchdogSec") == ["60s"]
    assert setting("ExecReload") == ['/bin/sh -c "kill -HUP $MAINPID"']
    assert setting("NotifyAccess") == []  # main, by Type=notify: no converter speaks for the daemon


def test_the_users_are_made(need: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    done = run(need("systemd-sysusers"), f"--root={tmp_path}", str(SYSTEMD / "sysusers.d" / "fax-gateway.conf"))
    assert done.returncode == 0, done.stderr
    name, _, uid, gid, _, home, shell = (tmp_path / "etc" / "passwd").read_text().splitlines()[0].split(":")
    assert (name, home, shell) == ("fax-gateway", "/var/lib/fax-gateway", "/usr/sbin/nologin")
    assert uid != "0"
    assert (tmp_path / "etc" / "group").read_text().splitlines()[0].split(":")[::2] == ["fax-gateway", gid]
    assert setting("User") == setting("Group") == [name]
    other = (tmp_path / "etc" / "passwd").read_text().splitlines()[1].split(":")[0]
    assert setting("User", CONVERTER) == setting("Group", CONVERTER) == [other]


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


@pytest.fixture
def starter(need: Callable[[str], str]) -> Callable[[Path], list[str]]:
    """What runs Python with that which a unit leaves it."""
    need("systemd-analyze")
    if platform.machine() != "x86_64" or not under_unit.HEADER.exists():
        pytest.skip("needs x86_64 and the kernel's headers")
    return lambda unit: [sys.executable, "-m", "tests.living.under_unit", str(unit), sys.executable]


@pytest.fixture
def under_the_unit(starter: Callable[[Path], list[str]]) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run_there(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*starter(UNIT), *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)

    return run_there


def test_what_the_unit_forbids_is_forbidden(under_the_unit: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = under_the_unit("-c", "import os; os.setpriority(os.PRIO_PROCESS, 0, 1)")
    assert "PermissionError" in done.stderr


def test_a_fax_goes_through_under_the_unit(under_the_unit: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """Daemon, spool, converters, pdfium and plutoprint."""
    done = under_the_unit("-m", "gateway", "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "(3 pages)" in done.stdout


@pytest.fixture
def converters_under_their_unit(
    starter: Callable[[Path], list[str]], tmp_path: Path
) -> Iterator[Callable[[], Converters]]:
    """The service, with a socket that is handed over."""
    path = tmp_path / "convert.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(str(path))
        listening.listen()
        held = listening.fileno()
        command = [sys.executable, "-m", "gateway.documents.converter"]
        service = subprocess.Popen(
            [*starter(CONVERTER), activated.__file__, f"x={held}", "--", *command], cwd=ROOT, pass_fds=[held]
        )
    yield lambda: Converters(ConvertService(path).start)
    service.terminate()
    assert service.wait(PATIENCE) == 0


def test_plutoprint_pdfium_and_libreoffice_convert_under_their_unit(
    converters_under_their_unit: Callable[[], Converters],
    need: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    need("soffice")
    monkeypatch.setattr(remote, "START_SECONDS", PATIENCE)
    with converters_under_their_unit() as converters:
        convert = converters.convert_within(DocumentLimits(), "A4", PATIENCE)
        for kind, content in ((Kind.HTML, b"<p>a</p>"), (Kind.OFFICE, b"{\\rtf1 a}")):
            made = convert(kind, content, Sound(0, "x"))
            assert isinstance(made, bytes), made
            assert made.startswith(b"%PDF-")
        drawn = converters.leave_out_blanks_within(DocumentLimits(), PATIENCE)(Kind.PDF, with_a_blank_page())
        assert drawn is not None
        assert converters.look_within(DocumentLimits(), PATIENCE)(Kind.PDF, drawn) == Sound(1)


def with_a_blank_page() -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as document:
        for ink in (b"100 100 200 200 re f", b""):
            page = document.add_blank_page()
            page.obj.Contents = pikepdf.Stream(document, ink)
        document.save(target)
    return target.getvalue()
