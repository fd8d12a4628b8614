"""What a stop and a restart are to the world outside: nobody's mail is broken off, and with sockets that systemd holds
nobody is refused."""

import signal
import smtplib
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox
from tests.living.process import PATIENCE, Process

pytestmark = pytest.mark.once

MAIL = b"Message-ID: <%d@example.com>\r\n\r\nGuten Tag\r\n"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with Mailbox() as mailbox:
        gateway = Gateway(tmp_path, mailbox)
        gateway.configure(more="[delivery]\npaused = true")  # no fax service is needed here
        yield gateway


def status(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def client(port: int) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", port, "client.example.com", timeout=PATIENCE)


def test_a_stop_lets_mails_in_hand_come_to_their_end_and_takes_no_new_ones(gateway: Gateway) -> None:
    daemon = gateway.daemon.start()
    metrics = daemon.wait_for("metrics_listening")["address"]
    with client(gateway.smtp_port) as idle, client(gateway.smtp_port) as busy:
        idle.ehlo()
        busy.ehlo()
        assert busy.mail("jana@example.com")[0] == 250
        daemon.send_signal(signal.SIGTERM)
        daemon.wait_for("stopping")
        assert idle.getreply()[0] == 421
        code, said = status(f"http://{metrics}/readyz")
        assert (code, said.splitlines()[0]) == (503, "draining: the gateway is being stopped")
        assert status(f"http://{metrics}/healthz") == (200, "alive\n")
        with socket.create_connection(("127.0.0.1", gateway.smtp_port), PATIENCE) as new:
            assert new.recv(1000).startswith(b"421 4.3.2 ")
        assert busy.rcpt("+4989123456@fax.local")[0] == 250
        assert busy.data(MAIL % 1)[0] == 250
        assert busy.getreply()[0] == 421
    assert daemon.stop() == 0
    assert daemon.count("accepted") == 1


@pytest.fixture
def held() -> Iterator[socket.socket]:
    """As systemd's socket unit does."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield listening


def test_with_a_socket_that_systemd_holds_a_restart_refuses_no_connection(
    gateway: Gateway, held: socket.socket
) -> None:
    """Who connects while a daemon finishes its mails, or while none runs, waits for the next one."""
    gateway.smtp_port = held.getsockname()[1]
    gateway.configure(more="[delivery]\npaused = true")
    command = ["serve", "--config", str(gateway.directory / "config.toml")]
    daemon = Process(command, gateway.directory, sockets={"fax-gateway.socket": held}).start()
    assert daemon.wait_for("listening")["inherited"]
    with client(gateway.smtp_port) as busy:
        busy.ehlo()
        assert busy.mail("jana@example.com")[0] == 250
        daemon.send_signal(signal.SIGTERM)
        daemon.wait_for("stopping")
        waiting = socket.create_connection(("127.0.0.1", gateway.smtp_port), PATIENCE)
        waiting.settimeout(0.3)
        with pytest.raises(TimeoutError):
            waiting.recv(100)
        assert busy.rset()[0] == 250
        assert busy.getreply()[0] == 421
    assert daemon.stop() == 0

    def knock(number: int) -> None:
        with client(gateway.smtp_port) as knocking:
            knocking.sendmail("jana@example.com", "+4989123456@fax.local", MAIL % number)

    clients = [threading.Thread(target=knock, args=(number,)) for number in range(5)]
    for each in clients:
        each.start()
    daemon.start()
    waiting.settimeout(PATIENCE)
    assert waiting.recv(100).startswith(b"220 ")
    waiting.close()
    for each in clients:
        each.join(PATIENCE)
    assert daemon.stop() == 0  # its log is whole then
    assert daemon.count("accepted") == 5


def test_every_listener_can_be_handed_over_and_what_fits_none_is_named(
    gateway: Gateway, tmp_path: Path, held: socket.socket
) -> None:
    names = ("smtp.listen", "submission.listen", "web.listen", "metrics.listen", "push.listen")
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in names}
    lmtp = sockets["lmtp.listen"] = socket.socket(socket.AF_UNIX)
    lmtp.bind(str(tmp_path / "lmtp.sock"))
    lmtp.listen()
    at = {name: f"127.0.0.1:{each.getsockname()[1]}" for name, each in sockets.items() if name != "lmtp.listen"}
    (tmp_path / "config.toml").write_text(
        f"""
        smtp.listen = ["{at["smtp.listen"]}"]
        submission.listen = ["{at["submission.listen"]}"]
        lmtp.listen = ["{tmp_path}/lmtp.sock"]
        web.listen = "{at["web.listen"]}"
        metrics.listen = "{at["metrics.listen"]}"
        push = {{ listen = "{at["push.listen"]}", public_url = "https://push.example.com" }}
        delivery.paused = true
        retarus.ha_url = "http://127.0.0.1:9/ha/rest/v1"
        retarus.datacenter_urls.dc1 = "http://127.0.0.1:9/dc1/rest/v1"
        """
    )
    command = ["serve", "--config", str(tmp_path / "config.toml")]
    daemon = Process(command, tmp_path, sockets=sockets | {"stray.socket": held}).start()
    try:
        listening = [event for event in daemon.events if event["event"] == "listening"]
        assert all(event["inherited"] for event in listening)
        mail = [at["smtp.listen"], str(tmp_path / "lmtp.sock"), at["submission.listen"]]
        assert [event["address"] for event in listening] == mail
        unused = daemon.wait_for("socket_unused")
        assert (unused["name"], daemon.count("socket_unused")) == ("stray.socket", 1)
        assert status(f"http://{at['metrics.listen']}/healthz")[0] == 200
        assert status(f"http://{at['web.listen']}/login")[0] == 200
        assert status(f"http://{at['push.listen']}/")[0] == 404
    finally:
        assert daemon.stop() == 0
        for each in sockets.values():
            each.close()
    assert (tmp_path / "lmtp.sock").is_socket()  # it is whoever holds it that takes it away
