"""What systemd would read from its notify socket."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from gateway.systemd.service_manager import ServiceManager


class Systemd:
    def __init__(self, address: str) -> None:
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.channel.bind(address)
        self.channel.settimeout(5)

    def heard(self) -> list[str]:
        return self.channel.recv(4096).decode().splitlines()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    manager = Systemd(str(tmp_path / "notify"))
    with manager.channel:
        yield manager


def test_each_step_of_a_daemons_life_is_told(systemd: Systemd, tmp_path: Path) -> None:
    manager = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "notify")}, 1)
    manager.ready("takes mail at 127.0.0.1:8025")
    assert systemd.heard() == ["READY=1", "STATUS=takes mail at 127.0.0.1:8025"]
    manager.reloading()
    reloading, moment = systemd.heard()
    assert reloading == "RELOADING=1"
    assert int(moment.removeprefix("MONOTONIC_USEC=")) > 0
    manager.stopping()
    assert systemd.heard()[0] == "STOPPING=1"


def test_an_abstract_socket_is_found() -> None:
    name = f"fax-gateway-test-{id(object())}"
    manager = Systemd(f"\0{name}")
    with manager.channel:
        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}, 1).ready("x")
        assert manager.heard()[0] == "READY=1"


@pytest.mark.parametrize("watched", [None, "7"])
def test_signs_of_life_come_twice_as_often_as_wanted(systemd: Systemd, tmp_path: Path, watched: str | None) -> None:
    environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "100000"}
    if watched is not None:
        environ["WATCHDOG_PID"] = watched

    async def run() -> None:
        living = asyncio.create_task(ServiceManager(environ, 7).show_life())
        await asyncio.sleep(0.22)
        living.cancel()

    asyncio.run(run())
    for _ in range(4):
        assert systemd.heard() == ["WATCHDOG=1"]


@pytest.mark.parametrize(
    "environ", [{}, {"WATCHDOG_USEC": ""}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "100000", "WATCHDOG_PID": "8"}]
)
def test_without_a_watchdog_of_its_own_there_are_none(environ: dict[str, str]) -> None:
    asyncio.run(asyncio.wait_for(ServiceManager(environ, 7).show_life(), 1))


def test_without_a_service_manager_nothing_is_said() -> None:
    with structlog.testing.capture_logs() as events:
        ServiceManager({}, 1).ready("x")
    assert events == []


def test_a_service_manager_that_is_gone_costs_a_line_of_the_log(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as events:
        ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "nowhere")}, 1).ready("x")
    assert [(event["event"], event["told"]) for event in events] == [("service_manager_unreachable", "READY=1")]
