"""The metrics of one daemon (docs/operations.md, "Metrics"). No number, address or id is ever a label.

Counters follow the log: what happens is said once, as an event, and whoever says it needs to know no metric.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

from gateway import __version__
from gateway.fax4a.status_code import StatusCode

_ENHANCED = 2  # where an SMTP reply has its enhanced status code: "554 5.6.0 ..."
_BYTES = (2**10, 2**14, 2**17, 2**20, 2**22, 2**23, 2**24, 2**25)
_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_KNOWN_STATUSES = frozenset(StatusCode)
OTHER = "OTHER"  # a status that the service has come to know after us

Count = Callable[[Mapping[str, Any]], None]


class Metrics:
    """``count`` gets every event of the log, whatever its level."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Info("fax_gateway_build", "The release that runs.", registry=self.registry).info({"version": __version__})
        self._accepted = self._counter("mails_accepted", "Mails answered 250.", "handover")
        self._refused = self._counter("mails_refused", "Mails refused at their end.", "code")
        self._recipients_refused = self._counter("recipients_refused", "RCPT commands refused.", "code")
        self._size = Histogram(
            "fax_gateway_mail_bytes", "Size of accepted mails.", buckets=_BYTES, registry=self.registry
        )
        self._sessions = self._counter("sessions_refused", "Sessions refused for their number.")
        self._logins = self._counter("logins", "Tries to log in by SMTP AUTH.", "outcome")
        self._prepared = self._counter("jobs_prepared", "Jobs whose documents were made, or could not be.", "outcome")
        self._submissions = self._counter("submissions", "Answers to requests, by what they mean.", "outcome")
        self._submit_seconds = Histogram(
            "fax_gateway_submit_seconds",
            "From a request's first byte to the answer that accepts it.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._reported = self._counter("jobs_reported", "Jobs ended by a report.", "state")
        self._recipients = self._counter("recipients_reported", "Recipients by the service's status.", "status")
        self._pages = self._counter("pages_reported", "Pages of reported jobs.")
        self._deadlines = self._counter("deadlines", "Jobs that time alone has moved.", "event")
        self._words = self._counter("words", "Words to senders: sent, waiting after a try, refused.", "outcome")
        self._converters = self._counter("converter_failures", "Documents that broke their converter.", "kind")
        self._datacenter_failures = self._counter("datacenter_failures", "Looks for reports that failed.", "datacenter")
        self._alerts = self._counter("alerts", "What an operator must see.", "alert")
        self._account_paused = self._gauge("account_paused", "1 while the account's requests are refused.")
        self._reload_failed = self._gauge("reload_failed", "1 after a reload that kept something old.")
        self._counts = self._counts_by_event()

    def count(self, event: Mapping[str, Any]) -> None:
        """Never raises for an event of ours; others count nothing."""
        counts = self._counts.get(event.get("event", ""))
        if counts is not None:
            counts(event)

    def _counts_by_event(self) -> dict[str, Count]:
        """One row an event."""
        return {
            "accepted": self._count_accepted,
            "mail_refused": lambda event: self._refused.labels(code=_code(event)).inc(),
            "recipient_refused": lambda event: self._recipients_refused.labels(code=_code(event)).inc(),
            "session_refused": lambda _: self._sessions.inc(),
            "logged_in": lambda _: self._logins.labels(outcome="right").inc(),
            "login_failed": lambda _: self._logins.labels(outcome="wrong").inc(),
            "login_refused": lambda _: self._logins.labels(outcome="too_many").inc(),
            "prepared": lambda _: self._prepared.labels(outcome="prepared").inc(),
            "unpreparable": lambda _: self._prepared.labels(outcome="unpreparable").inc(),
            "submitted": self._count_submitted,
            "not_arrived": self._submission("not_arrived"),
            "rejected": self._submission("rejected"),
            "split": self._submission("split"),
            "in_doubt": self._submission("in_doubt"),
            "account_paused": self._count_paused,
            "account_resumed": lambda _: self._account_paused.set(0),
            "reported": self._count_reported,
            "deadline": lambda event: self._deadlines.labels(event=str(event.get("became", ""))).inc(),
            "word_sent": self._word("sent"),
            "word_waits": self._word("waits"),
            "word_refused": self._word("refused"),
            "converter_failed": lambda event: self._converters.labels(kind=str(event.get("kind", ""))).inc(),
            "datacenter_unavailable": self._count_datacenter,
            # A reload tells of the configuration first, then of each certificate: a failure has the last word.
            "configuration_reloaded": lambda _: self._reload_failed.set(0),
            "configuration_not_reloaded": lambda _: self._reload_failed.set(1),
            "certificate_not_reloaded": lambda _: self._reload_failed.set(1),
            **{
                alert: lambda _, alert=alert: self._alerts.labels(alert=alert).inc()  # type: ignore[misc]
                for alert in ALERTS
            },
        }

    def _count_accepted(self, event: Mapping[str, Any]) -> None:
        self._accepted.labels(handover="repeated" if event.get("repeated") else "first").inc()
        self._size.observe(float(event.get("bytes", 0)))

    def _count_submitted(self, event: Mapping[str, Any]) -> None:
        self._submissions.labels(outcome="submitted").inc()
        if "seconds" in event:
            self._submit_seconds.observe(float(event["seconds"]))

    def _count_paused(self, _: Mapping[str, Any]) -> None:
        self._submissions.labels(outcome="misconfigured").inc()
        self._account_paused.set(1)

    def _count_reported(self, event: Mapping[str, Any]) -> None:
        self._reported.labels(state=str(event.get("state", ""))).inc()
        self._pages.inc(float(event.get("pages") or 0))
        statuses: Sequence[str] = event.get("statuses", ())
        for status in statuses:
            self._recipients.labels(status=status if status in _KNOWN_STATUSES else OTHER).inc()

    def _count_datacenter(self, event: Mapping[str, Any]) -> None:
        self._datacenter_failures.labels(datacenter=str(event.get("datacenter", ""))).inc()

    def _submission(self, outcome: str) -> Count:
        return lambda _: self._submissions.labels(outcome=outcome).inc()

    def _word(self, outcome: str) -> Count:
        return lambda _: self._words.labels(outcome=outcome).inc()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"fax_gateway_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"fax_gateway_{name}", text, registry=self.registry)


# Events that somebody must look at, each with a section in docs/operations.md.
ALERTS = (
    "postmaster_refused",
    "faxed_twice",
    "faxed_unawares",
    "report_contradictory",
    "foreign_report",
    "job_held",
    "list_full",
    "spool_not_writable",
    "account_without_login",
    "clock_set",
    "cover_broken",
)


def _code(event: Mapping[str, Any]) -> str:
    """The enhanced status code of a reply that is written as one line (RFC 3463)."""
    words = str(event.get("reply", "")).split(maxsplit=_ENHANCED)
    return words[1] if len(words) >= _ENHANCED else ""
