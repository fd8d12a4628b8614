"""Mails are sent while the daemon is killed at random moments and the fax service has faults; then all is counted.

    python -m tests.crash.campaign [--mode fail|resubmit|refused] [--mails 2000] [--seed 1]

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
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.verdict import Facts, Promise, broken, without_a_word
from tests.crash.words import words_of
from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox
from tests.living.process import Process, free_port


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
SENDERS = 2  # sessions at a time
PAUSE = 0.15  # seconds between the mails of a session
LIVES = (0.5, 2.5)  # seconds between a start and the kill
PATIENCE = 120.0  # seconds for the last words


@dataclass
class Campaign:
    """One run over a gateway whose parts are not started yet."""

    gateway: Gateway
    mode: Mode
    mails: int
    chance: random.Random
    least_kills: int = 1
    accepted: dict[str, str] = field(default_factory=dict)
    kills: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sent: int = 0

    def run(self) -> Facts:
        """Raises whatever a part of ours does that it should not."""
        self.gateway.sandbox.start()
        try:
            self.gateway.put("/_sandbox/settings", {"conflict_409": self.mode.conflict_409, "seed": 1})
            self._bombard()
            self.gateway.put("/_sandbox/faults", {})
            return self._settled()
        finally:
            self.gateway.daemon.stop()
            self.gateway.sandbox.stop()

    def _bombard(self) -> None:
        self.gateway.daemon.start()
        senders = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        while any(sender.is_alive() for sender in senders) or self.kills < self.least_kills:
            self.gateway.put("/_sandbox/faults", self.chance.choice(FAULTS))
            time.sleep(self.chance.uniform(*LIVES))
            self.gateway.daemon.stop(signal.SIGKILL)
            self.kills += 1
            self.gateway.daemon.start()
        for sender in senders:
            sender.join()

    def _send(self) -> None:
        while (number := self._next()) is not None:
            sender = f"sender-{number}@example.com"
            try:
                job_id = self.gateway.send(_mail(number), sender=sender)
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


def prepared(directory: Path, mailbox: Mailbox, mode: Mode) -> Gateway:
    """A gateway for a campaign in this mode."""
    gateway = Gateway(directory, mailbox)
    gateway.sandbox = Process([*gateway.sandbox_command, "--no-render"], directory)
    port = free_port()
    push = f'[push]\nlisten = "127.0.0.1:{port}"\npublic_url = "http://127.0.0.1:{port}"\n'
    gateway.configure(push, retarus=mode.retarus)
    return gateway


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
    chosen = parser.parse_args()
    mode = MODES[chosen.mode]
    directory = Path(tempfile.mkdtemp())
    began = time.monotonic()
    with Mailbox() as mailbox:
        campaign = Campaign(prepared(directory, mailbox, mode), mode, chosen.mails, random.Random(chosen.seed))
        facts = campaign.run()
    found = broken(facts, mode.promise)
    claims = Counter(word.claim.name for word in set(facts.words))
    sys.stdout.write(
        f"{chosen.mode}: {len(facts.accepted)} mails, {campaign.kills} kills, {sum(facts.faxes.values())} faxes, "
        f"words {dict(claims)}, {len(found)} promises broken, {time.monotonic() - began:.0f} s\n"
    )
    for sentence in found[:20]:
        sys.stdout.write(f"  {sentence}\n")
    if found:
        sys.stdout.write(f"everything is left in {directory}\n")
        raise SystemExit(1)
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
