"""RFC 2047 as mailers really write it, and headers of raw bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.words import LONGEST, decode_words


def raw(text: str, charset: str) -> str:
    """A header of raw bytes, as the parsers give it."""
    return text.encode(charset).decode("ascii", "surrogateescape")


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("plain text", "plain text"),
        ("=?utf-8?q?M=C3=BCller?=", "Müller"),
        ("=?UTF-8?B?TcO8bGxlcg==?=", "Müller"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=\r\n =?utf-8?q?c?= d", "abc d"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("=?utf-8?q?a_b?=", "a b"),
        ("=?utf-8?b?TcM=?= =?utf-8?b?vGxsZXI=?=", "Müller"),  # cut within a character
        ("=?utf-8?q?M=C3?= =?utf-8?b?vGxsZXI=?=", "Müller"),  # ... and encoded in two ways
        ("=?utf-8?b?TcO8b?= =?utf-8?b?Gxlcg==?=", "Müller"),  # cut within a group of base64
        ("=?utf-8?b?TcO8bGxlcg?=", "Müller"),  # without padding
        ("=?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?S1wbKEI=?=", "日本"),
        ("=?iso-8859-1?q?M=FCller?= =?utf-8?q?_=C3=9F?=", "Müller ß"),
        ("=?utf-8?q?a?==?utf-8?q?b?=x", "abx"),
        ("=?utf-8*de?q?=C3=BC?=", "ü"),  # RFC 2231 §5
        ("=?utf-8?q?M=C3=BC ller?=", "Mü ller"),
        ("=?utf-8?q?M=FCller?=", "Müller"),  # it says UTF-8 and isn't
        ("=?x-unknown?q?M=FCller?=", "Müller"),
        ("=?gb2312?B?1tDOxA==?=", "中文"),
        ("=?ks_c_5601-1987?B?x9GxuQ==?=", "한국"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?never closed", "=?utf-8?q?never closed"),
        (raw("Größe für Österreich", "utf-8"), "Größe für Österreich"),
        (raw("Größe für Österreich", "cp1252"), "Größe für Österreich"),
        (raw("Grüße", "utf-8") + " =?utf-8?q?=C3=BC?=", "Grüße ü"),
        ("folded\r\n\tline", "folded line"),
    ],
)
def test_a_header_is_read_as_it_was_meant(header: str, text: str) -> None:
    assert decode_words(header) == text


def test_of_an_endless_header_only_the_beginning_is_decoded() -> None:
    words = "=?utf-8?q?=C3=BC?= " * LONGEST
    assert decode_words(words).startswith("ü" * 10)
    assert len(decode_words(words)) > LONGEST


@given(st.binary(max_size=200))
def test_any_bytes_are_a_text_that_can_be_written(data: bytes) -> None:
    decode_words(data.decode("ascii", "surrogateescape")).encode()


@given(st.text(max_size=60), st.sampled_from(["?=", "=?utf-8?b?", "=?utf-16?q?", "=?utf-7?q?+2AA-?="]))
def test_any_text_around_words_is_a_text_that_can_be_written(text: str, word: str) -> None:
    decode_words((text + word + text).encode("utf-8", "replace").decode("ascii", "surrogateescape")).encode()
