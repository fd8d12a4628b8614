"""What a converter process says is a stranger's word: only what ours say is understood."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.converter.messages import (
    Question,
    Unintelligible,
    content_of,
    decoded_answer,
    encoded_answer,
    in_memory,
)
from gateway.documents.finding import DocumentLimits, Fault, Sound
from gateway.documents.sniff import Kind


def test_questions_arrive_as_they_were_asked() -> None:
    for question in (
        Question("inspect", Kind.PDF, DocumentLimits(pages=7)),
        Question("convert", Kind.IMAGE, DocumentLimits(), "LETTER"),
    ):
        assert Question.decoded(question.encoded()) == question


@pytest.mark.parametrize(
    "answer", [Sound(3), Sound(1, "it was repaired"), Fault("is damaged"), Fault("is locked", "5.6.1")]
)
def test_answers_arrive_as_they_were_given(answer: Sound | Fault) -> None:
    assert decoded_answer(encoded_answer(answer)) == answer


def test_a_content_comes_along_its_answer() -> None:
    assert decoded_answer(encoded_answer(b"made")) is None


@pytest.mark.parametrize(
    "answer",
    [
        {"pages": 0, "rewrite": None},
        {"pages": True, "rewrite": None},
        {"pages": "1", "rewrite": None},
        {"pages": 1, "rewrite": ""},
        {"reason": "is damaged\r\n250 2.0.0 queued", "enhanced_code": "5.6.0"},
        {"reason": "is damäged", "enhanced_code": "5.6.0"},
        {"reason": "x" * 301, "enhanced_code": "5.6.0"},
        {"reason": "is damaged", "enhanced_code": "2.0.0"},
        {"reason": "is damaged"},
        [],
        None,
        "sound",
    ],
)
def test_anything_else_is_not_understood(answer: object) -> None:
    with pytest.raises(Unintelligible):
        decoded_answer(json.dumps(answer).encode())


@given(st.binary(max_size=100))
def test_any_bytes_are_understood_or_not(message: bytes) -> None:
    try:
        answer = decoded_answer(message)
    except Unintelligible:
        return
    assert answer is None or isinstance(answer, Sound | Fault)


def test_a_content_is_read_whole_and_no_further_than_allowed() -> None:
    content = os.urandom(3_000_000)
    descriptor = in_memory(content)
    try:
        assert content_of(descriptor, len(content)) == content
        with pytest.raises(Unintelligible):
            content_of(descriptor, len(content) - 1)
        os.ftruncate(descriptor, 1 << 40)  # costs nothing to make
        with pytest.raises(Unintelligible):
            content_of(descriptor, len(content))
    finally:
        os.close(descriptor)


def test_what_is_no_file_is_not_read() -> None:
    reading, writing = os.pipe()
    try:
        for descriptor in (reading, writing):
            with pytest.raises(Unintelligible):
                content_of(descriptor, 100)
    finally:
        os.close(reading)
        os.close(writing)
