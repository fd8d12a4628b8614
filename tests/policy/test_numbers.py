"""Which rule decides, and what the sender reads."""

import pytest

from gateway.policy import Allowed, Denied, NumberPolicy, judge_number

MUNICH = "+4989123456"
PREMIUM = "+499001234567"
US_PREMIUM = "+19002345678"

ALLOWED = [
    (MUNICH, ("+",), (), "+"),
    (MUNICH, ("+", "+49"), (), "+49"),
    (MUNICH, ("+", "+4989"), ("+49",), "+4989"),
    (MUNICH, ("+",), ("+44",), "+"),
    (MUNICH, (MUNICH,), ("+",), MUNICH),
    # an allow prefix that says more than the country opens what is refused by its kind
    (PREMIUM, ("+", "+49900"), (), "+49900"),
    (US_PREMIUM, ("+", "+1900"), (), "+1900"),
    ("+49112", ("+49112",), (), "+49112"),
]


@pytest.mark.parametrize(("number", "allow", "deny", "prefix"), ALLOWED)
def test_the_longest_prefix_allows(number: str, allow: tuple[str, ...], deny: tuple[str, ...], prefix: str) -> None:
    assert judge_number(number, NumberPolicy(allow, deny)) == Allowed(prefix)


DENIED = [
    (MUNICH, (), (), "numbers.allow"),
    (MUNICH, ("+44",), (), "numbers.allow"),
    (MUNICH, ("+",), ("+49",), "numbers.deny +49"),
    (MUNICH, ("+49",), ("+49",), "numbers.deny +49"),  # a tie
    (MUNICH, ("+", "+49"), ("+4989",), "numbers.deny +4989"),
    (MUNICH, ("+",), ("+",), "numbers.deny +"),
    (PREMIUM, ("+",), (), "premium-rate"),
    (PREMIUM, ("+49",), (), "premium-rate"),
    (US_PREMIUM, ("+1",), (), "premium-rate"),
    (PREMIUM, ("+49900",), ("+499001",), "numbers.deny +499001"),
    ("+49112", ("+",), (), "emergency"),
    ("+49110", ("+49",), (), "emergency"),
    ("+1911", ("+",), (), "emergency"),
    ("+4912", ("+",), (), "impossible"),
    ("+999123456", ("+",), (), "impossible"),
    ("+", ("+",), (), "impossible"),
]


@pytest.mark.parametrize(("number", "allow", "deny", "rule"), DENIED)
def test_a_denial_names_its_rule(number: str, allow: tuple[str, ...], deny: tuple[str, ...], rule: str) -> None:
    verdict = judge_number(number, NumberPolicy(allow, deny))
    assert isinstance(verdict, Denied)
    assert verdict.rule == rule
    assert rule in verdict.sentence
    assert verdict.enhanced_code == "5.7.1"


def test_the_sentence() -> None:
    verdict = judge_number(PREMIUM, NumberPolicy(("+",), ()))
    assert isinstance(verdict, Denied)
    assert verdict.sentence == (
        "+49 900 1 234567 is not faxed to: it is a premium-rate number (rule premium-rate; numbers.allow can name it)."
    )


@pytest.mark.parametrize("prefix", ["", "49", "+0", "+49 89", "+49x", "+1234567890123456", "++"])
def test_a_prefix_that_is_none_stops_the_start(prefix: str) -> None:
    with pytest.raises(ValueError, match="is no prefix of a number"):
        NumberPolicy((prefix,), ())
    with pytest.raises(ValueError, match="is no prefix of a number"):
        NumberPolicy(("+",), (prefix,))
