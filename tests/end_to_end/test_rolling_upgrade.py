"""Two daemons go to the next release one after the other, and back, while mails come in."""

import itertools
import smtplib
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Self

import pytest

from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox
from tests.living.next_release import release
from tests.living.postgresql import PostgreSQL
from tests.living.process import Process

pytestmark = [pytest.mark.once, pytest.mark.timeout(240)]


class Load:
    """Mails to whichever of the daemons takes them, as a relay with two next hops sends them."""

    def __init__(self, nodes: tuple[Gateway, Gateway]) -> None:
        self._nodes = nodes
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.accepted: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        for number in itertools.count():
            if self._stop.wait(0.1):
                return
            raw = f"Subject: x\r\nMessage-ID: <{number}@example.com>\r\n\r\nNummer {number}\r\n".encode()
            for node in (self._nodes[number % 2], self._nodes[(number + 1) % 2]):
                try:
                    self.accepted.append(node.send(raw))
                except (OSError, smtplib.SMTPException):
                    continue
                break


def test_one_after_the_other_and_back_without_a_second_fax(postgresql: PostgreSQL, tmp_path: Path) -> None:
    spool = f'[database]\nurl = "{postgresql.empty(tmp_path).url}"\n'
    steps = release(tmp_path, None)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with Mailbox() as mailbox:
        first, second = (Gateway(tmp_path / name, mailbox) for name in ("a", "b"))
        first.draw_nothing()
        second.share(first)
        first.configure(spool)
        second.configure(spool)
        ours = (first.daemon, second.daemon)
        arguments = [["serve", "--config", str(tmp_path / name / "config.toml")] for name in ("a", "b")]
        following = ("tests.living.next_release", str(steps))
        theirs = [Process(each, Path.cwd(), module=following) for each in arguments]
        first.sandbox.start()
        running = [each.start() for each in ours]
        try:
            with Load((first, second)) as load:
                for place, process in [(0, theirs[0]), (1, theirs[1]), (0, ours[0]), (1, ours[1])]:
                    time.sleep(1)
                    assert running[place].stop() == 0
                    running[place] = process.start()
                time.sleep(1)
            deadline = time.monotonic() + 60
            while (faxes := faxed(first)).keys() < set(load.accepted) and time.monotonic() < deadline:
                time.sleep(0.5)
            assert len(load.accepted) > 20
            assert faxes == Counter(load.accepted)
        finally:
            for part in (*running, first.sandbox):
                part.stop()


def faxed(gateway: Gateway) -> Counter[str]:
    return Counter(job["request"]["reference"]["customerDefinedId"] for job in gateway.jobs())
