"""Every event of the log stands in docs/operations.md (the sandbox's in docs/sandbox.md), and none that isn't said."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.tracking.sorting import Alarm

ROOT = Path(__file__).parents[2]
CODE = ROOT / "gateway"
LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log"}
# Calls whose event is no literal, by file: what they say.
COMPUTED = {
    "tracking/filing.py": {alarm.value for alarm in Alarm},
    "site.py": {f"{name}_{how}" for name in ("metrics", "dashboard", "push") for how in ("listening", "not_listening")},
}


def said_in(path: Path) -> Iterator[str]:
    """The event of each ``log.<level>("event", ...)``."""
    name = path.relative_to(CODE).as_posix()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level)) if level in LEVELS:
                match node.args[1 if level == "log" else 0]:
                    case ast.Constant(value=str(event)):
                        yield event
                    case _:
                        assert name in COMPUTED, f"{name}:{node.lineno}: an event that the catalogue can't know"
                        yield from COMPUTED[name]


def listed_in(document: str) -> list[str]:
    """The first column of every table whose first column is called event."""
    events, inside = [], False
    for line in (ROOT / "docs" / document).read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) < 3:
            inside = False
        elif "event" in cells[1].split():
            inside = True
        elif inside:
            events += re.findall(r"^`([^`]+)`", cells[1])
    return events


def is_of_the_sandbox(path: Path) -> bool:
    return "sandbox" in path.relative_to(CODE).as_posix()


@pytest.mark.parametrize(("document", "of_the_sandbox"), [("operations.md", False), ("sandbox.md", True)])
def test_what_is_said_and_what_is_listed_are_the_same(document: str, of_the_sandbox: bool) -> None:
    paths = [path for path in CODE.rglob("*.py") if is_of_the_sandbox(path) is of_the_sandbox]
    said = {event for path in paths for event in said_in(path)}
    listed = listed_in(document)
    assert {"not listed": sorted(said - set(listed)), "not said": sorted(set(listed) - said)} == {
        "not listed": [],
        "not said": [],
    }
    assert sorted(listed) == sorted(set(listed)), "an event has one place"


def test_each_row_says_what_it_means_and_what_to_do() -> None:
    for document in ("operations.md", "sandbox.md"):
        events = set(listed_in(document))
        for line in (ROOT / "docs" / document).read_text("utf-8").splitlines():
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) > 3 and cells[1].strip("`") in events:
                assert all(cells[2:-1]), line
