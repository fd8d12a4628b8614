"""What the documentation says of the project is there: pages, sections, rooms, places in the code, keys, commands."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.requirements import Requirement

from gateway.cli import COMMANDS, build
from gateway.config import Settings
from gateway.config.keys import keys
from gateway.documents.cover import CoverContext, Covers

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def headings(page: Path) -> list[str]:
    """What stands in a block of code is none."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^#+ (.*)$", text, re.MULTILINE)


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_page_and_a_section(name: str) -> None:
    page = ROOT / name
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
        if "://" in link:
            continue
        path, _, section = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not section or section in map(anchor, headings(target)), link


def test_every_page_is_reached_from_another() -> None:
    reached = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in PAGES
        for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8"))
        if "://" not in link and not link.startswith("#")
    }
    assert [page.name for page in PAGES if page.resolve() not in reached and page.name != "README.md"] == []


def test_the_rooms_of_the_architecture_are_those_of_the_code_in_their_order() -> None:
    shown = re.findall(r"^\| (\d) \| `(\w+)` \|", ARCHITECTURE, re.MULTILINE)
    contract: Any = PROJECT["tool"]["importlinter"]["contracts"][0]
    layers = [(str(n), room) for n, layer in enumerate(contract["layers"], 1) for room in layer.split(" | ")]
    assert shown == layers
    packages = {path.stem for path in (ROOT / "gateway").glob("[a-z]*") if path.name != "py.typed"}
    assert {room for _, room in shown} == packages


def test_every_library_has_its_reason() -> None:
    libraries = ARCHITECTURE.partition("## Libraries")[2]
    named = {re.sub(r"[^a-z0-9]", "", word.lower()) for word in re.findall(r"[\w-]+", libraries)}
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["postgresql"]
    names = [re.sub(r"[^a-z0-9]", "", Requirement(each).name.lower()) for each in wanted]
    assert [name for name in names if name not in named] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_place_in_the_project_that_a_page_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|toml|yml|json|service|socket|j2))`", text)
    named += re.findall(r"\b((?:docs|tests)/[\w./-]+\.(?:py|md|yml|json))", text)
    places = (ROOT, ROOT / "gateway", ROOT / "gateway" / "documents")
    assert [path for path in named if "NAME" not in path and not any((place / path).exists() for place in places)] == []


def test_every_section_that_the_code_cites_is_there() -> None:
    sections = headings(ROOT / "docs" / "architecture.md")
    cited = [
        (path.name, quoted)
        for folder in ("gateway", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for names in re.findall(r'docs/architecture\.md, ((?:"[^"]+"(?: and |, )?)+)', path.read_text("utf-8"))
        for quoted in re.findall(r'"([^"]+)"', names)
    ]
    assert len(cited) > 10
    assert [each for each in cited if each[1] not in sections and "{" not in each[1]] == []


def test_every_page_that_the_code_names_is_there() -> None:
    named = {
        page
        for path in (ROOT / "gateway").rglob("*.py")
        for page in re.findall(r"docs/[\w/-]+\.md", path.read_text("utf-8"))
    }
    assert len(named) > 5
    assert [page for page in sorted(named) if not (ROOT / page).exists()] == []


def test_every_rule_by_which_an_address_is_refused_is_explained() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "gateway" / "address").glob("*.py"))
    rules = set(re.findall(r'rule="([a-z-]+)"', code))
    assert len(rules) > 20
    assert rules <= set(re.findall(r"`([a-z-]+)`", (ROOT / "docs" / "addresses.md").read_text("utf-8")))


@pytest.mark.parametrize("name", NAMES)
def test_every_key_that_a_page_names_is_one(name: str) -> None:
    known = {".".join(key) for key, _ in keys()} | {f"{'.'.join(key)}_file" for key, _ in keys()}
    sections = {key.partition(".")[0] for key in known if "." in key} - {"push", "log"}
    named = re.findall(rf"`((?:{'|'.join(sorted(sections))})\.[a-z_.]+)`", (ROOT / name).read_text("utf-8"))
    endings = (".db", ".example.com", ".sock", ".service", ".socket", ".erasures")
    assert [key for key in named if key not in known and not key.endswith(endings)] == []


@pytest.mark.parametrize("name", [name for name in NAMES if "docs/connect/" not in name])
def test_every_configuration_that_a_page_shows_is_taken(name: str) -> None:
    """Those of docs/connect have a test of their own (tests/recipes/test_pages.py)."""
    for block in re.findall(r"^```toml\n(.*?)^```", (ROOT / name).read_text("utf-8"), re.DOTALL | re.MULTILINE):
        values = tomllib.loads(block)
        for section in values.values():  # files are read at the start
            if isinstance(section, dict):
                for key in [key for key in section if key.endswith("_file") and key != "deny_file"]:
                    section[key.removesuffix("_file")] = section.pop(key)
        values.get("numbers", {}).pop("deny_file", None)
        Settings.model_validate(values)


def test_the_cover_of_ones_own_gives_a_page(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "covers.md").read_text("utf-8")
    (template,) = re.findall(r"^```jinja\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    (tmp_path / "cover").mkdir()
    (tmp_path / "cover" / "ward.html.j2").write_text(template, "utf-8")
    assert Covers([tmp_path]).problems("ward") == []
    named = set(re.findall(r"`(\w+)`", text.partition("It may use")[2].partition("An unknown name")[0]))
    assert {field.name for field in fields(CoverContext)} <= named


def command_lines(text: str) -> Iterator[list[str]]:
    """What stands between backticks in the running text, and in blocks of code, behind a prompt or not."""
    written = re.findall(r"`fax-gateway ([^`\n]+)`", text)
    for block in re.findall(r"^```.*?^```", text, re.DOTALL | re.MULTILINE):
        written += re.findall(r"^(?:.*[$#] )?(?:sudo -u [\w-]+ )?fax-gateway (.+)$", block, re.MULTILINE)
    for line in written:
        yield shlex.split(re.split(r"\s#|[|>;\\]", line)[0].replace("[", " ").replace("]", " "))


@pytest.fixture(scope="module")
def program() -> Any:
    return typer.main.get_command(build())


@pytest.mark.parametrize("name", NAMES)
def test_every_command_that_a_page_types_is_one(name: str, program: Any) -> None:
    for words in command_lines((ROOT / name).read_text("utf-8")):
        assert words[0].startswith("-") or words[0] in COMMANDS, words
        command, rest = program, list(words)
        while rest and rest[0] in getattr(command, "commands", {}):
            command = command.commands[rest.pop(0)]
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        unknown = [word for word in rest if word.startswith("-") and word.partition("=")[0] not in {*options, "--help"}]
        assert unknown == [], words
