"""Who of a job's recipients is told a word: RFC 3461 §4.1 and docs/architecture.md, "The word". Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.fax4a.status import delivered, perhaps_delivered
from gateway.spool.forward_path import ForwardPath, Notify, report_wish
from gateway.spool.job import Recipient


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient of a word, by the forward-path whose sender wants to hear of it."""

    recipient: Recipient
    path: ForwardPath


def told(recipients: Sequence[Recipient], word: str, report_on: str = "always") -> tuple[Told, ...]:
    """Those whom `word` is about and who want to hear it; empty: it is not said.

    `report_on` (always, failure, never) holds for "result" where NOTIFY says nothing.
    """
    return tuple(
        Told(recipient, path)
        for recipient in recipients
        for path in recipient.forward_paths
        if _hears(recipient, path, word, report_on)
    )


def _hears(recipient: Recipient, path: ForwardPath, word: str, report_on: str) -> bool:
    match word:
        case "result":
            wish = report_wish([path], report_on)
            return wish.success if delivered(recipient.status or "") else wish.failure
        case "delayed":
            return path.accepts(Notify.DELAY)
        case "perhaps":
            return path.accepts(Notify.FAILURE) and perhaps_delivered(recipient.status or "")
        case "resolved":
            return path.notify is None or bool(path.notify & {Notify.SUCCESS, Notify.FAILURE})
        case "outcome":
            return any(path.asks_for(what) for what in _outcome(recipient))
        case _:
            return path.accepts(Notify.FAILURE)


def _outcome(recipient: Recipient) -> Iterator[Notify]:
    """What a report says for certain."""
    if recipient.status is None or perhaps_delivered(recipient.status):
        return
    yield Notify.SUCCESS if delivered(recipient.status) else Notify.FAILURE
