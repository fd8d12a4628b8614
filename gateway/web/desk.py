"""What every page needs: the spool, the settings, the templates, and the work that other rooms do for it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.config import Settings
from gateway.documents.cover import Covers
from gateway.documents.render import SourceDocument
from gateway.intake.options import Treatments
from gateway.intake.recipients import RecipientRules
from gateway.spool.attempts import StoredDocument
from gateway.spool.content import ContentStore
from gateway.spool.database import Database
from gateway.spool.figures import Day
from gateway.spool.job import Job
from gateway.spool.logins import LoginStore
from gateway.spool.outbox import Letter
from gateway.web.drawer import Drawer
from gateway.web.pages import Pages
from gateway.web.recent import Recent
from gateway.web.throttle import Throttle
from gateway.web.trials import Trials

Clock = Callable[[], datetime]
DAY_HOLDS = 30.0  # seconds


class NotTaken(Exception):
    """A mail that the gateway refuses; the text is the reply."""


@dataclass(frozen=True, slots=True)
class WouldGo:
    """One job of a mail that was tried: what would be sent."""

    job: Job
    documents: tuple[SourceDocument, ...]
    request: str  # FaxJobRequest as JSON, each document with its size where its data would stand
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errands:
    """What the dashboard has done by rooms that it doesn't know; the composition root gives them.

    `preview` and `send` raise NotTaken; `send` returns the ids of the jobs.
    """

    preview: Callable[[bytes, Sequence[str], str | None], Awaitable[list[WouldGo]]]
    send: Callable[[bytes, str, str], Awaitable[list[str]]]  # mail, reverse-path, local part
    request: Callable[[Job, Sequence[StoredDocument]], str]
    letter: Callable[[Letter], Awaitable[str]]  # the text of a word of ours
    wake: Callable[[], None]  # jobs were moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    current: Callable[[], Settings]  # profiles and numbers can change while the daemon runs
    database: Database
    contents: ContentStore
    logins: LoginStore
    treatments: Treatments
    recipients: RecipientRules
    covers: Covers
    errands: Errands
    pages: Pages
    drawer: Drawer
    throttle: Throttle
    clock: Clock
    trials: Trials = field(default_factory=Trials)
    day: Recent[Day] = field(default_factory=lambda: Recent(DAY_HOLDS))

    @property
    def settings(self) -> Settings:
        return self.current()
