"""Languages, values as people read them, and templates that lack no word."""

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

import gateway.web
from gateway.documents.templates import bundled_templates
from gateway.spool.logins import Role
from gateway.spool.operations import TOO_LATE
from gateway.spool.prospects import Action
from gateway.spool.states import Event, State
from gateway.web import acting
from gateway.web.german import GERMAN
from gateway.web.language import Language, language_of, translated
from gateway.web.shown import STATES, duration, moment, number, size, soft

TEMPLATES = sorted((bundled_templates() / "web").glob("*.j2"))
# The same in both languages, or not ours to translate.
ALIKE = {"ENVID", "Message-ID"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("fr-FR, de;q=0.3, en;q=0.2", "de"),
        ("fr", "en"),
        ("de;q=0", "en"),
        ("de;q=nonsense, en;q=0.1", "en"),
        ("*", "en"),
        ("," * 5000 + "de", "en"),
    ],
    ids=[f"case{number}" for number in range(10)],
)
def test_a_browser_gets_its_language(header: str, language: Language) -> None:
    assert language_of(header) == language


@pytest.mark.parametrize("path", TEMPLATES, ids=[path.name for path in TEMPLATES])
def test_every_text_of_a_template_has_its_german(path: Path) -> None:
    tree = Environment(autoescape=True).parse(path.read_text("utf-8"))
    calls = [call for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name) and call.node.name == "t"]
    said = {each.value for call in calls for each in call.args[:1] if isinstance(each, nodes.Const)}
    assert said - GERMAN.keys() - ALIKE == set()


def test_every_text_of_the_code_has_its_german() -> None:
    said = {shown.name for shown in STATES.values()} | {role.value for role in Role if role is not Role.MAIL}
    said |= {event.value.replace("_", " ") for event in Event}
    said |= set(acting.TITLES.values()) | {acting.MOVED_ON} | set(TOO_LATE.values())
    said |= {action.value for action in Action} | {f"{action.value} refused" for action in Action}
    for path in Path(gateway.web.__file__).parent.glob("*.py"):
        keywords = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.keyword)]
        said |= {
            str(node.value.value)
            for node in keywords
            if node.arg in {"title", "text", "refusal"} and isinstance(node.value, ast.Constant) and node.value.value
        }
    machines_read = {each for each in said if each.endswith("\n")}
    assert said - machines_read - GERMAN.keys() == set()


def test_german_fills_the_same_braces() -> None:
    braces = re.compile(r"\{\w+\}")
    assert [text for text, german in GERMAN.items() if set(braces.findall(text)) != set(braces.findall(german))] == []
    assert translated("Page {n} of {count}", "de", n=1, count=2) == "Seite 1 von 2"
    assert translated("what German lacks {", "de") == "what German lacks {"


def test_every_state_is_shown() -> None:
    assert set(STATES) == set(State)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (11_100, "3 h 5 min"),
        (90_061, "1 d 1 h"),
    ],
)
def test_durations(seconds: int, text: str) -> None:
    assert duration(seconds) == duration(timedelta(seconds=seconds)) == text


def test_values_as_people_read_them() -> None:
    assert number("+4989123456") == "+49 89 123456"
    assert number("nonsense") == "nonsense"
    assert [size(count) for count in (0, 999, 1000, 2_500_000)] == ["0 B", "999 B", "1.0 kB", "2.5 MB"]
    assert moment(None) == ""
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC).astimezone()
    assert moment(summer) == '<time datetime="2026-07-01T12:00:00Z">2026-07-01 12:00:00</time>'
    assert soft("<a@b.c>") == "&lt;a@<wbr>b.<wbr>c&gt;"
