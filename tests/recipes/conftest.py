"""A machine on which a recipe is followed, and a gateway there."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest

from tests.living.mailbox import Mailbox
from tests.recipes.installed import Installed
from tests.recipes.machine import Machine, Unavailable

SYSTEMD = Path(__file__).parents[2] / "systemd"


def do_without(reason: str) -> NoReturn:
    """Skips, or fails where CI=true: there a recipe that isn't followed is not tested anywhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def unpacked() -> Callable[[str], Path]:
    """``unpacked("exim4")``: where .ci/run has unpacked Debian's packages of that program, which can't be installed."""

    def find(program: str) -> Path:
        place = Path.home() / ".cache/fax-gateway-tests" / program
        if not place.is_dir():
            do_without(f"Debian's packages of {program} are not unpacked in {place}; .ci/run does that")
        return place

    return find


@pytest.fixture(scope="module")
def packages() -> Path | None:
    """A tree of unpacked Debian packages that the machine has beside what is installed; a module may override it."""
    return None


@pytest.fixture(scope="module")
def machine(
    tmp_path_factory: pytest.TempPathFactory, need: Callable[[str], str], packages: Path | None
) -> Iterator[Machine]:
    """The thread of the test is in its network while the module's tests run."""
    for command in ("unshare", "nsenter", "ip", "systemd-sysusers", "systemd-tmpfiles"):
        need(command)
    if os.geteuid() != 0:
        do_without("namespaces of its own has only root")
    with ExitStack() as stack:
        try:
            machine = stack.enter_context(Machine(tmp_path_factory.mktemp("machine"), packages))
        except Unavailable as reason:
            do_without(f"no namespaces: {reason}")
        stack.enter_context(machine.network())
        for kind in ("sysusers.d", "tmpfiles.d"):  # as docs/operations.md has it
            machine.write(f"/etc/{kind}/fax-gateway.conf", (SYSTEMD / kind / "fax-gateway.conf").read_text())
        machine.run("systemd-sysusers && systemd-tmpfiles --create /etc/tmpfiles.d/fax-gateway.conf")
        yield machine


@pytest.fixture(scope="module")
def installed(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """Not configured, not started; stopped at the end."""
    directory = tmp_path_factory.mktemp("installed")
    with Mailbox() as mailbox:
        installed = Installed(machine, mailbox, directory)
        yield installed
        installed.stop()


@pytest.fixture(scope="session")
def a_mail() -> Callable[[str], bytes]:
    """``a_mail("Angebot")``: a mail with a text, whose Message-ID is its subject."""

    def make(subject: str) -> bytes:
        head = f"From: Jana Beispiel <jana@example.com>\nSubject: {subject}\nMessage-ID: <{subject}@example.com>\n"
        return f"{head}\nGuten Tag\n".encode()

    return make
