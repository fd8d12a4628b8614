"""Mails are sent while the daemon is killed at random moments and the fax service has faults; then all is counted.

    python -m tests.crash.campaign [--mode fail|resubmit|refused] [--mails 2000] [--seed 1]
                                   [--database URL | --database postgresql] [--daemons 2] [--senders 8] [--freezes 0.3]

On PostgreSQL several daemons share the spool ("postgresql" alone: on a server that is started for it): now one of them
is killed, now another, and now and then one is frozen (SIGSTOP) for longer than its lease, and goes on.

Every mail has a sender of its own, so that each word tells whose it is. Only what was answered 250 counts: a mail whose
answer was lost may or may not have become a fax, and its sender would send it again.
"""

import argparse
import random
import shutil
import signal
import smtplib
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.spool.daemons import LEASE, RENEWED_EVERY
from tests.crash.verdict import Facts, Promise, broken, without_a_word
from tests.crash.words import words_of
from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox
from tests.living.postgresql import PostgreSQL
from tests.living.process import free_port


@dataclass(frozen=True)
class Mode:
    """How the daemon is configured, and what it promises so."""

    retarus: str
    promise: Promise
    conflict_409: bool = False


MODES = {
    "fail": Mode('valid_for = "60s"\nin_doubt_after = "8s"\non_doubt = "fail"', Promise.AT_MOST_ONE),
    "resubmit": Mode('valid_for = "6s"\nin_doubt_after = "3s"\non_doubt = "resubmit"', Promise.EXACTLY_ONE),
    "refused": Mode('valid_for = "60s"\nduplicates_refused = true', Promise.EXACTLY_ONE, conflict_409=True),
}
FAULTS: tuple[dict[str, float], ...] = (
    {},
    {"drop_after_accept": 0.15},
    {"status_500": 0.2},
    {"status_503": 0.3},
    {"status_500_after_accept": 0.1, "truncate": 0.1},
    {"delay": 0.3},
    {"refuse": 0.3},
    {"lose_push": 0.5, "drop_after_accept": 0.05},
)
SENDERS = 2  # sessions at a time at each daemon
PAUSE = 0.15  # seconds between the mails of a session
LIVES = (0.5, 2.5)  # seconds between a start and the kill
FROZEN = LEASE.total_seconds() + 2 * RENEWED_EVERY.total_seconds()  # seconds: the others hold it for dead
FREEZES = 0.05  # of the kills, where another daemon goes on
PATIENCE = 120.0  # seconds for the last words
SLOW_START = 120.0  # seconds: it is started hundreds of times, on a machine that may have other work


@dataclass
class Campaign:
    """One run over gateways whose parts are not started yet: one sandbox, that of the first, for all of them."""

    gateways: Sequence[Gateway]
    mode: Mode
    mails: int
    chance: random.Random
    least_kills: int = 1
    senders: int = SENDERS
    freezing: float = FREEZES
    accepted: dict[str, str] = field(default_factory=dict)
    kills: int = 0
    freezes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sent: int = 0
    _frozen: dict[int, float] = field(default_factory=dict)  # which, until when

    @property
    def gateway(self) -> Gateway:
        """The one with the sandbox."""
        return self.gateways[0]

    def run(self) -> Facts:
        """Raises whatever a part of ours does that it should not."""
        self.gateway.sandbox.start()
        try:
            self.gateway.put("/_sandbox/settings", {"conflict_409": self.mode.conflict_409, "seed": 1})
            self._bombard()
            self.gateway.put("/_sandbox/faults", {})
            return self._settled()
        finally:
            for gateway in self.gateways:
                gateway.daemon.send_signal(signal.SIGCONT)
                gateway.daemon.stop()
            self.gateway.sandbox.stop()

    def _bombard(self) -> None:
        for gateway in self.gateways:
            gateway.daemon.start()
        senders = [
            threading.Thread(target=self._send, args=(gateway,), daemon=True)
            for gateway in self.gateways
            for _ in range(self.senders)
        ]
        for sender in senders:
            sender.start()
        while any(sender.is_alive() for sender in senders) or self.kills < self.least_kills:
            self.gateway.put("/_sandbox/faults", self.chance.choice(FAULTS))
            time.sleep(self.chance.uniform(*LIVES))
            self._thaw()
            self._strike(self.chance.randrange(len(self.gateways)))
        self._thaw(all_of_them=True)
        for sender in senders:
            sender.join()

    def _strike(self, which: int) -> None:
        daemon = self.gateways[which].daemon
        if which in self._frozen:
            return
        others_live = len(self._frozen) < len(self.gateways) - 1
        if others_live and self.chance.random() < self.freezing:
            daemon.send_signal(signal.SIGSTOP)
            self._frozen[which] = time.monotonic() + FROZEN
            self.freezes += 1
            return
        daemon.stop(signal.SIGKILL)
        self.kills += 1
        daemon.start()

    def _thaw(self, *, all_of_them: bool = False) -> None:
        for which, until in list(self._frozen.items()):
            if all_of_them or time.monotonic() >= until:
                del self._frozen[which]
                self.gateways[which].daemon.send_signal(signal.SIGCONT)

    def _send(self, gateway: Gateway) -> None:
        while (number := self._next()) is not None:
            sender = f"sender-{number}@example.com"
            try:
                job_id = gateway.send(_mail(number), sender=sender)
            except (OSError, smtplib.SMTPException):
                time.sleep(0.3)  # the daemon is down, or went down: this one was not accepted
                continue
            with self._lock:
                self.accepted[sender] = job_id
            time.sleep(PAUSE)

    def _next(self) -> int | None:
        """A number that nobody has used; None when enough mails were accepted."""
        with self._lock:
            if len(self.accepted) >= self.mails:
                return None
            self._sent += 1
            return self._sent

    def _settled(self) -> Facts:
        """Once every sender has a final word, or the patience is over."""
        deadline = time.monotonic() + PATIENCE
        while without_a_word(self._facts()) and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(3)  # for words that should not come
        return self._facts()

    def _facts(self) -> Facts:
        faxes = Counter(
            job["request"]["reference"]["customerDefinedId"] for job in self.gateway.jobs() if "OK" in job["statuses"]
        )
        return Facts(self.accepted, faxes, words_of(list(self.gateway.mailbox.mails)))


def prepared(
    directory: Path, mailbox: Mailbox, mode: Mode, *, database: str = "", daemons: int = 1
) -> Sequence[Gateway]:
    """Gateways for a campaign in this mode; `database`: a URL, where it isn't a file beside the configuration."""
    gateways = []
    for number in range(daemons):
        home = directory / f"daemon-{number}"
        home.mkdir()
        gateways.append(Gateway(home, mailbox))
    first = gateways[0]
    first.draw_nothing()
    for gateway in gateways:
        gateway.base = first.base
        gateway.daemon.patience = SLOW_START
        port = free_port()
        more = f'[push]\nlisten = "127.0.0.1:{port}"\npublic_url = "http://127.0.0.1:{port}"\n'
        if database:
            more += f'[database]\nurl = "{database}"\n'
        gateway.configure(more, retarus=mode.retarus)
    return gateways


@contextmanager
def database_of(chosen: str, directory: Path) -> Iterator[str]:
    """The URL; "postgresql" alone means a server of our own, which syncs what it commits."""
    if chosen != "postgresql":
        yield chosen
        return
    with PostgreSQL(durable=True) as server:
        yield server.empty(directory).url


def _mail(number: int) -> bytes:
    return (
        f"From: sender-{number}@example.com\r\nSubject: Angebot {number}\r\nMessage-ID: <{number}@example.com>\r\n\r\n"
        f"Guten Tag, dies ist Nummer {number}.\r\n"
    ).encode()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=MODES, default="fail")
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="a URL, or postgresql for a server of its own")
    parser.add_argument("--daemons", type=int, default=1)
    parser.add_argument("--senders", type=int, default=SENDERS, help="sessions at a time at each daemon")
    parser.add_argument("--freezes", type=float, default=FREEZES, help="instead of so many of the kills")
    chosen = parser.parse_args()
    if chosen.daemons > 1 and not chosen.database.startswith("postgresql"):
        parser.error("several daemons share a spool on PostgreSQL only")
    mode = MODES[chosen.mode]
    directory = Path(tempfile.mkdtemp())
    began = time.monotonic()
    with Mailbox() as mailbox, database_of(chosen.database, directory) as database:
        gateways = prepared(directory, mailbox, mode, database=database, daemons=chosen.daemons)
        campaign = Campaign(
            gateways,
            mode,
            chosen.mails,
            random.Random(chosen.seed),
            senders=chosen.senders,
            freezing=chosen.freezes,
        )
        facts = campaign.run()
    found = broken(facts, mode.promise)
    claims = Counter(word.claim.name for word in set(facts.words))
    sys.stdout.write(
        f"{chosen.mode}: {len(facts.accepted)} mails, {campaign.kills} kills, {campaign.freezes} freezes, "
        f"{sum(facts.faxes.values())} faxes, words {dict(claims)}, {len(found)} promises broken, "
        f"{time.monotonic() - began:.0f} s\n"
    )
    for sentence in found[:20]:
        sys.stdout.write(f"  {sentence}\n")
    if found:
        sys.stdout.write(f"everything is left in {directory}\n")
        raise SystemExit(1)
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
