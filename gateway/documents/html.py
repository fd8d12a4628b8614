"""HTML without what must not reach a renderer: scripts, forms, remote references (nh3, the Rust sanitizer ammonia).

Structure, tables and the styles that matter in print stay, but those that make a page wider than paper: it would be
drawn smaller as a whole, until nobody can read it. Pictures that came with the mail are put in as data: URLs.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

import nh3

from gateway.mail import Part

TAGS = frozenset(
    """
    a abbr address article b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div
    dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p
    pre q s samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var
    wbr
    """.split()  # noqa: SIM905 - one a line would fill two pages
)
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style", "align", "dir", "lang", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "width", "height", "valign", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "height", "valign", "bgcolor"},
    "tr": {"valign", "bgcolor"},
    "table": {"width", "border", "cellpadding", "cellspacing", "bgcolor"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "ol": {"start", "type"},
    "font": {"size", "face", "color"},
}
# None of them can hold a URL; `background` and `list-style` could.
STYLES = frozenset(
    """
    background-color border border-bottom border-collapse border-left border-right border-spacing border-top
    color direction display font font-family font-size font-style font-variant font-weight height
    letter-spacing line-height margin margin-bottom margin-left margin-right margin-top max-width padding
    padding-bottom padding-left padding-right padding-top page-break-after page-break-before page-break-inside
    text-align text-decoration text-indent text-transform vertical-align white-space width word-spacing
    """.split()  # noqa: SIM905 - one a line would fill two pages
)
# Their content goes with them; of any other unknown tag the content stays.
WITH_CONTENT = frozenset({"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"})
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"})
_REACHING_OUT = re.compile(r"url\s*\(|expression\s*\(|image(-set)?\s*\(|\\", re.IGNORECASE)  # or hidden by an escape
# Wider than A4 between the margins of a cover, 170 mm, in CSS's units (CSS Values 4 §6.2).
_MOST = {"": 640.0, "px": 640.0, "pt": 480.0, "pc": 40.0, "in": 6.7, "cm": 17.0, "mm": 170.0, "q": 680.0}
_WIDTH = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{0,9})?)\s*([a-z]*)(?:\s*!\s*important)?\s*", re.IGNORECASE)
_WRAPPED = {"nowrap": "normal", "pre": "pre-wrap"}  # of white-space
_LONG_WORD = re.compile(r"<[^>]*>|(?:&[#\w]+;|[^\s<&]){41,}")  # or a tag, which stays
_STRETCH = re.compile(r"(?:&[#\w]+;|[^&]){20}(?=.)")
_LINE_END = re.compile(r"(?=</?(?:br|p|div|tr|li|h[1-6]|blockquote)\b)", re.IGNORECASE)
_CID = re.compile(r"^cid:(.+)$", re.IGNORECASE)  # RFC 2392
_DATA = re.compile(r"^data:(image/[a-z.+-]+);base64,[A-Za-z0-9+/=\s]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CleanedHtml:
    """`fragment`: the content alone; `dropped`: what was taken out, for the job's events."""

    fragment: str
    dropped: tuple[str, ...]

    def document(self, title: str = "") -> str:
        """A complete document, to be encoded as UTF-8."""
        head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
        return f"<!DOCTYPE html>\n<html><head>{head}</head>\n<body>{self.fragment}</body></html>\n"


def clean_html(html: str, inline: Mapping[str, Part]) -> CleanedHtml:
    """`inline`: the parts that the HTML may show, by content id."""
    remote: list[str] = []

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "style":
            return None if _REACHING_OUT.search(value) else _on_paper(tag, value)
        if attribute == "width" and tag != "img":
            return _width_on_paper(tag, value)
        if (tag, attribute) != ("img", "src"):
            return value
        picture = _picture(value.strip(), inline)
        if picture is None:
            remote.append(value)
        return picture

    fragment = nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(WITH_CONTENT),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=keep,
        filter_style_properties=set(STYLES),
        url_schemes={"cid", "data", "http", "https"},  # so that the filter sees them; it lets no other than data pass
        link_rel=None,
        strip_comments=True,
    )
    dropped = (f"{len(remote)} pictures that the mail does not bring along",) if remote else ()
    return CleanedHtml(_LONG_WORD.sub(_breakable, fragment), dropped)


def text_of(html: str) -> str:
    """The words of a page, line by line; for judging them, not for printing."""
    lines = _LINE_END.sub("\n", html)
    return unescape(nh3.clean(lines, tags=set(), clean_content_tags=set(WITH_CONTENT)))


def _on_paper(tag: str, style: str) -> str:
    if tag == "img":  # covers bound it
        return style
    kept = []
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        match name.strip().lower():
            case "white-space":
                word = value.partition("!")[0].strip().lower()
                kept.append(f"white-space: {_WRAPPED.get(word, word)}")
            case "width":
                width = _width_on_paper(tag, value)
                kept += [] if width is None else [f"width: {width}"]
            case _:
                kept.append(declaration)
    return ";".join(kept)


def _width_on_paper(tag: str, width: str) -> str | None:
    """None: as wide as what is in it."""
    match = _WIDTH.fullmatch(width)
    if match is None or float(match[1]) <= _MOST.get(match[2].lower(), float("inf")):
        return width
    return "100%" if tag == "table" else None


def _breakable(found: re.Match[str]) -> str:
    """A long word, an address of a page most often, may break: a cell of a table is as wide as its longest word."""
    return found[0] if found[0].startswith("<") else _STRETCH.sub(r"\g<0><wbr>", found[0])


def _picture(source: str, inline: Mapping[str, Part]) -> str | None:
    """The data: URL of a picture that is at hand; None for any other."""
    if _DATA.match(source) and source[5:].partition(";")[0].lower() in PICTURES:
        return source
    match = _CID.match(source)
    part = inline.get(match[1]) if match is not None else None
    if part is None or part.declared_type not in PICTURES:
        return None
    return f"data:{part.declared_type};base64,{base64.b64encode(part.content).decode('ascii')}"
