"""Signed, packed and encrypted mails: opened where they can be, else refused with a reason."""

import base64
import zlib

import pytest

from gateway.mail import Mail, MailLimits, parse_mail

TEXT = b"Content-Type: text/plain\r\n\r\nGuten Tag"
SIGNED, COMPRESSED = "2a864886f70d010702", "2a864886f70d0109100109"
ENVELOPED = bytes.fromhex("300d06092a864886f70d010703a000")


def sealed(content: bytes, kind: str = SIGNED) -> bytes:
    """A CMS structure without a signer: nobody here would verify it (X.690: indefinite lengths throughout)."""
    oid = bytes.fromhex(kind)
    octets = b"\x04\x84" + len(content).to_bytes(4, "big") + content
    data = bytes.fromhex("06092a864886f70d010701") + b"\xa0\x80" + octets + b"\0\0"
    inside = b"\x30\x80\x02\x01\x01\x31\x00\x30\x80" + data + b"\0\0\x31\x00\0\0"
    return b"\x30\x80\x06" + bytes([len(oid)]) + oid + b"\xa0\x80" + inside + b"\0\0\0\0"


def entity(content_type: str, data: bytes, *, name: str | None = None) -> bytes:
    disposition = f'\r\nContent-Disposition: attachment; filename="{name}"' if name else ""
    header = f"Content-Type: {content_type}{disposition}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return header.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n")


def mixed(*parts: bytes) -> bytes:
    inner = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + inner + b"--b--\r\n"


def parsed(raw: bytes, **limits: int) -> Mail:
    return parse_mail(b"Subject: x\r\n" + raw, MailLimits(**limits))


@pytest.mark.parametrize(
    "raw",
    [
        entity("application/pkcs7-mime; smime-type=signed-data", sealed(TEXT), name="smime.p7m"),
        entity("application/x-pkcs7-mime", sealed(TEXT)),
        entity("application/octet-stream", sealed(TEXT), name="smime.p7m"),  # a gateway lost the type
        entity("application/pkcs7-mime; smime-type=compressed-data", sealed(zlib.compress(TEXT), COMPRESSED)),
        mixed(entity("application/pkcs7-mime", sealed(TEXT))),
    ],
    ids=["typed", "old type", "by name", "compressed", "with a footer's multipart around"],
)
def test_an_opaque_mail_is_opened(raw: bytes) -> None:
    found = parsed(raw)
    assert (found.body.text, found.attachments, found.problems) == ("Guten Tag", (), ())
    assert found.left_out == ("signature around the mail's content",)


def test_layers_are_opened_one_after_the_other() -> None:
    """RFC 2634 §1.1: triple wrapping, but for the encryption."""
    inner = entity("application/pkcs7-mime", sealed(zlib.compress(TEXT), COMPRESSED))
    assert parsed(entity("application/pkcs7-mime", sealed(inner))).body.text == "Guten Tag"


def test_a_signed_file_is_the_file() -> None:
    (part,) = parsed(mixed(entity("application/pkcs7-mime", sealed(b"%PDF-"), name="vertrag.pdf.p7m"))).attachments
    assert (part.filename, part.content) == ("vertrag.pdf", b"%PDF-")


@pytest.mark.parametrize(
    ("raw", "culprit"),
    [
        (entity("application/pkcs7-mime; smime-type=enveloped-data", ENVELOPED, name="smime.p7m"), "the mail is"),
        (mixed(TEXT, entity("application/pkcs7-mime", ENVELOPED, name="Vertrag.p7m")), "Vertrag.p7m is"),
        (entity("application/pkcs7-mime", sealed(entity("application/pkcs7-mime", ENVELOPED))), "the mail is"),
        (b"Content-Type: multipart/encrypted; protocol=application/pgp-encrypted; boundary=b\r\n\r\n--b--", "the mail"),
        (mixed(TEXT, entity("application/pgp-encrypted", b"Version: 1")), "the mail is"),
        (mixed(TEXT, entity("text/plain", b"-----BEGIN PGP MESSAGE-----\n", name="a.pdf.asc")), "a.pdf.asc is"),
        (b"\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n", "the mail's text is"),
    ],
    ids=range(7),
)
def test_what_is_encrypted_is_a_fatal_problem_that_names_it(raw: bytes, culprit: str) -> None:
    found = parsed(raw)
    (problem,) = found.problems
    assert problem.fatal
    assert problem.enhanced_code == "5.6.1"
    assert problem.sentence.startswith(culprit)
    assert "encrypted" in problem.sentence
    assert problem.sentence.endswith("send it unencrypted")
    assert found.body.is_empty
    assert found.attachments == ()


@pytest.mark.parametrize(
    ("part", "clause"),
    [
        (entity("application/pkcs7-signature", b"0", name="smime.p7s"), "signature smime.p7s"),
        (entity("application/octet-stream", b"0", name="smime.p7s"), "signature smime.p7s"),
        (entity("application/pgp-signature", b"x"), "signature application/pgp-signature"),
        (entity("text/plain", b"-----BEGIN PGP SIGNATURE-----\n", name="a.asc"), "signature a.asc"),
        (entity("application/pgp-keys", b"x", name="0xABCD.asc"), "public key 0xABCD.asc"),
    ],
    ids=range(5),
)
def test_signatures_and_keys_are_left_out_wherever_they_stand(part: bytes, clause: str) -> None:
    found = parsed(mixed(TEXT, part))
    assert found.attachments == ()
    assert found.left_out == (clause,)


def test_what_cannot_be_opened_stays_a_file() -> None:
    (part,) = parsed(mixed(TEXT, entity("application/pkcs7-mime", b"nonsense", name="smime.p7m"))).attachments
    assert part.filename == "smime.p7m"
    (note,) = parsed(mixed(TEXT, entity("text/plain", b"only a text", name="notes.asc"))).attachments
    assert note.content == b"only a text"


def test_a_part_that_a_list_added_behind_the_signature_is_kept() -> None:
    raw = mixed(TEXT, entity("application/pgp-signature", b"x"), TEXT.replace(b"Guten Tag", b"footer"))
    signed = raw.replace(b"multipart/mixed", b"multipart/signed; protocol=application/pgp-signature")
    assert parsed(signed).body.text == "Guten Tag\n\nfooter"


def test_layers_count_as_depth() -> None:
    wrapped = TEXT
    for _ in range(9):
        wrapped = entity("application/pkcs7-mime", sealed(wrapped))
    assert parsed(wrapped, depth=10).body.text == "Guten Tag"
    (problem,) = parsed(wrapped, depth=9).problems
    assert "nested too deep" in problem.sentence


def test_parts_inside_count_as_parts() -> None:
    inner = entity("application/pkcs7-mime", sealed(mixed(*[TEXT] * 6)))
    assert parsed(mixed(inner), parts=6).problems == ()
    (problem,) = parsed(mixed(inner, inner), parts=11).problems
    assert "too many" in problem.sentence


def test_what_unfolds_too_far_is_refused() -> None:
    bomb = sealed(zlib.compress(b"x" * 50_000_000), COMPRESSED)
    packed = mixed(*[entity("application/pkcs7-mime", bomb)] * 3)
    (problem, *_) = parsed(packed).problems
    assert problem.fatal
    assert "too much" in problem.sentence
