"""``[log] mask``: people's numbers and addresses are shortened in every line, what leads to a job stays."""

import io
import json
import logging
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway.log import configure_logging
from gateway.log.masking import masked_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # numbers, however somebody wrote them
        ("+4989123456", "+4989123***"),
        ("+12025550123", "+1202555***"),
        ("+49 (89) 123-456", "+49 (89) 123-***"),
        ("0049 89 123456 is no fax number", "0049 89 1*** is no fax number"),
        ("089/123456", "089/123***"),
        ("89123456 has no country", "89123*** has no country"),
        ("tel:089123456", "tel:089123***"),
        ("fax:89123456", "fax:89123***"),
        ("tel:+49-89-123456", "tel:+49-89-123***"),
        ("sip:089123456@example.com", "sip:089123***@example.com"),
        ("rcpt:089123456", "rcpt:089123***"),
        ("(089) 123456", "(089) 123***"),
        ("(0 89) 12 34 56", "(0 89) 12 3***"),
        ("(+49) 89 / 123456", "(+49) 89 / 123***"),
        ("+49\u00a089\u202f123456", "+49\u00a089\u202f123***"),
        ("089\u2013123456", "089\u2013123***"),
        ("KeyError: '+49\\xa089123456'", "KeyError: '+49\\xa089123***'"),
        ("\uff0b\uff14\uff1989 123456", "\uff0b\uff14\uff1989 123***"),
        ("/x?to=%2B4989123456", "/x?to=%2B4989123***"),
        ("to%20089%20123456", "to%20089%20123***"),
        ("+4989123456*", "+4989123****"),
        ("No number available for rcpt 089123456", "No number available for rcpt 089123***"),
        # addresses
        ("jana@example.com", "j***@example.com"),
        ("<jana.beispiel@example.com>: no", "<j***@example.com>: no"),
        ('"jana b"@example.com', '"***"@example.com'),
        ("jörg@exämple.com", "j***@exämple.com"),
        ("jana@[192.0.2.1]", "j***@[192.0.2.1]"),
        ("SRS0=x=y=example.com=jana@relay.example", "S***@relay.example"),
        ("?from=jana%40example.com", "?from=j***%40example.com"),
        ("jana%40example.com%20klara%40example.com", "j***%40e***%40example.com"),
        ("jana\uff20example.com", "j***\uff20example.com"),
        # fax addresses
        ("+4989123456@fax.local", "+4989123***@fax.local"),
        ("IMCEAFAX-+2B4989123456@fax.local", "I***@fax.local"),
        # what stays
        ("127.0.0.1:45481 and [2001:db8::1]:25", None),
        ("2026-11-23T09:30:00.123456+00:00", None),
        ("at most 36700160 bytes", None),
        ("took 0.1234567 s", None),
        ("queued as 12345678901234567890123456789012", None),
        ("second jobId KSG7OE5UBDO95PKDFU6INA", None),
        ("550 5.1.3 is no answer", None),
        ("0.0.0.0:8025, 127.0.0.1:8025", None),
        ("+4989123***, j***@example.com", None),
        ("job 0123456789abcdef0123456789abcdef", None),
    ],
)
def test_what_is_a_persons_is_shortened(text: str, shown: str | None) -> None:
    assert masked_text(text) == (shown or text)


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.sampled_from(["", "to ", "(", "<", "to:", "'"]))
def test_no_number_stays_whole_whatever_stands_before_it(number: str, before: str) -> None:
    shown = masked_text(f"{before}{number} did not answer")
    assert number not in shown
    assert shown.startswith(f"{before}{number[:4]}")


SEPARATORS = st.sampled_from(
    ["", " ", "-", "/", ".", "\u00a0", "\u2009", "\u202f", "\u2011", "\u2013", " / ", " - ", ") ", "%20"]
)
DIGITS = st.sampled_from(["0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19"])
BEFORE = st.sampled_from(["", "to ", "(", "'", "tel:", "TEL:", "sip:", "fax=", "rcpt:", "?n=", '{"number":"', "%22"])


@given(st.from_regex(r"[1-9][0-9]{7,12}", fullmatch=True), st.data())
def test_no_way_of_writing_shows_a_whole_number(digits: str, data: st.DataObject) -> None:
    """Grouped and separated as people do, in the digits of any alphabet, behind what texts and URLs put before it."""
    begins = data.draw(st.sampled_from(["+", "%2B", "\uff0b", "0", "00", "(0", "(+"]))
    groups = [each for each in (digits[:2], digits[2:5], digits[5:]) if each]
    written = "".join(f"{each}{data.draw(SEPARATORS)}" for each in groups[:-1]) + groups[-1]
    written = written.translate(str.maketrans("0123456789", data.draw(DIGITS))) if "%" not in written else written
    shown = masked_text(f"{data.draw(BEFORE)}{begins}{written} did not answer")
    bare = re.sub(r"%[0-9A-F]{2}|\D", "", shown)
    assert digits not in "".join(str(int(each)) for each in bare)
    assert "***" in shown


@given(st.from_regex(r"[a-z]{2,8}(\.[a-z]{2,8})?", fullmatch=True), st.sampled_from(["@", "%40", "\uff20"]), BEFORE)
def test_no_way_of_writing_shows_a_whole_address(local: str, at: str, before: str) -> None:
    shown = masked_text(f"{before}{local}{at}example.com: no such user")
    assert f"{local}{at}" not in shown
    assert f"***{at}example.com" in shown


HOSTILE = [
    "a%2" * 10**5 + "%40",
    "%40" * 10**5,
    "00 1 " * 10**5 + "x",
    "0...1" * 10**5 + "x",
    "tel:0" * 10**5,
    "(0 " * 10**5,
    "tel:1" + " 1" * 10**5 + "***",
    *["a" * 10**5 + "@", '"\\' * 10**5 + "@", "@" * 10**5, "a@" * 10**5, "+1 " * 10**5, "0 1 " * 10**5 + "x"],
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:4])
def test_no_text_makes_it_slow(text: str) -> None:
    began = time.thread_time()
    masked_text(text)
    assert time.thread_time() - began < 1


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


FACTS: dict[str, Any] = {
    "job_id": "12345678" * 4,
    "message_id": "<jana.1@example.com>",
    "queue_id": "4711081512",
    "recipients": ["+4989123456"],
    "sender": "jana@example.com",
    "told": {"to": "jana@example.com"},
    "bytes": 36700160,
    "repeated": False,
}


def said(*, mask: bool) -> list[dict[str, Any]]:
    """The same events, ours and a library's, one with a stack."""
    out = io.StringIO()
    configure_logging("json", "info", out, mask=mask)
    structlog.get_logger().info("accepted", **FACTS)
    try:
        {"": 0}["jana@example.com"]
    except KeyError:
        structlog.get_logger().exception("broken")
    logging.getLogger("mail.log").warning("odd: %s", "+4989123456")
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_masked_line_leads_to_its_job_and_to_nobody_else() -> None:
    accepted, broken, odd = said(mask=True)
    for key in ("job_id", "message_id", "queue_id", "bytes", "repeated"):
        assert accepted[key] == FACTS[key]
    assert accepted["recipients"] == ["+4989123***"]
    assert accepted["sender"] == "j***@example.com"
    assert accepted["told"] == {"to": "j***@example.com"}
    assert broken["exception"].endswith("KeyError: 'j***@example.com'")
    assert odd["event"] == "odd: +4989123***"


def test_without_mask_lines_are_whole() -> None:
    accepted, broken, odd = said(mask=False)
    assert {key: accepted[key] for key in FACTS} == FACTS
    assert broken["exception"].endswith("KeyError: 'jana@example.com'")
    assert odd["event"] == "odd: +4989123456"


def test_who_observes_sees_events_as_they_were_said() -> None:
    seen: list[Any] = []
    configure_logging("json", "error", io.StringIO(), lambda event: seen.append(event["to"]))
    structlog.get_logger().info("word_sent", to="jana@example.com")
    assert seen == ["jana@example.com"]
