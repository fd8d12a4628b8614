"""/: the queue, the last hour and day, why faxes failed, and when the data centres were heard."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy import Connection

from gateway.fax4a.status_words import sentence
from gateway.spool.census import Census, take_census
from gateway.spool.figures import Bar, Datacenter, Step, bars, datacenters, last_day
from gateway.spool.pauses import Switch, standing
from gateway.spool.states import FINAL, State
from gateway.web.call import Call
from gateway.web.charts import TONES, chart, totals
from gateway.web.desk import Desk
from gateway.web.language import Language, translated

WAITING = tuple(state for state in State if state not in FINAL)
MINUTES = 60


@dataclass(frozen=True, slots=True)
class Figures:
    census: Census
    hour: list[Bar]
    datacenters: list[Datacenter]
    paused: list[Switch]


async def show(desk: Desk, call: Call) -> web.Response:
    now = desk.clock()
    figures = await desk.database.read(lambda connection: _figures(connection, now))
    day = await desk.day.get(lambda: desk.database.read(lambda connection: last_day(connection, now)))
    language = call.language
    return desk.pages.answer(
        call,
        "overview.html.j2",
        now=now,
        census=figures.census,
        waiting=WAITING,
        ended=[state for state in State if state in FINAL],
        hour=_chart(figures.hour, language, "the last hour", ticks=15, form="%H:%M"),
        day=_chart(day.bars, language, "the last day", ticks=6, form="%H:00"),
        hour_totals=totals(figures.hour),
        day_totals=totals(day.bars),
        failures=[(each, sentence(each.status, language) if each.status else None) for each in day.failures],
        datacenters=figures.datacenters,
        paused_by_settings=desk.settings.delivery.paused,
        switches=figures.paused,
        paused_activities={switch.activity.value for switch in figures.paused},
    )


def _figures(connection: Connection, now: datetime) -> Figures:
    return Figures(
        take_census(connection, now),
        bars(connection, now, Step.MINUTE, MINUTES),
        datacenters(connection),
        standing(connection),
    )


def _chart(found: list[Bar], language: Language, span: str, *, ticks: int, form: str) -> str:
    def t(text: str, **facts: object) -> str:
        return translated(text, language, **facts)

    def counted(came: int, by_tone: dict[str, int]) -> str:
        facts = [t("{n} received", n=came)]
        names = {"good": "{n} sent", "part": "{n} partly or unknown", "bad": "{n} failed", "off": "{n} cancelled"}
        facts += [t(names[tone], n=by_tone[tone]) for tone in TONES if by_tone[tone]]
        return ", ".join(facts)

    def name(bar: Bar) -> str:
        return f"{bar.begin:{form}} UTC: {counted(bar.received, dict(totals([bar]).by_tone))}"

    every = totals(found)
    label = f"{t('Faxes of ' + span)}: {counted(every.received, dict(every.by_tone))}"
    return chart(found, label, ticks=ticks, form=form, name=name)
