"""docs/policy.md: each example is a configuration that loads, and `fax-gateway check` says what stands there."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import build
from gateway.config import load_settings

PAGE = Path(__file__).parents[2] / "docs" / "policy.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
# As the page has it; the test's file lies elsewhere.
CONFIGURATION = "/etc/fax-gateway/config.toml"


@dataclass
class Example:
    """A configuration of the page, with the file beside it and the commands that follow."""

    toml: str
    text: str = ""
    consoles: list[str] = field(default_factory=list)


def examples() -> list[Example]:
    found = [Example("")]
    for kind, content in BLOCK.findall(PAGE.read_text("utf-8")):
        if kind == "toml":
            found.append(Example(content))
        elif kind == "text":
            found[-1].text = content
        elif kind == "console":
            found[-1].consoles.append(content)
    return found


EXAMPLES = examples()
COMMANDS = [
    (example, command, lines)
    for example in EXAMPLES
    for console in example.consoles
    for command, *lines in (part.splitlines() for part in console.split("$ ") if part)
]


def configured(example: Example, directory: Path) -> Path:
    (directory / "denied-numbers").write_text(example.text, "utf-8")
    path = directory / "config.toml"
    path.write_text(example.toml, "utf-8")
    return path


def test_the_page_has_what_people_ask_for() -> None:
    assert len(EXAMPLES) > 8
    assert len(COMMANDS) > 15


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.toml.partition("\n")[0])
def test_an_example_loads(example: Example, tmp_path: Path) -> None:
    load_settings(configured(example, tmp_path), {}, None)


@pytest.mark.parametrize(("example", "command", "lines"), COMMANDS, ids=[command for _, command, _ in COMMANDS])
def test_a_command_says_what_the_page_says(example: Example, command: str, lines: list[str], tmp_path: Path) -> None:
    path = configured(example, tmp_path)
    name, *words = shlex.split(command)
    assert name == "fax-gateway"
    done = CliRunner().invoke(build("check"), [*words, "--config", str(path)])
    said = done.output.replace(str(path), CONFIGURATION).splitlines()
    assert [line for line in lines if line not in said] == [], "\n".join(said)
    assert said[-1] == lines[-1]
    assert done.exit_code == (1 if lines[-1].startswith("fault") else 0)
