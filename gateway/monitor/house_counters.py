"""Of what happens between mail and fax, and of what somebody must look at."""

from collections.abc import Mapping
from typing import Any

from gateway.documents.sniff import Kind
from gateway.monitor.counting import Count, Family, one_of

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
TASKS = ("inspect", "convert", "unpack", "leave_out_blanks")
_KINDS = frozenset(Kind)
DEADLINES = ("expired", "report_overdue", "warned_at", "late_told_at")
WORDS = (
    *("delayed", "failed", "expired", "doubt", "cancelled"),
    *("result", "outcome", "perhaps", "resolved"),
    *("postmaster", "undelivered"),
)
# Events that somebody must look at, each with a section in docs/operations.md.
ALERTS = (
    "postmaster_refused",
    "faxed_twice",
    "faxed_unawares",
    "report_contradictory",
    "request_repeated",
    "foreign_report",
    "job_held",
    "list_full",
    "spool_not_writable",
    "account_without_login",
    "lease_lost",
    "daemon_gone",
    "clock_set",
    "cover_broken",
)


class HouseCounters:
    def __init__(self, family: Family) -> None:
        self._prepared = family.counter(
            "jobs_prepared", "Jobs whose documents were made, or could not be.", outcome=("prepared", "unpreparable")
        )
        self._conversions = family.counter(
            "conversions",
            "Documents given to a converter process: done, found faulty, broken by it, out of time.",
            task=(),
            kind=(),
            outcome=(),
        )
        self._conversion_seconds = family.histogram(
            "conversion_seconds", "What such a process took.", _SECONDS, task=TASKS
        )
        self._deadlines = family.counter("deadlines", "Jobs that time alone has moved.", event=DEADLINES)
        self._words = family.counter(
            "words", "Words to senders, each try.", word=WORDS, outcome=("sent", "waits", "refused")
        )
        self._alerts = family.counter("alerts", "What an operator must see.", alert=ALERTS)
        self._reload_failed = family.gauge("reload_failed", "1 after a reload that kept something old.")

    def counts(self) -> dict[str, Count]:
        """By event."""
        return {
            "prepared": lambda _: self._prepared.labels("prepared").inc(),
            "unpreparable": lambda _: self._prepared.labels("unpreparable").inc(),
            "converted": self._count_conversion,
            "converter_failed": self._conversion("failed"),
            "converter_stopped": self._conversion("stopped"),
            "deadline": lambda event: self._deadlines.labels(one_of(DEADLINES, event, "became")).inc(),
            "word_sent": self._word("sent"),
            "word_waits": self._word("waits"),
            "word_refused": self._word("refused"),
            # A reload tells of the configuration first, then of each certificate: a failure has the last word.
            "configuration_reloaded": lambda _: self._reload_failed.set(0),
            "configuration_not_reloaded": lambda _: self._reload_failed.set(1),
            "certificate_not_reloaded": lambda _: self._reload_failed.set(1),
        }

    def alerts(self) -> dict[str, Count]:
        """Beside what else counts such an event."""
        return {alert: self._alert(alert) for alert in ALERTS}

    def _alert(self, alert: str) -> Count:
        return lambda _: self._alerts.labels(alert).inc()

    def _count_conversion(self, event: Mapping[str, Any]) -> None:
        self._conversion("faulty" if event.get("faulty") else "done")(event)
        self._conversion_seconds.labels(one_of(TASKS, event, "task")).observe(float(event.get("seconds", 0)))

    def _conversion(self, outcome: str) -> Count:
        def count(event: Mapping[str, Any]) -> None:
            self._conversions.labels(one_of(TASKS, event, "task"), one_of(_KINDS, event, "kind"), outcome).inc()

        return count

    def _word(self, outcome: str) -> Count:
        return lambda event: self._words.labels(one_of(WORDS, event, "word"), outcome).inc()
