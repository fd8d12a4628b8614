"""Root, a member of the socket's group and a stranger, at a daemon that runs as a user of its own, and without it."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox
from tests.living.process import Process
from tests.living.users import ROOT, Terminals, User

pytestmark = pytest.mark.once  # its subject is users and files

DAEMON = User(47110, 47110)
MEMBER = User(47111, 47111, (47110,))
STRANGER = User(47112, 47112)
MORE = """
[database]
url = "sqlite:///{state}/spool.db"
[control]
socket = "{run}/control.sock"
"""


@pytest.fixture(scope="module")
def type_as() -> Iterator[Terminals]:
    with Terminals() as terminals:
        yield terminals


@pytest.fixture
def house(type_as: Terminals, need: Callable[[str], str]) -> Iterator[Gateway]:
    """State, run and configuration as a package lays them out; the daemon is started by the test."""
    if any(not each.stat().st_mode & 0o001 for each in Path(__file__).parents):
        pytest.skip("this checkout lies where its owner alone may look: no other user's daemon can use it")
    with tempfile.TemporaryDirectory(prefix="fax-gateway-", dir="/tmp") as name, Mailbox() as mailbox:
        directory = Path(name)
        directory.chmod(0o755)
        for each, mode in (("state", 0o700), ("run", 0o755)):
            (directory / each).mkdir(mode=mode)
            os.chown(directory / each, DAEMON.uid, DAEMON.gid)
        gateway = Gateway(directory, mailbox)
        gateway.configure(more=MORE.format(state=directory / "state", run=directory / "run"))
        under = [need("setpriv"), "--reuid", str(DAEMON.uid), "--regid", str(DAEMON.gid), "--clear-groups"]
        under += ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]  # Python may be root's alone
        gateway.daemon = Process(["serve", "--config", str(directory / "config.toml")], directory, under=under)
        yield gateway


@pytest.fixture
def inhabited(house: Gateway) -> Iterator[Gateway]:
    house.daemon.start()
    yield house
    house.daemon.stop()


def test_at_a_daemon_that_runs(inhabited: Gateway, type_as: Terminals, a_mail: Callable[..., EmailMessage]) -> None:
    house = inhabited
    config = ("--config", str(house.directory / "config.toml"))
    assert type_as(MEMBER, "pause", "submit", *config).status == 0
    job_id = house.send(a_mail())

    listed = type_as(MEMBER, "jobs", "list", "--json", *config)
    assert [json.loads(line)["id"] for line in listed.out.splitlines()] == [job_id]
    assert type_as(MEMBER, "jobs", "hold", job_id, *config).status == 0
    assert type_as(ROOT, "jobs", "release", job_id, *config, environ={"SUDO_USER": "jana"}).status == 0
    story = json.loads(type_as(ROOT, "jobs", "show", "--json", job_id, *config).out)["story"]
    actors = {line["name"]: line["actor"] for line in story}
    assert actors["held"] == f"operator uid {MEMBER.uid}"
    assert actors["released"] == "operator root (sudo: jana)"
    assert house.daemon.wait_for("paused")["by"] == f"operator uid {MEMBER.uid}"

    # What a stranger or a member says of sudo is nobody's word.
    assert type_as(MEMBER, "resume", *config, environ={"SUDO_USER": "root"}).status == 0
    assert house.daemon.wait_for("resumed")["by"] == f"operator uid {MEMBER.uid}"

    for words in (("jobs", "list"), ("pause",), ("users", "list"), ("check",)):
        refused = type_as(STRANGER, *words, *config)
        assert (refused.status, refused.out) == (77, "")
        assert "root, by the daemon's user and by members of its group only" in refused.err

    assert type_as(MEMBER, "users", "add", "jana", *config, typed="correct horse\n").out == "jana can log in now\n"
    assert type_as(DAEMON, "users", "list", "--json", *config).status == 0
    assert "correct horse" not in str(house.daemon.events)
    checked = type_as(MEMBER, "check", "--json", *config)
    subjects = {line["subject"]: line["level"] for line in map(json.loads, checked.out.splitlines())}
    assert (subjects["configuration"], subjects["spool"], subjects["smarthost"]) == ("ok", "ok", "ok")
    assert checked.status == 1  # no fax service is there

    assert completed(type_as, MEMBER, f"fax-gateway {' '.join(config)} jobs show ") == [job_id]
    assert completed(type_as, MEMBER, f"fax-gateway {' '.join(config)} users remove j") == ["jana"]
    assert completed(type_as, STRANGER, f"fax-gateway {' '.join(config)} users remove j") == []
    assert owners(house) == {DAEMON.uid}


def completed(type_as: Terminals, user: User, line: str) -> list[str]:
    """What bash offers behind `line`."""
    asked = {"_FAX_GATEWAY_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = type_as(user, environ=asked)
    assert done.err == ""
    return done.out.split()


def test_check_looks_at_what_the_daemon_has_loaded(inhabited: Gateway, type_as: Terminals) -> None:
    path = inhabited.directory / "config.toml"
    written = path.read_text()

    def configuration() -> str:
        lines = type_as(MEMBER, "check", "--config", str(path)).out.splitlines()
        return next(line for line in lines if " configuration: " in line)

    path.write_text(written.replace("2000000", "3000000"))
    assert configuration() == "warning configuration: changed since it was loaded, reload: smtp.max_message_bytes"
    path.write_text(f"{written}\nnonsense = 1\n")
    assert configuration().startswith(
        "fault   configuration: a restart would fail, the daemon goes on with what it has"
    )
    assert type_as(MEMBER, "pause", "--config", str(path)).status == 0  # whatever is written now


def test_without_a_daemon(house: Gateway, type_as: Terminals) -> None:
    config = ("--config", str(house.directory / "config.toml"))
    # Before the first start: the spool is made for the one in whose directory it will be.
    assert type_as(ROOT, "users", "add", "jana", *config, typed="correct horse\n").status == 0
    assert (house.directory / "state" / "spool.db").stat().st_uid == DAEMON.uid

    for user in (MEMBER, STRANGER):
        for words in (("jobs", "list"), ("pause", "submit"), ("users", "list"), ("check",)):
            refused = type_as(user, *words, *config)
            assert (refused.status, refused.out) == (77, "")
            assert f"sudo -u '#{DAEMON.uid}' fax-gateway {' '.join(words)} --config " in refused.err
    paused = type_as(ROOT, "pause", "submit", *config)
    assert (paused.status, paused.err.startswith("no daemon has the spool")) == (0, True)
    assert type_as(DAEMON, "resume", *config).out == "accept is not paused\nsubmit goes on: faxes are submitted again\n"
    assert type_as(ROOT, "check", *config).status == 1  # no fax service, no smarthost: but it looks
    assert owners(house) == {DAEMON.uid}

    house.daemon.start()
    assert house.daemon.stop() == 0
    assert type_as(ROOT, "jobs", "list", *config).status == 0
    assert owners(house) == {DAEMON.uid}


def owners(house: Gateway) -> set[int]:
    return {each.lstat().st_uid for each in (house.directory / "state").rglob("*")}
