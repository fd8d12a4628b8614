"""Gauges of the spool and of the machine under it, set when somebody asks for the metrics."""

from prometheus_client import CollectorRegistry

from gateway.monitor.counting import Family
from gateway.monitor.machine import Machine
from gateway.spool.census import Census
from gateway.spool.pauses import Activity


class SpoolGauges:
    def __init__(self, registry: CollectorRegistry) -> None:
        gauge = Family(registry).gauge
        self._jobs = gauge("jobs", "Jobs in the spool.", "state")
        self._oldest = gauge("oldest_job_seconds", "Since the mail of the oldest job.", "state")
        self._oldest_open = gauge("oldest_undelivered_seconds", "Since the oldest job without an end could start.")
        self._oldest_doubt = gauge("oldest_in_doubt_seconds", "Since an attempt left the oldest of them in doubt.")
        self._paused = gauge("paused", "1 while an operator or delivery.paused stops it.", "activity")
        self._words = gauge("words_waiting", "Words to senders that wait.")
        self._oldest_word = gauge("oldest_word_seconds", "Since the oldest was due.")
        self._writable = gauge("spool_writable", "1 where a write of a moment ago is on disk.")
        self._free = gauge("disk_free_bytes", "Free where the spool, or the content of mails stands.", "place")
        self._size = gauge("disk_size_bytes", "Of that file system.", "place")
        self._used = gauge("disk_used_ratio", "The share of it that is in use; above 0.95 no mail is taken.", "place")
        self._sessions = gauge("sessions", "Sessions of the mail front.")
        self._lag = gauge("loop_lag_seconds", "Longest wait of the event loop since the last look.")
        self._certificate = gauge(
            "certificate_end_timestamp_seconds", "When the certificate ends that is shown there.", "listener"
        )

    def set_spool(self, census: Census, *, paused_by_configuration: bool) -> None:
        paused = {switch.activity for switch in census.paused}
        if paused_by_configuration:
            paused.add(Activity.SUBMIT)
        for activity in Activity:
            self._paused.labels(activity.value).set(activity in paused)
        for state, count in census.jobs.items():
            self._jobs.labels(state.value).set(count)
        for state, age in census.oldest.items():
            self._oldest.labels(state.value).set(age.total_seconds())
        self._oldest_open.set(census.oldest_open.total_seconds())
        self._oldest_doubt.set(census.oldest_doubt.total_seconds())
        self._words.set(census.words_waiting)
        self._oldest_word.set(census.oldest_word.total_seconds())

    def set_machine(self, machine: Machine, *, writable: bool) -> None:
        self._writable.set(writable)
        for place, disk in machine.disks.items():
            self._free.labels(place).set(disk.free)
            self._size.labels(place).set(disk.size)
            self._used.labels(place).set(disk.used)
        self._sessions.set(machine.sessions)
        self._lag.set(machine.loop_lag)
        for listener, ends in machine.certificate_ends.items():
            self._certificate.labels(listener).set(ends.timestamp())
