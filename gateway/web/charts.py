"""Bar charts as inline SVG (SVG 2), made here: no script draws them, and their colours are the style sheet's. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gateway.spool.figures import Bar
from gateway.spool.states import State
from gateway.web.shown import STATES

WIDTH, HEIGHT, FLOOR = 480, 96, 16  # units of the drawing; below the bars stand the hours
GAP = 0.25  # of a step
TONES = ("good", "part", "bad", "off")  # from the bottom up


@dataclass(frozen=True, slots=True)
class Totals:
    received: int
    by_tone: Mapping[str, int]


def totals(bars: Sequence[Bar]) -> Totals:
    return Totals(sum(bar.received for bar in bars), {tone: sum(_by_tone(bar)[tone] for bar in bars) for tone in TONES})


def chart(bars: Sequence[Bar], label: str, *, ticks: int, form: str, name: Callable[[Bar], str]) -> Markup:
    """`label` says in words what the picture shows; each `ticks`-th bar has its time below, written as `form`."""
    highest = max([1, *(max(bar.received, sum(bar.ended.values())) for bar in bars)])
    step = WIDTH / len(bars)
    drawn = [_bar(bar, index * step, step, highest, name(bar)) for index, bar in enumerate(bars)]
    marks = [
        Markup('<text x="{:.1f}" y="{}" data-at="{}">{}</text>').format(
            (index + 0.5) * step, HEIGHT - 3, f"{bar.begin:%Y-%m-%dT%H:%M:%SZ}", f"{bar.begin:{form}}"
        )
        for index, bar in enumerate(bars)
        if index % ticks == ticks // 2
    ]
    top = Markup('<text class="most" x="{}" y="9">{}</text>').format(WIDTH, highest)
    floor = Markup('<path class="floor" d="M0 {0}H{1}"/>').format(HEIGHT - FLOOR + 0.5, WIDTH)
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, label, Markup("").join([*drawn, floor, *marks, top])
    )


def _bar(bar: Bar, left: float, step: float, highest: int, title: str) -> Markup:
    """What came as a pale bar, what ended as a stack before it."""
    room, width = HEIGHT - FLOOR - 12, step * (1 - GAP)
    pieces = [_piece("came", left, width, 0, bar.received * room / highest)]
    below = 0.0
    for tone, count in _by_tone(bar).items():
        pieces.append(_piece(tone, left + width * 0.2, width * 0.6, below, count * room / highest))
        below += count * room / highest
    return Markup("<g><title>{}</title>{}</g>").format(title, Markup("").join(pieces))


def _piece(tone: str, left: float, width: float, below: float, height: float) -> Markup:
    if not height:
        return Markup("")
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        tone, left, HEIGHT - FLOOR - below - height, width, height
    )


def _by_tone(bar: Bar) -> dict[str, int]:
    found = dict.fromkeys(TONES, 0)
    for state, count in bar.ended.items():
        found[_tone(state)] += count
    return found


def _tone(state: State) -> str:
    tone = STATES[state].tone
    return tone if tone in TONES else "off"
