"""A forward-path that named a fax number, and what its sender wants to hear of it (RFC 3461). Pure.

Two forward-paths of a mail may name one number: it is faxed once, and each keeps what it asked for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Notify(StrEnum):
    """RFC 3461 §4.1; NEVER is the empty set of them."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    DELAY = "DELAY"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardPath:
    address: str  # as RCPT had it
    notify: frozenset[Notify] | None = None  # None: RCPT did not say
    orcpt: str | None = None  # as RCPT had it, xtext not decoded (RFC 3461 §4.2)
    display_name: str | None = None  # of the person, where the address names one
    tag: str | None = None  # the sender's own mark
    alias: str | None = None  # the name of the address book, where it was one

    def accepts(self, what: Notify) -> bool:
        """Whether a word of this kind may be said: who says nothing hears of failures and delays (RFC 3461 §4.1)."""
        return what is not Notify.SUCCESS if self.notify is None else what in self.notify

    def asks_for(self, what: Notify) -> bool:
        """Whether RCPT named it."""
        return self.notify is not None and what in self.notify

    def to_row(self) -> dict[str, Any]:
        """As JSON; what RCPT did not say is left out."""
        said = {"orcpt": self.orcpt, "display_name": self.display_name, "tag": self.tag, "alias": self.alias}
        row: dict[str, Any] = {"address": self.address} | {key: value for key, value in said.items() if value}
        return row if self.notify is None else row | {"notify": sorted(self.notify)}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        notify = frozenset(Notify(word) for word in row["notify"]) if "notify" in row else None
        return cls(
            address=row["address"],
            notify=notify,
            orcpt=row.get("orcpt"),
            display_name=row.get("display_name"),
            tag=row.get("tag"),
            alias=row.get("alias"),
        )


@dataclass(frozen=True, slots=True)
class ReportWish:
    """Which outcomes of a number its sender is to be told by the fax service."""

    success: bool
    failure: bool


def report_wish(paths: Collection[ForwardPath], report_on: str) -> ReportWish:
    """The union over the forward-paths of one number; `report_on` (always, failure, never) where one says nothing."""
    usual = ReportWish(success=report_on == "always", failure=report_on != "never")
    wishes = [
        usual
        if path.notify is None
        else ReportWish(success=Notify.SUCCESS in path.notify, failure=Notify.FAILURE in path.notify)
        for path in paths
    ]
    return ReportWish(success=any(w.success for w in wishes), failure=any(w.failure for w in wishes))
