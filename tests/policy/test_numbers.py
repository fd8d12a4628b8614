"""Which rule decides, and what the sender reads."""

import pytest

from gateway.config.numbers import NumberType
from gateway.policy import Allowed, Denied, NumberPolicy, judge_number, looks_at_number

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


MOBILE = "+4915112345678"
SHARED_COST = "+49180512345"
VIENNA = "+4315123456"
NEW_YORK, TORONTO = "+12125550123", "+14165550123"
FREEPHONE = "+80012345678"  # of no country


@pytest.mark.parametrize(
    ("number", "rules", "rule"),
    [
        (MUNICH, {"allow_countries": {"DE"}}, None),
        (VIENNA, {"allow_countries": {"DE"}}, "numbers.allow_countries"),
        (VIENNA, {"allow_countries": {"DE", "AT"}, "deny_countries": {"AT"}}, "numbers.deny_countries"),
        (NEW_YORK, {"deny_countries": {"CA"}}, None),  # one country code, two countries
        (TORONTO, {"deny_countries": {"CA"}}, "numbers.deny_countries"),
        (FREEPHONE, {"allow_countries": {"DE"}}, "numbers.allow_countries"),
        (FREEPHONE, {"deny_countries": {"DE"}}, None),
        ("+12009999999", {"allow_countries": {"US"}}, "numbers.allow_countries"),  # it may be of any of them
        ("+12009999999", {"deny_countries": {"CA"}}, "numbers.deny_countries"),
        (MOBILE, {"deny_types": {NumberType.MOBILE}}, "numbers.deny_types"),
        (SHARED_COST, {"allow_types": {NumberType.FIXED_LINE}}, "numbers.allow_types"),
        (MUNICH, {"allow_types": {NumberType.FIXED_LINE}, "deny_types": {NumberType.MOBILE}}, None),
        (NEW_YORK, {"allow_types": {NumberType.FIXED_LINE_OR_MOBILE}}, None),
        (MUNICH, {"listed": {MUNICH}}, "numbers.deny_file"),
        (MUNICH, {"listed": {VIENNA}}, None),
    ],
)
def test_countries_types_and_the_list(number: str, rules: dict[str, set[str]], rule: str | None) -> None:
    policy = NumberPolicy(("+",), (), **{name: frozenset(value) for name, value in rules.items()})  # type: ignore[arg-type] # a table
    verdict = judge_number(number, policy)
    assert (verdict.rule if isinstance(verdict, Denied) else None) == rule


def test_a_prefix_that_names_a_number_opens_what_countries_and_types_close_but_not_the_list() -> None:
    rules = NumberPolicy(("+", "+431"), (), frozenset({"DE"}), frozenset({"AT"}), deny_types=frozenset(NumberType))
    assert judge_number(VIENNA, rules) == Allowed("+431")
    assert isinstance(judge_number("+43316123456", rules), Denied)
    listed = NumberPolicy(("+", VIENNA), (), listed=frozenset({VIENNA}))
    assert isinstance(judge_number(VIENNA, listed), Denied)


def test_every_rule_that_was_looked_at_is_named_up_to_the_one_that_denies() -> None:
    policy = NumberPolicy(("+",), (), frozenset({"DE"}), frozenset({"US"}), listed=frozenset({MUNICH}))
    looks = looks_at_number(VIENNA, policy)
    assert [look.key for look in looks] == [
        "numbers.deny_file",
        "numbers.allow",
        "numbers.deny_countries",
        "numbers.allow_countries",
    ]
    assert [look.denied is not None for look in looks] == [False, False, False, True]
    closed = NumberPolicy(("+",), (), frozenset({"AT"}), frozenset({"AT"}))
    assert [look.key for look in looks_at_number(VIENNA, closed)] == ["numbers.allow", "numbers.deny_countries"]
