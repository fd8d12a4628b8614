"""`fax-gateway init`: from nothing to a configuration that the daemon takes, and to a first fax."""

import grp
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from gateway.cli import build
from gateway.cli.init import asking, command, writing
from gateway.cli.init.answers import reachable_by
from gateway.config import load_settings
from tests.living import nursery
from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox

Init = Callable[..., Result]


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Init:
    """With options, or with what is typed at a terminal; what `check` would find is all right."""
    monkeypatch.setattr(command, "look", lambda *_: False)
    (tmp_path / "password").write_text("correct horse\n")

    def run(*options: str, typed: str | None = None) -> Result:
        monkeypatch.setattr(asking, "is_terminal", lambda: typed is not None)
        words = ["init", "--config", str(tmp_path / "etc" / "config.toml"), *options]
        return CliRunner().invoke(build("init", "check"), words, input=typed)

    return run


def by_options(tmp_path: Path) -> list[str]:
    return [
        *("--region", "ch", "--customer-number", "12345", "--login", "fax@example.com"),
        *("--password-file", str(tmp_path / "password"), "--hostname", "fax.example.com"),
        *("--domain", "fax.example.com", "--domain", "fax.local", "--relay-network", "192.0.2.0/24"),
    ]


def test_what_the_options_say_is_what_the_daemon_reads(init: Init, tmp_path: Path) -> None:
    done = init(*by_options(tmp_path))
    assert done.exit_code == 0, done.output
    path = tmp_path / "etc" / "config.toml"
    settings = load_settings(path, {}, None)
    retarus = settings.retarus
    assert (retarus.region, retarus.customer_number, retarus.username) == ("ch", "12345", "fax@example.com")
    assert retarus.password.get_secret_value() == "correct horse"
    assert settings.smtp.domains == ("fax.example.com", "fax.local")
    assert [str(each) for each in settings.smtp.relay_networks] == ["192.0.2.0/24"]
    assert [str(each) for each in settings.smtp.listen] == ["0.0.0.0:25"]
    assert settings.notify.sender == "postmaster@fax.example.com"
    assert "correct horse" not in path.read_text() + done.output


def test_only_the_services_group_reads_what_is_written(
    init: Init, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "etc" / "config.toml"

    def modes() -> dict[str, int]:
        return {each.name: each.stat().st_mode & 0o777 for each in (path.parent, *path.parent.iterdir())}

    monkeypatch.setattr(writing, "GROUP", "no-such-group")
    assert init(*by_options(tmp_path)).exit_code == 0
    assert modes() == {"etc": 0o750, "config.toml": 0o600, "retarus-password": 0o600}
    shutil.rmtree(path.parent)
    monkeypatch.setattr(writing, "GROUP", grp.getgrgid(os.getegid()).gr_name)  # one that the caller may give
    assert init(*by_options(tmp_path)).exit_code == 0
    assert modes() == {"etc": 0o750, "config.toml": 0o640, "retarus-password": 0o640}


def test_at_a_terminal_it_asks_and_says_what_is_wrong_with_an_answer(init: Init, tmp_path: Path) -> None:
    answers = ["xx", "us", "12-345", "12345", "fax@example.com", "correct horse", "fax.example.com"]
    answers += ["10.0.0.0/33", "10.0.0.0/8, 127.0.0.0/8", "192.0.2.10", "192.0.2.10:25"]
    answers += ["mail.example.com:25", "it@example.com", "jana", "staple", "stable", "staple", "staple", ""]
    done = init("--hostname", "fax.example.com", typed="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert 'retarus.region = "xx": write one of "de", "us", "ch", "sg"' in done.output
    assert "write letters and digits" in done.output
    assert "write a network as" in done.output
    assert "several with commas [0.0.0.0:25]:" in done.output
    assert 'write it as "host:port"' in done.output
    assert "The two entered values do not match" in done.output
    assert "jana can log in now" in done.output
    settings = load_settings(tmp_path / "etc" / "config.toml", {}, None)
    assert settings.retarus.region == "us"
    assert [str(each) for each in settings.smtp.relay_networks] == ["10.0.0.0/8", "127.0.0.0/8"]
    assert [str(each) for each in settings.smtp.listen] == ["192.0.2.10:25"]
    assert str(settings.notify.smarthost) == "mail.example.com:25"
    assert settings.notify.postmaster == "it@example.com"
    assert "correct horse" not in done.output


@pytest.mark.parametrize(
    ("networks", "listen"),
    [
        (("127.0.0.0/8", "::1/128"), ("127.0.0.1:8025",)),
        (("127.0.0.0/8", "192.0.2.0/24"), ("0.0.0.0:25",)),
        (("2001:db8::/32", "192.0.2.7"), ("0.0.0.0:25", "[::]:25")),
    ],
)
def test_a_gateway_listens_where_those_who_may_send_reach_it(
    networks: tuple[str, ...], listen: tuple[str, ...]
) -> None:
    assert reachable_by(networks) == listen


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--customer-number is needed where nobody can be asked"),
        (("--customer-number", "1-2"), "write letters and digits"),
        (("--customer-number", "1", "--login", "a:b"), "a login holds no colon"),
        (("--customer-number", "1", "--login", "a"), "--password-file is needed"),
        (("--sandbox", "http://127.0.0.1:9", "--domain", "no domain"), "write a domain"),
        (("--sandbox", "http://127.0.0.1:9", "--admin", "jana"), "--admin-password-file is needed"),
    ],
)
def test_where_nobody_can_be_asked_what_is_missing_or_wrong_is_named(
    init: Init, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    done = init(*options)
    assert done.exit_code == 2
    assert said in done.output
    assert not (tmp_path / "etc").exists()


def test_nothing_is_overwritten_without_being_told_so(init: Init, tmp_path: Path) -> None:
    path = tmp_path / "etc" / "config.toml"
    path.parent.mkdir()
    path.write_text("[retarus]\n# mine\n")
    assert init(*by_options(tmp_path)).exit_code == 1
    assert init(typed="n\n").exit_code == 1
    assert path.read_text() == "[retarus]\n# mine\n"
    assert init(*by_options(tmp_path), "--overwrite").exit_code == 0
    assert path.with_name("config.toml.old").read_text() == "[retarus]\n# mine\n"
    assert load_settings(path, {}, None).retarus.region == "ch"


def test_a_packages_own_file_is_nobodys_yet_and_what_it_says_stays(init: Init, tmp_path: Path) -> None:
    path = tmp_path / "etc" / "config.toml"
    path.parent.mkdir()
    path.write_text('[documents]\nconverter = "/run/fax-gateway-convert/convert.sock"\n')
    done = init(*by_options(tmp_path))
    assert done.exit_code == 0, done.output
    settings = load_settings(path, {}, None)
    assert settings.documents.converter == Path("/run/fax-gateway-convert/convert.sock")
    assert settings.retarus.customer_number == "12345"
    assert init(*by_options(tmp_path)).exit_code == 1  # now it is somebody's


@pytest.mark.once
def test_to_a_first_fax(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("staple\n")
    config = str(tmp_path / "etc" / "config.toml")
    with Mailbox() as mailbox:
        gateway = Gateway(tmp_path, mailbox)
        gateway.sandbox.start()
        options = [
            *("--sandbox", gateway.base, "--smarthost", f"127.0.0.1:{mailbox.port}", "--domain", "fax.example.com"),
            *("--admin", "jana", "--admin-password-file", str(tmp_path / "password"), "--config", config),
            # This process is in no such network, and none but the service listens at that port.
            *("--relay-network", "192.0.2.0/24", "--listen", "0.0.0.0:25"),
            *("--test-fax", "+4989123456", "--test-sender", "jana@example.com"),
        ]
        try:
            done = nursery.run("init", *options)
            arrived = gateway.jobs()
        finally:
            gateway.sandbox.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    (job,) = arrived
    assert done.stdout.splitlines()[-2].strip() == "sent"
    assert job["fax"] is not None
    assert mailbox.wait_for("jana@example.com")


@pytest.mark.parametrize("retarus", ["", 'region = "us"\nusername = "fax@example.com"'])
def test_serve_without_a_login_names_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, retarus: str) -> None:
    monkeypatch.setattr("gateway.cli.serve._configure_log", lambda *_: None)  # it is every test's
    (tmp_path / "config.toml").write_text(f"[retarus]\n{retarus}\n")
    with capture_logs() as events:
        done = CliRunner().invoke(build("serve", "check"), ["serve", "--config", str(tmp_path / "config.toml")])
    assert done.exit_code == 78
    assert [(event["event"], event["hint"]) for event in events] == [("not_started", "fax-gateway init")]
    assert not (tmp_path / "spool.db").exists()
