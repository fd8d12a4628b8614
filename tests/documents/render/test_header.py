"""The header template of the Fax4A API: every control character, the layout, the errors."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.render import HeaderError, HeaderLine, HeaderRow, HeaderValues


@pytest.fixture
def values(moment: datetime) -> HeaderValues:
    return HeaderValues(page=2, pages=5, number="+4989123456", csid="+4989654321", personal="Dept. 7", moment=moment)


# The moment is Wednesday, 2026-03-04 15:06:07 UTC.
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("%Y", "2026"),
        ("%y", "26"),
        ("%m", "03"),
        ("%b", "Mar"),
        ("%B", "March"),
        ("%d", "04"),
        ("%a", "Wed"),
        ("%A", "Wednesday"),
        ("%H", "15"),
        ("%I", "03"),
        ("%p", "PM"),
        ("%M", "06"),
        ("%S", "07"),
        ("%z", "+0000"),
        ("%Z", "UTC"),
        ("%P", "2"),
        ("%R", "2"),
        ("%T", "5"),
        ("%#", "+4989123456"),
        ("%C", "+4989654321"),
        ("%K", "Dept. 7"),
        ("%%", "%"),
        ("", ""),
        ("100 %% sure", "100 % sure"),
        ("Page %P/%T", "Page 2/5"),
        ("%tz=Europe/Berlin%H:%M %Z", "16:06 CET"),
        ("%tz=America/New_York %H:%M %z", " 10:06 -0500"),
        ("%H %tz=Asia/Tokyo%H", "15 00"),
        ("%tz=Asia/Tokyo%d", "05"),
        ("%l=de%A, %d. %B", "Mittwoch, 04. März"),
        ("%l=de_DE%a %b", "Mi Mär"),
        ("%l=fr%A %b", "mercredi mars"),
        ("%l=it%A %B", "mercoledì marzo"),
        ("%l=es%a %B", "mié marzo"),
        ("%l=xx%A", "Wednesday"),
        ("%B %l=de%B", "March März"),
        ("cents, routes, north: crn", "cents, routes, north: crn"),
    ],
)
def test_control_characters(template: str, expected: str, values: HeaderValues) -> None:
    assert HeaderLine.parse(template).expand(values) == (HeaderRow(left=expected),)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("%cmiddle", [HeaderRow(centre="middle")]),
        ("%rright", [HeaderRow(right="right")]),
        ("left%cmiddle%rright", [HeaderRow(left="left", centre="middle", right="right")]),
        ("left%rright%cmiddle", [HeaderRow(left="left", centre="middle", right="right")]),
        ("%ca%rb%cc", [HeaderRow(centre="ac", right="b")]),
        ("%rone%ntwo", [HeaderRow(right="one"), HeaderRow(left="two")]),
        ("%n%n", [HeaderRow(), HeaderRow(), HeaderRow()]),
    ],
)
def test_layout(template: str, expected: list[HeaderRow], values: HeaderValues) -> None:
    line = HeaderLine.parse(template)
    assert line.expand(values) == tuple(expected)
    assert line.rows == len(expected)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("%", "a lone % at character 1"),
        ("abc %", "a lone % at character 5"),
        ("100 % sure", "a lone % at character 5"),
        ("%%%", "a lone % at character 3"),
        ("%\n", "a lone %"),
        ("%q", "unknown control character %q at character 1"),
        ("%D", "unknown control character %D"),
        ("%tz", "unknown control character %t"),
        ("%tz=", "unknown time zone ''"),
        ("%tz=Mars/Olympus", "unknown time zone 'Mars/Olympus'"),
        ("%tz=../../etc/passwd", "unknown"),
        ("%tz=/etc/passwd", "unknown time zone"),
        ("%l=", "unknown control character %l"),
    ],
)
def test_errors(template: str, says: str) -> None:
    with pytest.raises(HeaderError, match=says.replace("?", r"\?")):
        HeaderLine.parse(template)


@given(st.text())
def test_any_text_is_parsed_or_refused(template: str) -> None:
    try:
        line = HeaderLine.parse(template)
    except HeaderError:
        assert "%" in template
    else:
        assert line.tokens or not template


@given(st.text(st.characters(exclude_characters="%"), min_size=1))
def test_text_without_percent_stands_for_itself(template: str) -> None:
    values = HeaderValues(page=1, pages=1, number="", csid="", personal="", moment=datetime(2026, 1, 1).astimezone())
    assert HeaderLine.parse(template).expand(values) == (HeaderRow(left=template),)
