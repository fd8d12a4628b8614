"""Bar charts: what is drawn, and what is said of it to who can't see it."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

from gateway.spool.figures import Bar
from gateway.spool.states import State
from gateway.web.charts import chart, totals

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BARS = [
    Bar(NOON + timedelta(hours=hour), hour, {State.SENT: hour, State.FAILED: 1, State.CANCELLED: 1} if hour else {})
    for hour in range(4)
]


def test_totals_by_tone() -> None:
    found = totals(BARS)
    assert found.received == 6
    assert found.by_tone == {"good": 6, "part": 0, "bad": 3, "off": 3}


def test_a_chart_is_sound_and_within_its_frame() -> None:
    drawn = chart(BARS, 'six "received"', ticks=2, form="%H:00", name=lambda bar: f"<{bar.received}>")
    svg = ET.fromstring(str(drawn))
    assert svg.get("aria-label") == 'six "received"'
    _, _, width, height = map(float, str(svg.get("viewBox")).split())
    rectangles = list(svg.iter("rect"))
    assert len(rectangles) == 3 + 9  # nothing for what is nought
    for each in rectangles:
        x, y, across, down = (float(str(each.get(name))) for name in ("x", "y", "width", "height"))
        assert x >= 0 <= y
        assert x + across <= width
        assert y + down <= height
    assert [mark.get("data-at") for mark in svg.iter("text")][:2] == ["2026-11-23T13:00:00Z", "2026-11-23T15:00:00Z"]
    assert [title.text for title in svg.iter("title")] == ["<0>", "<1>", "<2>", "<3>"]


def test_a_chart_of_nothing_is_one() -> None:
    empty = [Bar(NOON, 0, {})] * 3
    svg = ET.fromstring(str(chart(empty, "none", ticks=2, form="%H", name=lambda _: "none")))
    assert list(svg.iter("rect")) == []
