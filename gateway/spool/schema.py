"""The spool's tables. The migrations make them (``migrations/``); a test holds both against each other.

Times are UTC with zone, ids are 128 random bits in hex, addresses are kept as the envelope had them.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from gateway.spool.columns import Foreign, Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(32)


def _where(condition: str) -> dict[str, Any]:
    """A partial index, on either database."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


content = Table(
    "content",
    metadata,
    Column("id", Id, primary_key=True),
    Column("size", Integer, nullable=False),  # bytes
    Column("sha256", String(64)),  # of documents; a mail needs none
    Column("inline", LargeBinary),  # the bytes themselves, or NULL: then a file of that id holds them
    Column("purged_at", Moment, index=True),  # when the bytes were taken; the row stays while something refers to it
)

mail = Table(
    "mail",
    metadata,
    Column("id", Id, primary_key=True),
    Column("received_at", Moment, nullable=False),
    Column("reverse_path", String(320), nullable=False),  # RFC 5321 §4.5.3.1; empty: the null reverse-path
    Column("report_to", String(320), nullable=False),  # whom every word about this mail goes to
    Column("client", String(64), nullable=False),  # address of the SMTP client
    Column("helo", Foreign(255), nullable=False),
    Column("queue_id", Foreign(64)),  # the relay's, from its Received line
    Column("message_id", Foreign()),
    Column("subject", Foreign(), nullable=False),
    Column("language", String(2), nullable=False),
    Column("numbers", Integer, nullable=False),  # how many the envelope named
    Column("content_id", ForeignKey("content.id"), nullable=False, index=True),  # the mail as it came
    Column("envid", Foreign(100)),  # RFC 3461 §4.4
    Column("ret", String(4)),  # RFC 3461 §4.3
)

account = Table(
    "account",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of what follows
    Column("send_url", Text, nullable=False),
    Column("datacenters", JSON, nullable=False),  # {name: base URL}
    Column("customer_number", Text, nullable=False),
    Column("username", Text, nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("id", Id, primary_key=True),  # also reference.customerDefinedId
    Column("mail_id", ForeignKey("mail.id"), nullable=False, index=True),
    Column("parent_id", ForeignKey("job.id")),  # the job it was split or retried from
    Column("options", JSON, nullable=False),  # JobOptions
    Column("state", String(16), nullable=False),
    Column("former", String(16)),  # of a held job
    Column("perhaps_arrived", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("start_at", Moment, nullable=False),  # not submitted before; the deadlines count from here
    Column("due_at", Moment, nullable=False),  # the next thing to do for it: prepare, submit, look for its report
    Column("ends_by", Moment),  # RFC 2852, by-mode R: it ends then
    Column("late_by", Moment),  # RFC 2852, by-mode N: its sender is told then that it is late
    Column("warned_at", Moment),  # when the "delayed" DSN of delivery.warn_after was committed
    Column("late_told_at", Moment),  # when the one of late_by was
    Column(
        "attempts", Integer, nullable=False
    ),  # the number of the newest attempt; every transition is conditional on it
    Column("owner", Id),  # the daemon that has it in hand
    Column("account_id", ForeignKey("account.id")),  # of the newest attempt
    Column("sent_at", Moment),  # when the newest attempt began
    Column("valid_until", Moment),  # its jobValid.end
    Column("accepted_at", Moment),  # when the API said that it has the job: 2xx, or 409
    Column("wire_id", String(64), index=True),  # the API's jobId
    Column("datacenter", String(32)),  # where its report was found
    Column("pages", Integer),
    Column("last_error", Foreign()),
    Column("finished_at", Moment),
    Column("restored_at", Moment),  # from a backup: what became of it between the two, nobody here knows
    Column("erased_at", Moment),  # what it held of persons is gone, see erasing.py
    Index("ix_job_state_due_at", "state", "due_at", "start_at", "warned_at"),  # the last two: deadlines read no rows
    # Deadlines (overdue.py). Partial: taking a mail and preparing it writes none of them.
    Index("ix_job_valid_until", "state", "valid_until", **_where("valid_until IS NOT NULL")),
    Index("ix_job_ends_by", "state", "ends_by", **_where("ends_by IS NOT NULL")),
    Index("ix_job_late_by", "state", "late_by", **_where("late_by IS NOT NULL")),
    # The dashboard: its list goes from page to page by them, its charts count by the second alone.
    Index("ix_job_created_at", "created_at", "id"),
    Index("ix_job_finished_at", "finished_at", "state", **_where("finished_at IS NOT NULL")),
    Index("ix_job_owner", "owner", "state", **_where("owner IS NOT NULL")),  # what somebody has in hand
)

legal_hold = Table(  # what these name is neither purged nor erased; of the two columns one is set
    "legal_hold",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("job_id", ForeignKey("job.id"), index=True),
    Column("sender", String(320)),  # a glob on the reverse-path
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("reason", Text, nullable=False),
)

# When a data centre's list of reports was last read, whole: what was missing in it was not there.
list_read = Table(
    "list_read",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("datacenter", String(32), primary_key=True),
    Column("read_at", Moment, nullable=False),  # when it was asked for
)

pause = Table(  # the emergency stop: rows are only added, the newest of an activity counts
    "pause",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("actor", Foreign(64), nullable=False),  # the operator
    Column("activity", String(16), nullable=False),  # accept, submit
    Column("paused", Boolean, nullable=False),  # false: resumed
)

recipient = Table(
    "recipient",
    metadata,
    Column("job_id", ForeignKey("job.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("number", String(16), nullable=False),  # E.164
    Column("forward_paths", JSON, nullable=False),  # [ForwardPath], those that named it
    Column("dedupe_key", String(64)),
    Column("status", Foreign(64)),  # as on the wire, known or not
    Column("reason", Foreign()),
    Column("sent_at", Moment),
    Column("duration_seconds", Integer),
    Column("sent_to_number", Foreign()),
    Column("remote_csid", Foreign()),
)

document = Table(
    "document",
    metadata,
    Column("job_id", ForeignKey("job.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", String(32), nullable=False),
    Column("charset", String(16)),
    Column("content_id", ForeignKey("content.id"), nullable=False, index=True),
)

attempt = Table(
    "attempt",
    metadata,
    Column("job_id", ForeignKey("job.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("valid_until", Moment, nullable=False),
    Column("outcome", String(32)),
    Column("wire_id", String(64)),
)

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("job_id", ForeignKey("job.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("actor", Foreign(64), nullable=False),  # the room, or the operator
    Column("name", String(32), nullable=False),
    Column("from_state", String(16)),
    Column("to_state", String(16)),
    Column("detail", Foreign(), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),  # also the left half of the Message-ID
    Column("job_id", ForeignKey("job.id"), index=True),  # NULL: a mail to the postmaster
    Column("word", String(16), nullable=False),
    Column("reverse_path", String(320), nullable=False),  # empty for every word of ours (RFC 3464 §2)
    Column("forward_path", String(320), nullable=False),
    Column("detail", Foreign(), nullable=False),  # what the API or the daemon said, for the human text
    Column("content_id", ForeignKey("content.id"), index=True),  # the whole message, where it isn't made from the job
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("last_error", Foreign()),
    Column("sent_at", Moment),
    Column("refused_at", Moment),
    Column("owner", Id),  # the daemon that is about to send it
    Index("ix_outbox_due_at", "sent_at", "refused_at", "due_at"),
)

deletion = Table(  # committed to-dos: reports that are stored here and must go at the data centres
    "deletion",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("datacenter", String(32), primary_key=True),
    Column("wire_id", String(64), primary_key=True),
    Column("due_at", Moment, nullable=False),
)

push_key = Table(  # what push tokens are made with: one row
    "push_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)

login = Table(  # of SMTP AUTH and of the dashboard
    "login",
    metadata,
    Column("name", String(255), primary_key=True),  # in lower case
    Column("password_hash", Text, nullable=False),  # argon2id, PHC string
    Column("role", String(16), nullable=False),  # Role
    Column("created_at", Moment, nullable=False),
)

web_session = Table(  # who is logged in at the dashboard
    "web_session",
    metadata,
    Column("key", String(64), primary_key=True),  # SHA-256 of what the cookie holds: the table alone lets nobody in
    Column("login", ForeignKey("login.name"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

audit = Table(  # who looked at what and did what, in the dashboard and on the command line
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("login", String(255), nullable=False),
    Column("address", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("job_id", Id),  # no foreign key: it outlives its job
    Column("detail", Foreign(), nullable=False),
)

quota_use = Table(  # what mails count against quotas; a row only where there are any, and only for a day
    "quota_use",
    metadata,
    Column("mail_id", Id, primary_key=True),  # no foreign key: neither waits for the other to be purged
    Column("sender", String(320), nullable=False),  # in lower case: the AUTH user, else the reverse-path
    Column("at", Moment, nullable=False),
    Column("recipients", Integer, nullable=False),
    Column("pages", Integer, nullable=False),  # for each recipient
    # Both hold all that is counted: no row is read.
    Index("ix_quota_use_sender", "sender", "at", "recipients", "pages"),
    Index("ix_quota_use_at", "at", "recipients", "pages"),
)

daemon = Table(  # who has this spool open, where several may: each renews its row while it lives
    "daemon",
    metadata,
    Column("id", Id, primary_key=True),
    Column("host", String(255), nullable=False),
    Column("schema", Integer, nullable=False),  # the newest that its release knows
    Column("started_at", Moment, nullable=False),  # both by the database's clock
    Column("renewed_at", Moment, nullable=False),
)

writer = Table(  # who writes, and the mark of its last transaction: whether that was committed (commits.py)
    "writer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("mark", Id, nullable=False),
    Column("marked_at", Moment, nullable=False),
)

schema_version = Table(  # one row
    "schema_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("oldest_daemon", Integer, nullable=False),  # the oldest schema whose daemons can work with this one
)

handover = Table(  # the same mail twice: one row per reverse-path, Message-ID, number and body
    "handover",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("job_id", ForeignKey("job.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
)
