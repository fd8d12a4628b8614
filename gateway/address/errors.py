"""Why an address is no fax address: told to the sender in a sentence, to an operator in one word (RFC 3463 codes)."""

import unicodedata

_CLIP = 64  # characters of a culprit that a reply repeats; a reply line ends at 512 octets (RFC 5321 §4.5.3.1.5)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class AddressError(ValueError):
    """A local part that is refused.

    `sentence`: for the sender; names the culprit as it was written and how to write it. It may hold the sender's own
    non-ASCII characters (never control or format characters); who puts it into an SMTP reply keeps RFC 6531 §3.7.4.
    `enhanced_code`: RFC 3463, "5.1.3" where the form is wrong, "5.1.1" where it is right and no such number exists.
    `rule`: a short name for operators (`check --sender`), of a small closed set (docs/addresses.md).
    """

    def __init__(self, sentence: str, *, rule: str, enhanced_code: str = "5.1.3") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.enhanced_code = enhanced_code
        self.rule = rule


def quoted(culprit: str) -> str:
    """The culprit as a sentence shows it: quoted, clipped, with every character that can't be seen named."""
    shown = "".join(_visible(character) for character in culprit[:_CLIP])
    return f'"{shown}..."' if len(culprit) > _CLIP else f'"{shown}"'


def not_a_number(written: str, reason: str, hint: str, *, rule: str) -> AddressError:
    """The form is wrong or leaves a doubt."""
    return AddressError(f"{quoted(written)} is not a fax number: {reason}. {hint}", rule=rule)


def no_such_number(written: str, reason: str, hint: str, *, rule: str) -> AddressError:
    """The form is right, the mailbox doesn't exist (RFC 3463 §3.2: 5.1.1)."""
    return AddressError(f"{quoted(written)} is not a fax number: {reason}. {hint}", rule=rule, enhanced_code="5.1.1")


def is_unseen(character: str) -> bool:
    """Control, format (direction marks, zero width), surrogate, unassigned: what a reader of the address can't see."""
    return unicodedata.category(character) in _UNSEEN


def _visible(character: str) -> str:
    return character if character.isprintable() else f"<U+{ord(character):04X}>"
