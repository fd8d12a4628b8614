"""What the handlers of the sandbox share: settings, chance, faults, jobs, and who asked for what."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.sandbox.chance import Chance
from gateway.sandbox.faults import Faults
from gateway.sandbox.faxing import Machine
from gateway.sandbox.jobs import Jobs
from gateway.sandbox.options import SandboxOptions
from gateway.sandbox.push import Pusher
from gateway.sandbox.reportmail import ReportMailer
from gateway.sandbox.settings import Settings
from gateway.sandbox.worker import Worker

DATACENTERS = ("dc1", "dc2")
HA = "ha"
LONGEST_ACCESS_LOG = 100_000  # lines


@dataclass(frozen=True, slots=True)
class Access:
    """One request to the API."""

    at: datetime
    base: str  # ha, dc1 or dc2
    method: str
    path: str
    login: str | None
    status: int | None  # None: cut off before there was an answer


@dataclass(slots=True)
class State:
    options: SandboxOptions
    clock: Callable[[], datetime]
    settings: Settings = field(init=False)
    chance: Chance = field(init=False)
    faults: Faults = field(init=False)
    jobs: Jobs = field(init=False)
    machine: Machine = field(init=False)
    accesses: list[Access] = field(default_factory=list)

    def __post_init__(self) -> None:
        options = self.options
        self.settings = Settings(seed=options.seed)
        self.chance = Chance(options.seed)
        self.faults = Faults(self.chance.faults)
        self.jobs = Jobs(options.data_dir)
        self.machine = Machine(
            data_dir=options.data_dir,
            worker=Worker() if options.render else None,
            mailer=ReportMailer(*options.report_smtp) if options.report_smtp is not None else None,
            pusher=Pusher(self.faults, lambda: self.settings),
            settings=lambda: self.settings,
            clock=self.clock,
        )

    def change(self, settings: Settings, *, begin_anew: bool) -> None:
        """`begin_anew`: the seed was set, if to what it was; a test can repeat what it saw."""
        self.settings = settings
        if begin_anew:
            self.chance.begin(settings.seed)

    def note(self, access: Access) -> None:
        if len(self.accesses) >= LONGEST_ACCESS_LOG:
            del self.accesses[: LONGEST_ACCESS_LOG // 2]
        self.accesses.append(access)
