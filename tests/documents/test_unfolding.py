"""What stands inside of attachments becomes documents of its own, in the order of the mail."""

import io
import zipfile
from email.message import EmailMessage
from typing import Any

import pytest

from gateway.documents.finding import DocumentLimits, Entry, Fault, Unpack, Unpacked, Unsettled
from gateway.documents.sniff import Kind
from gateway.documents.unfaxable import Unfaxable
from gateway.documents.unfolding import DEPTH, Document, Letter, Unfolded, Waiting, unfold
from gateway.mail import Mail, MailLimits, parse_mail

WINMAIL = b"\x78\x9f\x3e\x22" + bytes(60)
PDF = b"%PDF-1.4\nx"


def archive(*files: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, data in files:
            packed.writestr(name, data)
    return target.getvalue()


def message(text: str, *files: tuple[str, bytes], subject: str = "Angebot") -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = subject
    made["From"] = "Jana Beispiel <jana@example.com>"
    made.set_content(text)
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made


def mail(made: EmailMessage) -> Mail:
    return parse_mail(made.as_bytes(), MailLimits())


def nothing(_kind: Kind, _content: bytes) -> Unsettled:
    return Unsettled()


def unfolded(made: EmailMessage, unpack: Unpack = nothing, archives: Any = "unpack") -> Unfolded:
    result = unfold(mail(made), DocumentLimits(), MailLimits(), archives, unpack)
    assert isinstance(result, Unfolded), result
    return result


def described(result: Unfolded) -> list[tuple[str, str]]:
    kinds = {Document: "document", Letter: "letter", Waiting: "waiting"}
    return [(kinds[type(item)], item.label) for item in result.items]


def test_a_mail_without_containers_is_its_attachments() -> None:
    result = unfolded(message("Guten Tag", ("a.pdf", PDF), ("b.txt", b"text")))
    assert described(result) == [("document", "a.pdf"), ("document", "b.txt")]


def test_a_pdf_that_calls_itself_a_mail_is_a_document() -> None:
    assert described(unfolded(message("Guten Tag", ("scan.eml", PDF)))) == [("document", "scan.eml")]


def test_an_attached_mail_is_a_letter_and_its_attachments_follow() -> None:
    inner = message("Der Inhalt", ("Plan.pdf", PDF), subject="Unterlagen")
    outer = message("Siehe Anlage", ("vorher.pdf", PDF))
    outer.add_attachment(inner)
    outer.add_attachment(b"text", maintype="application", subtype="octet-stream", filename="nachher.txt")
    result = unfolded(outer)
    assert described(result) == [
        ("document", "vorher.pdf"),
        ("letter", "Unterlagen"),
        ("document", "Unterlagen: Plan.pdf"),
        ("document", "nachher.txt"),
    ]
    letter = result.items[1]
    assert isinstance(letter, Letter)
    assert (letter.mail.body.text or "").strip() == "Der Inhalt"


def test_a_saved_mail_is_one_whatever_it_is_declared_to_be() -> None:
    saved = message("Der Inhalt", subject="Unterlagen").as_bytes()
    assert described(unfolded(message("Siehe Anlage", ("Post.EML", saved)))) == [("letter", "Post.EML")]


def test_an_attached_mail_with_nothing_to_show_is_left_out() -> None:
    empty = EmailMessage()
    empty.set_content("")
    outer = message("Siehe Anlage")
    outer.add_attachment(empty)
    result = unfolded(outer)
    assert result.items == ()
    assert result.left_out == ("attachment 1: a mail without header and text",)


def test_mails_within_mails_are_followed_so_far_and_no_further() -> None:
    def nested(levels: int) -> EmailMessage:
        made = message("innen")
        for level in range(levels):
            around = message("aussen", subject=f"Ebene {level}")
            around.add_attachment(made)
            made = around
        return made

    assert len(unfolded(nested(DEPTH)).items) == DEPTH
    result = unfold(mail(nested(DEPTH + 1)), DocumentLimits(), MailLimits(), "unpack", nothing)
    assert isinstance(result, Unfaxable)
    assert "attached to each other more than 10 times" in result.sentence


def test_an_attached_mail_that_cannot_be_read_is_the_culprit() -> None:
    inner = EmailMessage()
    inner["Subject"] = "Tief"
    inner.set_content("x")
    for _ in range(5):
        around = EmailMessage()
        around.make_mixed()
        around.attach(inner)
        inner = around
    outer = message("Siehe Anlage")
    outer.add_attachment(inner)
    result = unfold(mail(outer), DocumentLimits(), MailLimits(depth=3), "unpack", nothing)
    assert isinstance(result, Unfaxable)
    assert result.culprit == "attachment 1"


def test_the_files_of_an_archive_are_documents_where_the_configuration_says_so() -> None:
    entries = (Entry("Ordner/a.pdf", "", PDF), Entry("b.txt", "", b"text"))
    made = message("Guten Tag", ("Akte.zip", archive(("a.pdf", PDF))), ("c.pdf", PDF))

    def unpack(kind: Kind, content: bytes) -> Unpacked:
        assert (kind, content[:2]) == (Kind.ARCHIVE, b"PK")
        return Unpacked(None, None, entries, ("Thumbs.db: left by the system",))

    result = unfolded(made, unpack)
    assert described(result) == [
        ("document", "Akte.zip: Ordner/a.pdf"),
        ("document", "Akte.zip: b.txt"),
        ("document", "c.pdf"),
    ]
    assert result.left_out == ("Akte.zip: Thumbs.db: left by the system",)
    refused = unfold(mail(made), DocumentLimits(), MailLimits(), "refuse", unpack)
    assert refused == Unfaxable(
        "Akte.zip is a ZIP archive, which can't be faxed; send the files themselves", "5.6.1", "Akte.zip"
    )


def test_a_fault_in_a_container_names_it() -> None:
    made = message("Guten Tag", ("Akte.zip", archive(("a.pdf", PDF))))
    fault = Fault("is an encrypted ZIP archive", "5.6.1")
    result = unfold(mail(made), DocumentLimits(), MailLimits(), "unpack", lambda _kind, _content: fault)
    assert result == Unfaxable("Akte.zip is an encrypted ZIP archive", "5.6.1", "Akte.zip")


@pytest.mark.parametrize("name", ["Akte.zip", "winmail.dat"])
def test_a_container_that_nobody_has_opened_yet_waits(name: str) -> None:
    content = WINMAIL if name == "winmail.dat" else archive(("a.pdf", PDF))
    assert described(unfolded(message("Guten Tag", (name, content)))) == [("waiting", name)]


def test_what_outlook_packs_stands_in_place_of_its_wrapper() -> None:
    packed = Unpacked(
        None,
        '<p>Aus Outlook <img src="cid:logo"></p>',
        (Entry("Angebot.pdf", "application/pdf", PDF), Entry("logo.png", "image/png", b"\x89PNG", "logo")),
    )
    result = unfolded(message("", ("winmail.dat", WINMAIL), ("z.pdf", PDF)), lambda _kind, _content: packed)
    assert described(result) == [("document", "Angebot.pdf"), ("document", "z.pdf")]
    assert result.mail.body.html == packed.body_html
    assert list(result.mail.inline) == ["logo"]


def test_a_text_of_its_own_beats_the_one_that_outlook_packed() -> None:
    packed = Unpacked("dasselbe noch einmal", None, ())
    result = unfolded(message("Guten Tag", ("winmail.dat", WINMAIL)), lambda _kind, _content: packed)
    assert (result.mail.body.text or "").strip() == "Guten Tag"
    assert result.items == ()


def test_more_documents_than_are_allowed_are_not_unfolded() -> None:
    entries = tuple(Entry(f"{number}.txt", "", b"text") for number in range(5))
    made = message("Guten Tag", ("Akte.zip", archive(("a.pdf", PDF))))
    unpacked = Unpacked(None, None, entries)
    result = unfold(mail(made), DocumentLimits(documents=4), MailLimits(), "unpack", lambda _kind, _content: unpacked)
    assert isinstance(result, Unfaxable)
    assert result.sentence == "the mail has too many documents; at most 4 can be faxed in one job"
