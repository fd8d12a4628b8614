"""Gauges of the spool and of the machine under it, set when somebody asks for the metrics."""

from prometheus_client import CollectorRegistry, Gauge

from gateway.monitor.machine import Machine
from gateway.monitor.readiness import Condition
from gateway.spool.census import Census
from gateway.spool.pauses import Activity


class SpoolGauges:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._jobs = Gauge("fax_gateway_jobs", "Jobs in the spool.", ["state"], registry=registry)
        self._oldest = Gauge(
            "fax_gateway_oldest_job_seconds", "Since the mail of the oldest job.", ["state"], registry=registry
        )
        self._paused = Gauge(
            "fax_gateway_paused", "1 while an operator or delivery.paused stops it.", ["activity"], registry=registry
        )
        self._words = Gauge("fax_gateway_words_waiting", "Words to senders that wait.", registry=registry)
        self._oldest_word = Gauge("fax_gateway_oldest_word_seconds", "Since the oldest was due.", registry=registry)
        self._disk = Gauge("fax_gateway_spool_free_bytes", "Free where the spool stands.", registry=registry)
        self._disk_size = Gauge("fax_gateway_spool_size_bytes", "Of the file system of the spool.", registry=registry)
        self._sessions = Gauge("fax_gateway_sessions", "Sessions of the mail front.", registry=registry)
        self._lag = Gauge(
            "fax_gateway_loop_lag_seconds", "Longest wait of the event loop since the last look.", registry=registry
        )
        self._certificate = Gauge(
            "fax_gateway_certificate_end_timestamp_seconds", "When the certificate ends.", registry=registry
        )

    def set(self, census: Census, machine: Machine, condition: Condition) -> None:
        paused = {switch.activity for switch in census.paused}
        if condition.paused:
            paused.add(Activity.SUBMIT)
        for activity in Activity:
            self._paused.labels(activity=activity.value).set(activity in paused)
        for state, count in census.jobs.items():
            self._jobs.labels(state=state.value).set(count)
        for state, age in census.oldest.items():
            self._oldest.labels(state=state.value).set(age.total_seconds())
        self._words.set(census.words_waiting)
        self._oldest_word.set(census.oldest_word.total_seconds())
        self._disk.set(machine.disk_free)
        self._disk_size.set(machine.disk_size)
        self._sessions.set(machine.sessions)
        self._lag.set(machine.loop_lag)
        if machine.certificate_ends is not None:
            self._certificate.set(machine.certificate_ends.timestamp())
