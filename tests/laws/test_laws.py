"""Each sentence of the laws is a row of laws.md, and each row names tests that there are."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ROWS = [
    (cells[1].strip(), cells[2].strip())
    for cells in (line.split("|") for line in (TESTS / "laws" / "laws.md").read_text("utf-8").splitlines())
    if len(cells) == 4 and cells[1].strip() not in {"law", "---"}
]
NAMED = re.compile(r"`([a-z0-9_/]+\.py)::(test_\w+)`")


def test_there_is_a_row_for_each_law() -> None:
    laws = [law for law, _ in ROWS]
    assert len(laws) > 50
    assert len(set(laws)) == len(laws)


@pytest.mark.parametrize(("law", "proofs"), ROWS, ids=[law[:60] for law, _ in ROWS])
def test_a_law_is_proved_by_tests_that_there_are(law: str, proofs: str) -> None:
    named = NAMED.findall(proofs)
    assert NAMED.sub("", proofs).strip() == "", "something else than the names of tests"
    assert named
    assert [f"{file}::{name}" for file, name in named if name not in _tests_of(file)] == []


def _tests_of(file: str) -> set[str]:
    """The names of its test functions."""
    path = TESTS / file
    if not path.is_file():
        return set()
    module = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
