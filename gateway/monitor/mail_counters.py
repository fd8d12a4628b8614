"""Of the mail front: mails by verdict, sessions, logins."""

from collections.abc import Mapping
from typing import Any

from gateway.monitor.counting import Count, Family, reply_code

_BYTES = (2**10, 2**14, 2**17, 2**20, 2**22, 2**23, 2**24, 2**25)


class MailCounters:
    def __init__(self, family: Family) -> None:
        self._accepted = family.counter("mails_accepted", "Mails answered 250.", handover=("first", "repeated"))
        self._jobs = family.counter("jobs_accepted", "Jobs that these mails became.")
        self._to_postmaster = family.counter("postmaster_mails_accepted", "Mails taken for the postmaster.")
        self._refused = family.counter("mails_refused", "Mails refused at their end.", code=())
        self._senders_refused = family.counter("senders_refused", "MAIL commands refused: no room, paused.", code=())
        self._recipients_refused = family.counter("recipients_refused", "RCPT commands refused.", code=())
        self._size = family.histogram("mail_bytes", "Size of accepted mails.", _BYTES)
        self._sessions = family.counter("sessions_refused", "Sessions refused for their number.")
        self._logins = family.counter(
            "logins", "Tries to log in by SMTP AUTH.", outcome=("right", "wrong", "too_many", "unchecked")
        )

    def counts(self) -> dict[str, Count]:
        """By event."""
        return {
            "accepted": self._count_accepted,
            "accepted_for_postmaster": lambda _: self._to_postmaster.inc(),
            "mail_refused": lambda event: self._refused.labels(reply_code(event)).inc(),
            "sender_refused": lambda event: self._senders_refused.labels(reply_code(event)).inc(),
            "recipient_refused": lambda event: self._recipients_refused.labels(reply_code(event)).inc(),
            "session_refused": lambda _: self._sessions.inc(),
            "logged_in": self._login("right"),
            "login_failed": self._login("wrong"),
            "login_refused": self._login("too_many"),
            "login_unchecked": self._login("unchecked"),
        }

    def _count_accepted(self, event: Mapping[str, Any]) -> None:
        """There is an event for each job of a mail."""
        if not event.get("repeated"):
            self._jobs.inc()
        if event.get("job_of_mail", 1) == 1:
            self._accepted.labels("repeated" if event.get("repeated") else "first").inc()
            self._size.observe(float(event.get("bytes", 0)))

    def _login(self, outcome: str) -> Count:
        return lambda _: self._logins.labels(outcome).inc()
