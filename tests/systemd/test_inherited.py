"""Which of the sockets that systemd hands over a listener gets."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.systemd.inherited import Inherited, InheritedSockets, shown_address
from tests.living import activated


@pytest.fixture
def opened() -> Iterator[list[socket.socket]]:
    sockets: list[socket.socket] = []
    yield sockets
    for each in sockets:
        each.close()


def listening(opened: list[socket.socket], address: str = "127.0.0.1") -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened.append(socket.create_server((address, 0), family=family))
    return opened[-1]


def test_a_listener_gets_the_socket_at_its_address_whatever_it_is_called(opened: list[socket.socket]) -> None:
    one, two = listening(opened), listening(opened)
    sockets = InheritedSockets([Inherited("fax-gateway.socket", one), Inherited("smtp.listen", two)])
    assert sockets.take("smtp.listen", shown_address(one)) is one
    assert sockets.take("smtp.listen", "192.0.2.1:25") is two  # by its name
    assert sockets.take("smtp.listen", shown_address(one)) is None
    assert sockets.left == ()


def test_what_fits_nobody_is_left(opened: list[socket.socket]) -> None:
    one = listening(opened)
    sockets = InheritedSockets([Inherited("fax-gateway.socket", one)])
    assert sockets.take("web.listen", "127.0.0.1:1") is None
    assert [(each.name, each.address) for each in sockets.left] == [("fax-gateway.socket", shown_address(one))]


def test_an_ipv6_address_may_be_written_in_more_than_one_way(opened: list[socket.socket]) -> None:
    one = listening(opened, "::1")
    sockets = InheritedSockets([Inherited("", one)])
    assert sockets.take("smtp.listen", f"[0:0::1]:{one.getsockname()[1]}") is one


def test_a_path_is_an_address(opened: list[socket.socket], tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    opened.append(socket.socket(socket.AF_UNIX))
    opened[-1].bind(str(path))
    assert InheritedSockets([Inherited("", opened[-1])]).take("lmtp.listen", str(path)) is opened[-1]


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"LISTEN_PID": "7"},
        {"LISTEN_PID": "7", "LISTEN_FDS": "x"},
        {"LISTEN_PID": "8", "LISTEN_FDS": "1"},
        {"LISTEN_PID": "7", "LISTEN_FDS": "0"},
    ],
)
def test_what_is_not_ours_is_not_touched(environ: dict[str, str]) -> None:
    assert InheritedSockets.of(environ, 7).left == ()
    assert environ == {}


SHOW = """
import os
from gateway.systemd.inherited import InheritedSockets
sockets = InheritedSockets.of(os.environ, os.getpid())
print([(each.name, each.address) for each in sockets.left])
print([name for name in os.environ if name.startswith("LISTEN_")], [os.get_inheritable(fd) for fd in (3, 4)])
"""


def test_they_come_as_systemd_hands_them_over(opened: list[socket.socket]) -> None:
    one, two = listening(opened), listening(opened)
    named = [f"smtp.listen={one.fileno()}", f"x.socket={two.fileno()}"]
    done = subprocess.run(
        [sys.executable, activated.__file__, *named, "--", sys.executable, "-c", SHOW],
        pass_fds=(one.fileno(), two.fileno()),
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    wanted = [("smtp.listen", shown_address(one)), ("x.socket", shown_address(two))]
    assert done.stdout.splitlines() == [str(wanted), "[] [False, False]"]
