"""OpenPGP in the text of a mail and in files beside it (RFC 4880 §6.2, §7, RFC 3156).

A signed text is shown without its armour; what is encrypted can't be faxed. Signatures are not verified.
"""

import re

_BEGIN = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z-]+:[^\n]*\n)*[ \t]*\n", re.MULTILINE)
_SIGNATURE = re.compile(r"^-----BEGIN PGP SIGNATURE-----[ \t]*$", re.MULTILINE)
_END = re.compile(r"^-----END PGP SIGNATURE-----[ \t]*$\n?", re.MULTILINE)
_ENCRYPTED = re.compile(r"^-----BEGIN PGP MESSAGE(?:, PART [^\n-]*)?-----[ \t]*$", re.MULTILINE)
_ENCRYPTED_IN_HTML = re.compile(r"-----BEGIN PGP MESSAGE-----.*-----END PGP MESSAGE-----", re.DOTALL)
_DASH = re.compile(r"^- ", re.MULTILINE)  # RFC 4880 §7.1
_MARK = "-----BEGIN PGP "
ARMOUR_WITHIN = 1024  # bytes in which a file's armour begins


def without_armour(text: str) -> tuple[str, bool]:
    """The text as it was before it was signed, and whether it was. `text` has its lines ended by newlines."""
    if "-----BEGIN PGP SIGNED MESSAGE-----" not in text:
        return text, False
    out: list[str] = []
    position = 0
    while (begin := _BEGIN.search(text, position)) and (signature := _SIGNATURE.search(text, begin.end())):
        end = _END.search(text, signature.end())
        out += [text[position : begin.start()], _DASH.sub("", text[begin.end() : signature.start()])]
        position = end.end() if end is not None else len(text)
    return "".join([*out, text[position:]]), bool(out)


def is_encrypted_text(text: str) -> bool:
    """Whether a part of it can't be read; an armour that is only quoted doesn't count."""
    return _MARK in text and _ENCRYPTED.search(text) is not None


def is_encrypted_html(html: str) -> bool:
    return _MARK in html and _ENCRYPTED_IN_HTML.search(html) is not None


def is_signature(data: bytes) -> bool:
    return data[:ARMOUR_WITHIN].lstrip().startswith(b"-----BEGIN PGP SIGNATURE-----")


def is_encrypted_file(data: bytes) -> bool:
    return data[:ARMOUR_WITHIN].lstrip().startswith(b"-----BEGIN PGP MESSAGE")
