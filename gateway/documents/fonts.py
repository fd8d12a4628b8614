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
import unicodedata
from collections.abc import MutableMapping
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageFont

SANS = "Roboto"
MONOSPACED = "Roboto Mono"

FONTS_VARIABLE = "FONTCONFIG_FILE"
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


# What uncovered_characters needs not look at: our faces have all of Basic Latin, Latin-1 and Latin Extended-A.
_SURE = "\u0180"
_NOBODYS = "\U0010fffd"  # private use: no font has it, so it shows how a missing character looks
_CELL = 64  # CSS pixels, 48 points: one character's page
_CELL_STYLE = "p { margin: 0; font: 15pt/1 sans-serif; break-after: page; }"


class FontsMissing(RuntimeError):
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
    before = environment.get(FONTS_VARIABLE)
    if before is not None and Path(before).name == _NAME and Path(before).is_file():
        return Path(before)
    if directory is None:
        directory = Path(tempfile.mkdtemp(prefix="fax-gateway-fonts-"))
        atexit.register(_remove, directory, os.getpid())
    path = directory / _NAME
    path.write_text(configuration(font_directories(), cache=directory / "cache", then=before or _SYSTEM), "utf-8")
    environment[FONTS_VARIABLE] = str(path)
    return path


def uncovered_characters(text: str) -> set[str]:
    """The characters of `text` that no font here has: they would print as boxes or gaps.

    Judged by laying out each one, 4,000 a second, since only fontconfig knows what the system's fonts add to ours.
    """
    visible = {c for c in set(text) if c >= _SURE and unicodedata.category(c)[0] in "LNPS"}
    if not visible:
        return set()
    missing, *shapes = _shapes((_NOBODYS, *visible))
    return {c for c, shape in zip(visible, shapes, strict=True) if shape is None or shape == missing}


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


def _shapes(characters: tuple[str, ...]) -> list[tuple[int, bytes] | None]:
    """Width and pixels of each character as it would be printed, None for one without ink."""
    set_up_fonts()
    import plutoprint  # noqa: PLC0415 - reads the fonts' configuration, which must stand before

    side = _CELL * plutoprint.UNITS_PX / plutoprint.UNITS_PT
    book = plutoprint.Book(plutoprint.PageSize(side, side), plutoprint.PageMargins(6, 6, 6, 6))
    book.load_html("".join(f"<p>{escape(c)}</p>" for c in characters), _CELL_STYLE)
    shapes: list[tuple[int, bytes] | None] = []
    for index in range(len(characters)):
        canvas = plutoprint.ImageCanvas(_CELL, _CELL)
        book.render_page(canvas, index)
        ink = Image.frombuffer("RGBA", (_CELL, _CELL), bytes(canvas.get_data())).getchannel("A")
        box = ink.getbbox()
        shapes.append(None if box is None else (box[2] - box[0], ink.crop(box).tobytes()))
    return shapes


def _files_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise FontsMissing(f"the font package {package.replace('_', '-')} is not installed")
    return Path(found.submodule_search_locations[0]) / "files"


def _remove(directory: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked child ends too, and its parent still reads the file
        shutil.rmtree(directory, ignore_errors=True)
