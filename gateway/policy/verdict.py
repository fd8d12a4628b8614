"""What a rule says: a number, a sender, an hour, an amount is allowed, or it is not and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowed:
    """The number may be faxed to; `prefix` is the allow prefix that says so."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Denied:
    """Not allowed. `rule` is the key and what of it decides, or the kind of number; `sentence` is for the sender."""

    rule: str
    sentence: str
    enhanced_code: str = "5.7.1"  # RFC 3463 §3.8: not authorized, message refused
    code: int = 550


@dataclass(frozen=True, slots=True)
class Look:
    """One rule that was looked at, and what it found, as a clause; with `denied` it ended the look."""

    rule: str
    found: str
    denied: Denied | None = None

    @property
    def key(self) -> str:
        """The key of the configuration that the rule stands in; a kind of number is a rule of its own, without one."""
        return self.rule.partition(" ")[0]


def denied(rule: str, found: str, sentence: str, code: int = 550, enhanced_code: str = "5.7.1") -> Look:
    return Look(rule, found, Denied(rule, sentence, enhanced_code, code))
