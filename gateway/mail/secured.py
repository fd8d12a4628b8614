"""What is signed, compressed or encrypted: S/MIME (RFC 8551), OpenPGP (RFC 3156), by the rules of RFC 1847.

What was signed is taken out, its signature left out and not verified. What is encrypted is a fatal problem: we have no
keys, and a fax of an unreadable document helps nobody.
"""

from dataclasses import dataclass
from typing import assert_never

from gateway.mail.cms import Sealed, open_cms
from gateway.mail.model import Problem
from gateway.mail.node import Node, TooDeep, TooMuch, size
from gateway.mail.pgp import is_encrypted_file, is_signature
from gateway.mail.tree import parse_tree

SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})
CMS_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
CMS_ENDINGS = ("p7m", "p7z")  # RFC 8551 §3.2.1: a gateway may have lost the type
ARMOUR_ENDINGS = ("asc", "pgp", "gpg", "sig")
SMIME, PGP = "S/MIME", "PGP"
MOST_OPENED = 64 * 1024 * 1024  # bytes, over all parts of a mail


@dataclass(slots=True)
class Purse:
    """What may still be opened, over all parts of a mail: a signed part may hold signed ones, a packed one unfolds."""

    parts: int
    bytes: int = MOST_OPENED


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much may be opened, and how deep on this way through the tree."""

    depth: int
    purse: Purse


@dataclass(frozen=True, slots=True)
class Enclosed:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Secured:
    """What was found inside: trees to go on with, a file, nothing."""

    trees: tuple[Node, ...] = ()
    file: Enclosed | None = None
    left_out: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    levels: int = 0  # that these trees are deeper


def opened(node: Node, allowance: Allowance) -> Secured | None:
    """None: nothing is secured here, or it can't be opened and stays a file."""
    if node.content_type.startswith("multipart/"):
        return _multipart(node)
    kind, ending = node.content_type, node.filename.rpartition(".")[2].lower() if node.filename else ""
    if kind in CMS_TYPES or ending in CMS_ENDINGS:
        return _cms(node, allowance)
    if kind in SIGNATURES or ending == "p7s":
        return Secured(left_out=(f"signature {_name(node)}",))
    if kind == "application/pgp-keys":
        return Secured(left_out=(f"public key {_name(node)}",))
    if kind == "application/pgp-encrypted":
        return _encrypted(node, PGP)
    return _armoured(node) if ending in ARMOUR_ENDINGS else None


def _multipart(node: Node) -> Secured | None:
    if node.content_type == "multipart/encrypted":
        protocol = node.parameter("protocol") or ""
        return _encrypted(node, PGP if "pgp" in protocol.lower() or not protocol else SMIME)
    return _signed(node) if node.content_type == "multipart/signed" and len(node.children) > 1 else None


def _signed(node: Node) -> Secured:
    """RFC 1847 §2.1: exactly two parts, content and signature; what a list has added behind them is kept."""
    content, signature, *added = node.children
    protocol = (node.parameter("protocol") or "").lower()
    if signature.content_type in {*SIGNATURES, protocol}:
        return Secured((content, *added), left_out=(f"signature {_name(signature)}",))
    return Secured(node.children)


def _armoured(node: Node) -> Secured | None:
    data = node.load()
    if is_signature(data):
        return Secured(left_out=(f"signature {_name(node)}",))
    return _encrypted(node, PGP) if is_encrypted_file(data) else None


def _cms(node: Node, allowance: Allowance) -> Secured | None:
    content = open_cms(node.load(), most=allowance.purse.bytes)
    if isinstance(content, bytes):
        allowance.purse.bytes -= len(content)
        return _inside(node, content, allowance)
    match content:
        case Sealed.ENCRYPTED:
            return _encrypted(node, SMIME)
        case Sealed.CERTIFICATES_ONLY:
            return Secured(left_out=(f"certificates {_name(node)}",))
        case Sealed.TOO_LARGE:
            return _problem(f"{_subject(node)} holds too much in signed or packed parts (S/MIME); send it without them")
        case Sealed.UNREADABLE:
            return None
        case _:
            assert_never(content)


def _inside(node: Node, content: bytes, allowance: Allowance) -> Secured:
    stem = node.filename.rpartition(".")[0] if node.filename else ""
    if "." in stem:  # contract.pdf.p7m: a file that was signed, not a mail
        return Secured(file=Enclosed(stem, content), left_out=(f"signature around {stem}",))
    try:
        tree = parse_tree(content)
    except TooDeep:
        return _too_deep(node)
    except TooMuch as too_much:
        return _problem(str(too_much), "5.6.0")
    levels, parts = size(tree)
    allowance.purse.parts -= parts
    if allowance.purse.parts < 0:
        return _problem(f"{_subject(node)} has too many signed or packed parts (S/MIME)", "5.6.0")
    if levels >= allowance.depth:
        return _too_deep(node)
    return Secured((tree,), left_out=("signature around the mail's content",), levels=1)


def _too_deep(node: Node) -> Secured:
    return _problem(f"{_subject(node)} has signed parts (S/MIME) that are nested too deep", "5.6.0")


def _encrypted(node: Node, by: str) -> Secured:
    return _problem(f"{_subject(node)} is encrypted ({by}) and can't be opened here; send it unencrypted")


def _problem(sentence: str, code: str = "5.6.1") -> Secured:
    return Secured(problems=(Problem(sentence, fatal=True, enhanced_code=code),))


def _subject(node: Node) -> str:
    """A file by its name; the names that RFC 8551 §3.2.1 gives to a whole mail tell its sender nothing."""
    stem = (node.filename or "").partition(".")[0].lower()
    return node.filename if node.filename and stem not in {"smime", "encrypted", "msg", "openpgp"} else "the mail"


def _name(node: Node) -> str:
    return node.filename or node.content_type
