"""What comes back from a process that has unpacked a container is a stranger's word: limits and forms are checked."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.entries import Misframed, framed, media_type, most_bytes, named, sentence, unframed
from gateway.documents.finding import DocumentLimits, Entry, Unpacked

LIMITS = DocumentLimits(documents=5, bytes=10_000)
LINES = st.text(max_size=300).map(named)
ENTRIES = st.builds(
    Entry, LINES, st.text(max_size=40).map(media_type) | st.just("image/png"), st.binary(max_size=99), st.none() | LINES
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=99)


@given(TEXTS | st.none(), st.booleans(), st.lists(ENTRIES, max_size=5), st.lists(st.text(max_size=400), max_size=9))
def test_what_was_unpacked_arrives_as_it_was(
    text: str | None, is_html: bool, entries: list[Entry], left_out: list[str]
) -> None:
    lines = tuple(sentence(each) for each in left_out)
    unpacked = Unpacked(None if is_html else text, text if is_html else None, tuple(entries), lines)
    assert unframed(framed(unpacked), LIMITS) == unpacked


@given(st.binary(max_size=200))
def test_any_bytes_are_understood_or_not(content: bytes) -> None:
    for each in (content, len(content).to_bytes(4) + content):
        with contextlib.suppress(Misframed):
            assert isinstance(unframed(each, LIMITS), Unpacked)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=9,
)


@given(VALUES, VALUES, VALUES, st.binary(max_size=99))
def test_any_index_is_understood_or_not(text: Any, left_out: Any, entries: Any, rest: bytes) -> None:
    index = json.dumps({"text": text, "html": None, "left_out": left_out, "entries": entries}).encode()
    try:
        unpacked = unframed(len(index).to_bytes(4) + index + rest, LIMITS)
    except Misframed:
        return
    assert sum(len(entry.data) for entry in unpacked.entries) + len((unpacked.body_text or "").encode()) == len(rest)


def of(index: dict[str, Any], rest: bytes = b"") -> bytes:
    encoded = json.dumps({"text": None, "html": None, "left_out": [], "entries": []} | index).encode()
    return len(encoded).to_bytes(4) + encoded + rest


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0",
        b"\xff\xff\xff\xff",
        b"\0\0\0\x01[",
        of({}) + b"more",
        of({"text": 3}, b"ab"),
        of({"text": -1}),
        of({"text": True}, b"a"),
        of({"text": 1.0}, b"a"),
        of({"text": 1}, b"\xff"),
        of({"text": 1, "html": 1}, b"ab"),
        of({"more": 1}),
        of({"left_out": "a"}),
        of({"left_out": ["a\r\nb"]}),
        of({"left_out": ["a" * 301]}),
        of({"left_out": ["a"] * 101}),
        of({"entries": [["a", "text/plain", None]]}),
        of({"entries": [["a", "text/plain\r\n", None, 1]]}, b"a"),
        of({"entries": [["a\0", "", None, 1]]}, b"a"),
        of({"entries": [[None, "", None, 1]]}, b"a"),
        of({"entries": [["a" * 256, "", None, 1]]}, b"a"),
        of({"entries": [["a", "", "\n", 1]]}, b"a"),
        of({"entries": [["a", "", None, 0]] * 6}),
        of({"entries": [["a", "", None, 1 << 40]]}),
        of({"text": most_bytes(LIMITS)}, bytes(most_bytes(LIMITS))),
    ],
    ids=range(25),
)
def test_anything_else_is_not_understood(content: bytes) -> None:
    with pytest.raises(Misframed):
        unframed(content, LIMITS)


def test_names_and_sentences_are_made_to_fit() -> None:
    assert named(" a\r\nb\u202e.pdf\0") == "a  b .pdf"
    assert named("x" * 300 + ".pdf").endswith("x.pdf")
    assert len(sentence("y" * 400)) == 300
    assert media_type("text/plain") == "text/plain"
    assert media_type("text/plain; charset=utf-8") == ""
