"""Sends the outbox to the smarthost: every word until it is taken, with the same Message-ID each time.

A word of ours that the sender's server refuses for good goes to the postmaster; one that the postmaster's refuses too
stays in the outbox as refused, and the log says so.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import aiosmtplib
import structlog

from gateway.notify.letters import Letters
from gateway.notify.smarthost import PERMANENT, RefusedForGood, Smarthost, SmarthostSession
from gateway.spool import outbox
from gateway.spool.bell import Bell
from gateway.spool.content import ContentPurged
from gateway.spool.database import Database
from gateway.spool.in_hand import InHand
from gateway.spool.jobs import new_id
from gateway.spool.outbox import Letter
from gateway.spool.rounds import rounds

log = structlog.get_logger()

LONGEST_SLEEP = timedelta(seconds=2)
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=15)
LONGEST_TRIED = timedelta(days=5)  # RFC 5321 §4.5.4.1
AT_ONCE = 20  # letters in one round


class OutboxSender:
    """``run`` until cancelled; `said` rings when a word may be due."""

    def __init__(
        self,
        *,
        database: Database,
        in_hand: InHand,
        letters: Letters,
        smarthost: Smarthost,
        postmaster: str,
        said: Bell,
        clock: Callable[[], datetime],
        chance: Random,
    ) -> None:
        self._database = database
        self._in_hand = in_hand
        self._letters = letters
        self._smarthost = smarthost
        self._postmaster = postmaster
        self._said = said
        self._clock = clock
        self._chance = chance

    async def run(self) -> None:
        await rounds("outbox", self._round)

    async def _round(self) -> None:
        if await self.look() < AT_ONCE:
            await self._said.wait(LONGEST_SLEEP)

    async def look(self) -> int:
        """One round over the letters that are due; returns how many there were."""
        waiting = await self._in_hand.letters(self._clock(), AT_ONCE)
        async with SmarthostSession(self._smarthost) as session:
            for letter in waiting:
                with structlog.contextvars.bound_contextvars(job_id=letter.job_id, letter_id=letter.id):
                    await self._send(letter, session)
        return len(waiting)

    async def _send(self, letter: Letter, session: SmarthostSession) -> None:
        try:
            message = await self._letters.write(letter)
            # After it was written: of a job that has ended meanwhile it would say "delayed" about what has arrived.
            if not await self._database.read(lambda connection: outbox.waits(connection, letter)):
                return
            await session.send(letter, message)
        except RefusedForGood as refusal:
            await self._give_up(letter, str(refusal))
        except ContentPurged:
            await self._drop(letter)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            reason = f"{type(error).__name__}: {error}"
            if isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= PERMANENT:
                log.error("smarthost_refuses", error=reason, hint="see notify.smarthost; the words wait")  # noqa: TRY400 - its reply says all
            if self._clock() - letter.created_at > LONGEST_TRIED:
                await self._give_up(letter, reason)
            else:
                await self._postpone(letter, reason)
        except Exception as error:
            log.exception("word_broken", word=letter.word, hint="it is tried again; see the stack")
            await self._postpone(letter, f"{type(error).__name__}")
        else:
            now = self._clock()
            await self._database.write(lambda connection: outbox.sent(connection, letter, now))
            log.info("word_sent", word=letter.word, to=letter.forward_path)

    async def _postpone(self, letter: Letter, error: str) -> None:
        wait = min(FIRST_RETRY * 2 ** min(letter.tries, 10), LONGEST_RETRY) * (1 - self._chance.random() / 4)
        log.warning("word_waits", word=letter.word, error=error, again_in_s=round(wait.total_seconds()))
        due_at = self._clock() + wait
        await self._database.write(lambda connection: outbox.postponed(connection, letter, due_at, error))

    async def _drop(self, letter: Letter) -> None:
        """Nobody can send it any more, however often it is tried, nor send it back."""
        now, error = self._clock(), "its content is gone"
        log.error("word_refused", word=letter.word, to=letter.forward_path, error=error, hint="tell its sender")
        await self._database.write(lambda connection: outbox.refused(connection, letter, now, error))

    async def _give_up(self, letter: Letter, error: str) -> None:
        now = self._clock()
        if letter.word == outbox.POSTMASTER and letter.reverse_path:
            log.error("postmaster_refused", to=letter.forward_path, error=error, hint="notify.postmaster: nobody there")
            await self._database.write(lambda connection: outbox.bounced(connection, letter, new_id(), now, error))
            self._said.ring()
            return
        if letter.forward_path == self._postmaster:
            log.error("word_refused", word=letter.word, to=letter.forward_path, error=error, hint="notify.postmaster")
            await self._database.write(lambda connection: outbox.refused(connection, letter, now, error))
            return
        log.error("word_refused", word=letter.word, to=letter.forward_path, error=error, now_to=self._postmaster)
        await self._database.write(lambda connection: outbox.readdressed(connection, letter, self._postmaster, now))
