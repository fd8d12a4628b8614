"""SIGHUP: the configuration is read again, and what can change while the daemon runs takes effect.

A file with a mistake changes nothing: the configuration from before stays, and a log line and a metric say so.
"""

from collections.abc import Callable, Sequence

import structlog

from gateway.config import ConfigError, Settings
from gateway.config.changes import changed_keys, needs_restart
from gateway.daemon import wiring
from gateway.daemon.checks import cover_problems
from gateway.intake.options import Treatments

log = structlog.get_logger()


class LatestTreatments(Treatments):
    """The treatments of the configuration that was read last; a mail that is here already keeps what it got."""

    def __init__(self, settings: Settings) -> None:
        self.take(settings)

    def take(self, settings: Settings) -> None:
        super().__init__(wiring.treatments(settings).usual, settings.profile)
        self.settings = settings  # what they were made of


class Reloader:
    """`read` raises ConfigError; each of `takers` puts its part of good settings into effect."""

    def __init__(
        self,
        started_with: Settings,
        *,
        read: Callable[[], Settings],
        takers: Sequence[Callable[[Settings], None]],
        reload_certificates: Callable[[], None],
    ) -> None:
        self._started_with = started_with
        self._newest = started_with
        self._read = read
        self._takers = takers
        self._reload_certificates = reload_certificates

    def reload(self) -> None:
        self._reload_configuration()
        self._reload_certificates()  # after it: whatever fails has the last word in the metric

    def _reload_configuration(self) -> None:
        try:
            settings = self._read()
        except ConfigError as error:
            hint = "the configuration from before is still in use; mend the file and reload again"
            log.error("configuration_not_reloaded", problems=list(error.problems), hint=hint)  # noqa: TRY400 - the file's fault
            return
        changed = [key for key in changed_keys(settings, self._newest) if not needs_restart(key)]
        for take in self._takers:
            take(settings)
        self._newest = settings
        for problem in cover_problems(settings, wiring.covers(self._started_with)):
            log.warning("cover_broken", cover=problem.subject, problem=problem.sentence)
        log.info("configuration_reloaded", changed=changed)
        waiting = [key for key in changed_keys(settings, self._started_with) if needs_restart(key)]
        if waiting:
            log.warning("restart_needed", keys=waiting, hint="these take effect at the next start")
