"""Of the fax service: what it answered to requests, and what it reported."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.fax4a.status_code import StatusClass, StatusCode, classify
from gateway.monitor.counting import OTHER, Count, Family, datacenter_of, one_of
from gateway.spool.states import State

_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_LAG_SECONDS = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
_REPORTING_SECONDS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0)
_STATUSES = frozenset(StatusCode)
REPORTED = (State.SENT, State.PARTLY_SENT, State.FAILED)
# docs/architecture.md, "Answers to a send", a row each.
OUTCOMES = ("submitted", "not_arrived", "misconfigured", "rejected", "split", "accepted_earlier", "in_doubt")


class FaxCounters:
    def __init__(self, family: Family) -> None:
        self._submissions = family.counter("submissions", "Answers to requests, by what they mean.", outcome=OUTCOMES)
        self._submit_seconds = family.histogram(
            "submit_seconds", "From a request's first byte to the answer that accepts it.", _SECONDS
        )
        self._account_paused = family.gauge("account_paused", "1 while the account's requests are refused.")
        self._reported = family.counter("jobs_reported", "Jobs ended by a report.", state=REPORTED)
        self._recipients = family.counter("recipients_reported", "Recipients.", status_class=(), status=())
        self._pages = family.counter("pages_reported", "Pages of reported jobs.")
        self._reporting_seconds = family.histogram(
            "reporting_seconds", "From the answer that accepts a request to its report.", _REPORTING_SECONDS
        )
        self._lag_seconds = family.histogram(
            "report_lag_seconds", "From a job's last dialling, by the service's clock, to its report.", _LAG_SECONDS
        )
        self._failures = family.counter("datacenter_failures", "Looks for reports that failed.", datacenter=())
        self._available = family.gauge("datacenter_available", "0 while looks for reports fail there.", "datacenter")
        for code in StatusCode:
            self._recipients.labels(classify(code), code)

    def expect(self, datacenters: Iterable[str]) -> None:
        """Those of the configuration, which are well until somebody says otherwise."""
        for name in datacenters:
            event = {"datacenter": name}
            self._failures.labels(datacenter_of(event))
            self._available.labels(datacenter_of(event)).set(1)

    def counts(self) -> dict[str, Count]:
        """By event."""
        return {
            "submitted": self._count_submitted,
            "not_arrived": self._submission("not_arrived"),
            "rejected": self._submission("rejected"),
            "split": self._submission("split"),
            "accepted_earlier": self._submission("accepted_earlier"),
            "request_repeated": self._submission("accepted_earlier"),
            "in_doubt": self._submission("in_doubt"),
            "account_paused": self._count_paused,
            "probe_refused": self._submission("misconfigured"),
            "job_held": self._submission("misconfigured"),
            "account_resumed": lambda _: self._account_paused.set(0),
            "reported": self._count_reported,
            "datacenter_unavailable": self._count_unavailable,
            "datacenter_available": lambda event: self._available.labels(datacenter_of(event)).set(1),
        }

    def _submission(self, outcome: str) -> Count:
        return lambda _: self._submissions.labels(outcome).inc()

    def _count_submitted(self, event: Mapping[str, Any]) -> None:
        self._submissions.labels("submitted").inc()
        if "seconds" in event:
            self._submit_seconds.observe(float(event["seconds"]))

    def _count_paused(self, _: Mapping[str, Any]) -> None:
        self._submissions.labels("misconfigured").inc()
        self._account_paused.set(1)

    def _count_reported(self, event: Mapping[str, Any]) -> None:
        self._reported.labels(one_of(REPORTED, event, "state")).inc()
        self._pages.inc(float(event.get("pages") or 0))
        statuses: Sequence[str] = event.get("statuses", ())
        for status in statuses:
            if status in _STATUSES:
                self._recipients.labels(classify(status), status).inc()
            else:
                self._recipients.labels(StatusClass.UNKNOWN, OTHER).inc()
        for key, histogram in (("seconds", self._reporting_seconds), ("lag_s", self._lag_seconds)):
            if event.get(key) is not None:
                histogram.observe(float(event[key]))

    def _count_unavailable(self, event: Mapping[str, Any]) -> None:
        self._failures.labels(datacenter_of(event)).inc()
        self._available.labels(datacenter_of(event)).set(0)
