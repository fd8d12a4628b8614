"""RFC 3461 §4.1: what a forward-path wants to hear, and who is told a word."""

import pytest

from gateway.spool.forward_path import ForwardPath, Notify
from gateway.spool.job import Recipient
from gateway.spool.told import told


def path(*notify: str, never: bool = False) -> ForwardPath:
    """Without words: RCPT did not say."""
    wanted = frozenset(map(Notify, notify)) if notify or never else None
    return ForwardPath(address="+4989123456@fax.local", notify=wanted)


@pytest.mark.parametrize(
    ("wanted", "accepts", "asks_for"),
    [
        (path(), {"FAILURE", "DELAY"}, set()),
        (path(never=True), set(), set()),
        (path("SUCCESS"), {"SUCCESS"}, {"SUCCESS"}),
        (path("FAILURE", "DELAY"), {"FAILURE", "DELAY"}, {"FAILURE", "DELAY"}),
    ],
)
def test_what_is_said_to_a_path(wanted: ForwardPath, accepts: set[str], asks_for: set[str]) -> None:
    assert {what for what in Notify if wanted.accepts(what)} == accepts
    assert {what for what in Notify if wanted.asks_for(what)} == asks_for


@pytest.mark.parametrize(
    "wanted",
    [
        path(),
        path(never=True),
        path("SUCCESS", "DELAY"),
        ForwardPath(address="a@b", orcpt="rfc822;x", display_name="J", tag="t"),
    ],
)
def test_a_path_comes_back_from_its_row(wanted: ForwardPath) -> None:
    assert ForwardPath.from_row(wanted.to_row()) == wanted


@pytest.mark.parametrize(
    ("word", "status", "wanted", "hears"),
    [
        ("delayed", None, path(), True),
        ("delayed", None, path("FAILURE"), False),
        ("delayed", None, path("DELAY"), True),
        ("failed", None, path("SUCCESS"), False),
        ("expired", None, path(never=True), False),
        ("doubt", None, path("FAILURE"), True),
        ("perhaps", "EOD_FAILED", path(), True),
        ("perhaps", "OK", path(), False),
        ("outcome", "OK", path(), False),
        ("outcome", "OK", path("SUCCESS"), True),
        ("outcome", "OK", path("FAILURE"), False),
        ("outcome", "BUSY", path("FAILURE"), True),
        ("outcome", "BUSY", path("SUCCESS"), False),
        ("outcome", "EOD_FAILED", path("SUCCESS", "FAILURE"), False),
        ("outcome", None, path("SUCCESS", "FAILURE"), False),
    ],
)
def test_who_hears_a_word(word: str, status: str | None, wanted: ForwardPath, hears: bool) -> None:
    recipient = Recipient(position=0, number="+4989123456", forward_paths=(wanted,), status=status)
    assert bool(told([recipient], word)) is hears
