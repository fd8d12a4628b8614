"""Names of files: the last part of a path, without what makes a name look like another one."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.names import LONGEST_NAME, clean_name, filename_of


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("a.pdf", "a.pdf"),
        ("C:\\scans\\a.pdf", "a.pdf"),
        ("C:a.pdf", "a.pdf"),
        ("\\\\server\\share\\a.pdf", "a.pdf"),
        ("/home/jana/a.pdf", "a.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a/b/", "b"),
        ("..", ""),
        ("", ""),
        ("  a   b.pdf ", "a b.pdf"),
        ("'a.pdf'", "a.pdf"),
        ("a\0\r\n\x1bb.pdf", "ab.pdf"),
        ("rech\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe", "rechfdp.exe"),
        ("a\N{ZERO WIDTH SPACE}b\N{LEFT-TO-RIGHT ISOLATE}.pdf", "ab.pdf"),
        ("Größe – 日本.pdf", "Größe – 日本.pdf"),
        ("می\N{ZERO WIDTH NON-JOINER}خواهم.pdf", "می\N{ZERO WIDTH NON-JOINER}خواهم.pdf"),
        ("x" * 300 + ".pdf", "x" * (LONGEST_NAME - 4) + ".pdf"),
    ],
)
def test_a_name_is_made_safe_to_show(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@pytest.mark.parametrize(
    ("disposition", "content_type", "name"),
    [
        ('attachment; filename="a.pdf"', 'application/pdf; name="b.pdf"', "a.pdf"),
        ("attachment", 'application/pdf; name="b.pdf"', "b.pdf"),
        ('attachment; filename=""', "application/pdf; name=b.pdf", "b.pdf"),
        ('attachment; filename=".."', "application/pdf; name=b.pdf", "b.pdf"),
        ("", "application/pdf", None),
    ],
)
def test_the_disposition_goes_before_the_type(disposition: str, content_type: str, name: str | None) -> None:
    assert filename_of(disposition, content_type) == name


@given(st.text(max_size=80))
def test_a_clean_name_is_printable_and_no_path(name: str) -> None:
    clean = clean_name(name)
    assert "/" not in clean
    assert "\\" not in clean
    assert not {unicodedata.category(each) for each in clean} & {"Cc", "Cs", "Zl", "Zp"}
    clean.encode()
