"""Fonts that the gateway brings along, so that text prints on a machine that has none.

A bare Debian has no fonts, and plutoprint then prints empty pages without an error. Roboto (PyPI: font-roboto) is the
sans face and Roboto Mono (PyPI: fontpkg-roboto-mono) the monospaced one; both have Latin, Greek and Cyrillic, neither
has CJK or ✓. They stand first in a generated fontconfig file (fontconfig, fonts.conf), the system's own after them.
"""

import atexit
import importlib.util
import os
import shutil
import tempfile
from collections.abc import MutableMapping
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import ImageFont

SANS = "Roboto"
MONOSPACED = "Roboto Mono"

_VARIABLE = "FONTCONFIG_FILE"
_SYSTEM = "/etc/fonts/fonts.conf"
_NAME = "fax-gateway-fonts.conf"  # how a process, or a child that inherited the variable, knows its own file again
_PACKAGES = ("font_roboto", "fontpkg_roboto_mono")

# serif too: a fax prints alike on every machine, and a sans face keeps its strokes at 98 lines per inch.
_ALIASES = {
    "sans-serif": SANS,
    "serif": SANS,
    "system-ui": SANS,
    "Arial": SANS,
    "Helvetica": SANS,
    "Calibri": SANS,
    "monospace": MONOSPACED,
    "Courier New": MONOSPACED,
    "Consolas": MONOSPACED,
}


class FontsMissing(RuntimeError):  # noqa: N818 - says what is the case, as the other trees of this project do
    """A font package isn't installed: the installation is broken, no document is at fault."""


def font_directories() -> tuple[Path, ...]:
    """The directories with our own font files; raises FontsMissing."""
    return tuple(_files_of(package) for package in _PACKAGES)


def sans_font(pixels: int) -> ImageFont.FreeTypeFont:
    """Roboto Medium for drawing straight into an image; `pixels` is the em's height."""
    return ImageFont.truetype(_files_of("font_roboto") / "Roboto-Medium.ttf", pixels)


def set_up_fonts(directory: Path | None = None, environment: MutableMapping[str, str] = os.environ) -> Path:
    """Point FONTCONFIG_FILE to our configuration, before the first page is laid out; a second call changes nothing.

    `directory` takes the file and fontconfig's cache; without one it is a new private directory that goes when the
    process ends. A FONTCONFIG_FILE that was set before is included in the place of the system's. Must come before
    plutoprint's first page: fontconfig reads the variable once in a process's life.
    """
    before = environment.get(_VARIABLE)
    if before is not None and Path(before).name == _NAME and Path(before).is_file():
        return Path(before)
    if directory is None:
        directory = Path(tempfile.mkdtemp(prefix="fax-gateway-fonts-"))
        atexit.register(_remove, directory, os.getpid())
    path = directory / _NAME
    path.write_text(configuration(font_directories(), cache=directory / "cache", then=before or _SYSTEM), "utf-8")
    environment[_VARIABLE] = str(path)
    return path


def configuration(directories: tuple[Path, ...], *, cache: Path, then: str) -> str:
    """The text of the fontconfig file: our directories and aliases, then whatever the file `then` brings."""
    lines = [
        '<?xml version="1.0"?>',
        '<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">',
        "<fontconfig>",
        *(f"<dir>{escape(str(each))}</dir>" for each in directories),
        f"<cachedir>{escape(str(cache))}</cachedir>",
        *(
            f'<alias binding="same"><family>{asked}</family><prefer><family>{given}</family></prefer></alias>'
            for asked, given in _ALIASES.items()
        ),
        f'<include ignore_missing="yes">{escape(then)}</include>',
        "</fontconfig>",
    ]
    return "\n".join(lines) + "\n"


def _files_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise FontsMissing(f"the font package {package.replace('_', '-')} is not installed")
    return Path(found.submodule_search_locations[0]) / "files"


def _remove(directory: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked child ends too, and its parent still reads the file
        shutil.rmtree(directory, ignore_errors=True)
