"""The man pages say everything that the commands and the settings say, and mandoc finds nothing to complain of."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli import build, called
from gateway.cli.exits import MEANINGS, Exit
from gateway.cli.manual import commands
from gateway.cli.manual.__main__ import main
from gateway.cli.manual.mdoc import argument, paragraph
from gateway.config import Settings
from gateway.config.keys import field_at, keys
from tests.living import nursery

DATE = "November 25, 2026"
COMMANDS = {" ".join(each.path): each for each in commands.commands(build())}
KEYS = {".".join(key): field for key, field in keys()}
# Each stands beside the other only once both are installed.
NOT_INSTALLED = "referenced manual not found: Xr fax-gateway"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("man")
    main(directory)
    return directory


@pytest.mark.parametrize("name", ["fax-gateway.1", "fax-gateway.toml.5"])
def test_mandoc_has_no_complaint(need: Callable[[str], str], pages: Path, name: str) -> None:
    command = [need("mandoc"), "-T", "lint", str(pages / name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if NOT_INSTALLED not in line]
    assert complaints == []


def test_a_build_says_the_time_that_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764000000")
    main(tmp_path)
    assert (tmp_path / "fax-gateway.1").read_text().startswith(".Dd November 24, 2025\n")


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_each_of_its_options_is_described(path: str) -> None:
    command = COMMANDS[path]
    assert command.help
    assert [parameter for parameter in command.parameters if not parameter.help] == []
    assert "/" not in "".join(name for parameter in command.parameters for name in parameter.names)


def test_every_command_stands_in_the_page(need: Callable[[str], str], pages: Path) -> None:
    text = printed(need("mandoc"), (pages / "fax-gateway.1").read_text())
    for path, command in COMMANDS.items():
        assert f"\n     {path}" in text
        for parameter in command.parameters:
            assert all(name in text for name in parameter.names)


def test_every_exit_status_stands_in_the_page_and_in_the_operators_table(
    need: Callable[[str], str], pages: Path
) -> None:
    text = " ".join(printed(need("mandoc"), (pages / "fax-gateway.1").read_text()).split())
    operations = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    section = operations.partition("\n## How commands end\n")[2].partition("\n## ")[0]
    table = dict(re.findall(r"(?m)^\| (\d+) \| (.+) \|$", section))
    assert table == {str(status.value): meaning for status, meaning in MEANINGS.items()}
    for status in Exit:
        assert f"{status.value} {MEANINGS[status].replace('`', '')}" in text


def test_no_command_ends_with_a_status_that_has_no_meaning() -> None:
    """A monitoring system's own ones are those of `check --format nagios`, which says them itself."""
    sources = Path(__file__).parents[2] / "gateway" / "cli"
    ended = {
        word for each in sources.rglob("*.py") for word in re.findall(r"typer\.Exit\(([\w.]+)\)", each.read_text())
    }
    assert ended - {f"Exit.{status.name}" for status in Exit} == {"status"}  # asking.py's, one of them too


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_description_and_example_or_overrides_one_that_has(key: str) -> None:
    field = KEYS[key]
    profile, _, overridden = key.partition(".")
    if profile == "profile" and not field.description:
        field = field_at(overridden.split(".")) or field
    assert field.description
    assert field.examples


def test_every_section_and_key_stands_in_the_page(need: Callable[[str], str], pages: Path) -> None:
    text = printed(need("mandoc"), (pages / "fax-gateway.toml.5").read_text())
    for name in Settings.model_fields:
        assert f"[{name}]" in text or f"\n     {name}" in text
    for key in KEYS:
        assert key.rpartition(".")[2] in text


@pytest.mark.parametrize(
    "text",
    [
        ".Sh begins like a macro",
        "'so does this",
        r"a back\slash and \fB no bold",
        'No Ar Fl "quoted" (and so on)',
        "Grüße ✓ an Müller",
        "~user ^caret 'single' -dash",
        "One sentence. Another one! A third? Yes",
        "a literal `--may-duplicate 'x y'` in between",
    ],
)
def test_text_is_printed_as_it_was_written(need: Callable[[str], str], text: str) -> None:
    source = "\n".join([f".Dd {DATE}", ".Dt X 1", ".Os", ".Sh NAME", ".Nm x", ".Nd y", ".Sh DESCRIPTION"])
    shown = printed(need("mandoc"), "\n".join([source, *paragraph(text), ""]))
    body = shown.partition("DESCRIPTION\n")[2].strip().splitlines()[0]
    straight = body.replace("\u2019", "'").replace("\u2018", "'")
    assert " ".join(straight.split()) == text.replace("`", "")


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=200))
def test_any_text_is_ascii_and_no_request(text: str) -> None:
    for line in paragraph(text):
        assert line.isascii()
        assert not line.startswith((".", "'"))


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("Ar", r"\&Ar"),
        ("Arg", "Arg"),
        (".", r"\&."),
        ("two words", '"two words"'),
        ("", '""'),
        ('a"b', r"a\(dqb"),
        ("--json", r"\-\-json"),
    ],
)
def test_a_word_is_one_argument_and_no_macro(word: str, written: str) -> None:
    assert argument(word) == written


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_as_the_page_says(shell: str) -> None:
    variable = f"_FAX_GATEWAY_COMPLETE=source_{shell}"
    assert f"{variable} fax\\-gateway" in commands.page(build(), DATE)
    done = complete({"_FAX_GATEWAY_COMPLETE": f"source_{shell}"})
    assert "fax-gateway" in done


def test_completion_knows_commands() -> None:
    words = {"COMP_WORDS": "fax-gateway jobs ", "COMP_CWORD": "2"}
    assert "release" in complete(words | {"_FAX_GATEWAY_COMPLETE": "complete_bash"}).split()


def complete(variables: dict[str, str]) -> str:
    done = nursery.run(environ=os.environ | variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def printed(mandoc: str, source: str) -> str:
    """As a wide terminal shows it, without bold and underlined."""
    done = subprocess.run(
        [mandoc, "-T", "utf8", "-O", "width=300"], input=source, capture_output=True, text=True, timeout=60, check=True
    )
    return re.sub(".\b", "", done.stdout)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["serve"], ("serve",)),
        (["--config", "jobs", "serve"], ("serve",)),
        (["--config=x.toml", "jobs", "list"], ("jobs",)),
        (["--help"], ()),
        ([], ()),
        (["nonsense"], ()),
        (["--version"], ()),
    ],
)
def test_only_the_command_that_is_called_is_imported(arguments: list[str], names: tuple[str, ...]) -> None:
    assert called(arguments) == names
