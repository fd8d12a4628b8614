"""What the handlers of the sandbox share: settings, chance, faults, jobs, and who asked for what."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from gateway.sandbox.faults import Faults
from gateway.sandbox.faxing import Machine
from gateway.sandbox.jobs import Jobs
from gateway.sandbox.options import SandboxOptions
from gateway.sandbox.push import Pusher
from gateway.sandbox.reportmail import ReportMailer
from gateway.sandbox.settings import Settings

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
    status: int


@dataclass(slots=True)
class State:
    options: SandboxOptions
    clock: Callable[[], datetime]
    settings: Settings = field(init=False)
    chance: Random = field(init=False)
    faults: Faults = field(init=False)
    jobs: Jobs = field(init=False)
    machine: Machine = field(init=False)
    accesses: list[Access] = field(default_factory=list)

    def __post_init__(self) -> None:
        options = self.options
        self.settings = Settings(seed=options.seed)
        self.chance = Random(options.seed)  # noqa: S311 - of a test service
        self.faults = Faults(self.chance)
        self.jobs = Jobs(options.data_dir)
        self.machine = Machine(
            data_dir=options.data_dir,
            render=options.render,
            mailer=ReportMailer(*options.report_smtp) if options.report_smtp is not None else None,
            pusher=Pusher(self.faults, lambda: self.settings),
            settings=lambda: self.settings,
            clock=self.clock,
            chance=lambda: self.chance,
        )

    def change(self, settings: Settings) -> None:
        """A seed begins chance anew, so that a test can repeat what it saw."""
        self.settings = settings
        if settings.seed is not None:
            self.chance.seed(settings.seed)

    def note(self, access: Access) -> None:
        if len(self.accesses) >= LONGEST_ACCESS_LOG:
            del self.accesses[: LONGEST_ACCESS_LOG // 2]
        self.accesses.append(access)
