"""Fonts of our own: found without the system's, named first, and no blank fax without any."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.documents.fonts import configuration, font_directories, set_up_fonts, uncovered_characters

EMPTY = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig></fontconfig>'
RENDER = """
import sys
from gateway.documents.fonts import uncovered_characters
from gateway.documents.render import RenderError, RenderOptions, SourceDocument, render_fax
for name, text in (("a.txt", sys.argv[1]), ("a.html", "<hr>" + sys.argv[1])):
    try:
        print(name, render_fax([SourceDocument(name, text.encode())], options=RenderOptions()).pages)
    except RenderError as error:
        print(name, error.reason)
"""


def rendered(text: str, fontconfig: Path) -> list[str]:
    environment = {**os.environ, "FONTCONFIG_FILE": str(fontconfig)}
    done = subprocess.run(
        [sys.executable, "-c", RENDER, text], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("text", ["Grüße", "Καλημέρα", "Привет"])
def test_a_machine_without_fonts(text: str, tmp_path: Path) -> None:
    bare = tmp_path / "bare.conf"
    bare.write_text(EMPTY)
    assert rendered(text, bare) == ["a.txt 1", "a.html 1"]


def test_letters_that_no_font_has(tmp_path: Path) -> None:
    bare = tmp_path / "bare.conf"
    bare.write_text(EMPTY)
    says = "has text, but no font here has any of its letters"
    assert rendered("漢字", bare) == [f"a.txt {says}", f"a.html {says}"]
    assert rendered("漢字 and more", bare) == ["a.txt 1", "a.html 1"]


def test_the_file_is_written_once(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    path = set_up_fonts(tmp_path, environment)
    assert environment == {"FONTCONFIG_FILE": str(path)}
    assert set_up_fonts(tmp_path / "elsewhere", environment) == path
    assert "/etc/fonts/fonts.conf" in path.read_text()


def test_a_configuration_that_was_set_before_comes_after_ours(tmp_path: Path) -> None:
    environment = {"FONTCONFIG_FILE": "/site/fonts.conf"}
    text = set_up_fonts(tmp_path, environment).read_text()
    assert text.index(str(font_directories()[0])) < text.index("/site/fonts.conf")
    assert "/etc/fonts" not in text


def test_paths_are_escaped() -> None:
    assert "<dir>/a&amp;b</dir>" in configuration((Path("/a&b"),), cache=Path("/c"), then="/d")


def test_uncovered_characters() -> None:
    ours = "".join(map(chr, [*range(0x20, 0x180), *range(0x391, 0x3A2), *range(0x3B1, 0x3CA), *range(0x410, 0x450)]))
    assert uncovered_characters(ours + "€–„“…•") == set()
    assert uncovered_characters("") == set()
