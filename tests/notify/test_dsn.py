"""Delivery status notifications: golden messages for each kind and language, and the grammar of RFC 3464.

After a wanted change: GOLDEN=write pytest tests/notify/test_dsn.py, read the messages, commit both.
"""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.notify.dsn import Envelope, WordKind, build_dsn, envelope
from gateway.notify.word import SaidBy
from tests.notify.words import NOON, groups, human, parsed, word

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", WordKind)
def test_every_kind_reads_as_it_was_approved(kind: WordKind, language: Literal["en", "de"]) -> None:
    message = build_dsn(word(kind, language)).decode("ascii").replace("\r\n", "\n")
    golden = GOLDEN / f"{kind}.{language}.eml"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(message, "ascii", newline="\n")
    assert message == golden.read_text("ascii")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", WordKind)
def test_every_text_says_what_happened_to_whom_and_what_to_do(kind: WordKind, language: Literal["en", "de"]) -> None:
    wanted = word(kind, language)
    text = human(build_dsn(wanted))
    assert ("What to do next:" if language == "en" else "Was Sie jetzt tun können:") in text
    assert wanted.subject in text
    assert wanted.job_id in text
    for each in wanted.recipients:
        assert each.number in text
        assert each.sentence in " ".join(text.split())
    assert not re.search(r"\n{3}|[{}]|\bNone\b", text)
    assert max(len(line) for line in text.splitlines()) <= 76


def test_doubt_asks_to_ask_the_recipient_first() -> None:
    assert "Ask the recipient before you send it again" in human(build_dsn(word(WordKind.DOUBT)))
    assert "Fragen Sie beim Empfänger nach, bevor" in human(build_dsn(word(WordKind.DOUBT, "de")))


def test_its_header_is_that_of_an_automatic_answer() -> None:
    message = parsed(build_dsn(word()))
    assert message["Subject"] == "Fax to +4989123456 not delivered: Angebot für Müller & Söhne"
    assert message["From"] == "Fax gateway <postmaster@fax.example.com>"
    assert message["To"] == "anna@example.com"
    assert message["Message-ID"] == "<word-1@fax.example.com>"
    assert message["In-Reply-To"] == message["References"] == "<mail-1@example.com>"
    assert message["Auto-Submitted"] == "auto-replied"  # RFC 3834 §5
    assert parsedate_to_datetime(message["Date"]) == NOON + timedelta(minutes=5)
    assert message.get_content_type() == "multipart/report"  # RFC 6522 §3
    assert message.get_param("report-type") == "delivery-status"
    types = [part.get_content_type() for part in message.iter_parts()]
    assert types == ["text/plain", "message/delivery-status", "text/rfc822-headers"]
    assert not message.defects
    assert not any(part.defects for part in message.walk())


def test_it_travels_with_the_null_reverse_path() -> None:
    assert envelope(word()) == Envelope("", "anna@example.com", smtputf8=False)  # RFC 3461 §6.1


def test_the_same_word_is_the_same_bytes() -> None:
    assert build_dsn(word()) == build_dsn(word())


def test_the_fields_of_the_message() -> None:
    first = groups(build_dsn(word()))[0]
    assert first["Original-Envelope-Id"] == "QQ+314159"  # xtext decoded, RFC 3464 §2.2.1
    assert first["Reporting-MTA"] == "dns; fax.example.com"
    assert parsedate_to_datetime(first["Arrival-Date"]) == NOON - timedelta(minutes=1)
    assert "Original-Envelope-Id" not in groups(build_dsn(replace(word(), envid=None)))[0]


def test_the_fields_of_each_recipient() -> None:
    _, sent, busy, doubt = groups(build_dsn(word(WordKind.PARTLY)))
    assert busy["Original-Recipient"] == "rfc822; +4989123456@fax.local"
    assert busy["Final-Recipient"] == "rfc822; +4989123456@fax.local"
    assert (busy["Action"], busy["Status"]) == ("failed", "4.4.1")
    assert busy["Diagnostic-Code"] == "X-Fax4A; BUSY: simulated"
    assert busy["X-Fax-Status"] == "BUSY"
    assert "Original-Recipient" not in sent
    assert (sent["Action"], sent["Status"]) == ("delivered", "2.0.0")
    assert (sent["X-Fax-Number"], sent["X-Fax-Pages"]) == ("+4989123457", "3")
    assert (sent["X-Fax-Duration-Seconds"], sent["X-Fax-Remote-CSID"]) == ("65", "+49 89 123457")
    assert parsedate_to_datetime(sent["Last-Attempt-Date"]) == NOON + timedelta(minutes=2)
    assert doubt["X-Fax-Number"] == "+4989123458"
    assert all(each["Final-Log-ID"] == "0123456789abcdef" for each in (sent, busy, doubt))


def test_a_delayed_fax_says_until_when_it_is_tried() -> None:
    delayed = groups(build_dsn(word(WordKind.DELAYED)))[1]
    assert delayed["Action"] == "delayed"
    assert parsedate_to_datetime(delayed["Will-Retry-Until"]) == NOON + timedelta(days=1)
    assert "until 2026-11-24 12:00 CET" in human(build_dsn(word(WordKind.DELAYED)))


@pytest.mark.parametrize(
    ("orcpt", "field"),
    [
        ("rfc822;+2B4989123456@fax.local", "rfc822; +4989123456@fax.local"),
        ("RFC822;a+3Db@fax.local", "RFC822; a=b@fax.local"),
        ("rfc822;a+0D+0AAction:+20delivered", "rfc822; a??Action: delivered"),
        (r"utf-8;+2Bm\x{FC}ller@fax.local", r"utf-8; +2Bm\x{FC}ller@fax.local"),  # RFC 6533 §3: not xtext
        ("utf-8;müller@fax.local", r"utf-8; m\x{FC}ller@fax.local"),
        ("no semicolon", None),
        ("", None),
    ],
)
def test_original_recipient(orcpt: str, field: str | None) -> None:
    message = build_dsn(replace(word(), recipients=(replace(word().recipients[0], orcpt=orcpt),)))
    assert groups(message)[1].get("Original-Recipient") == field


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("089123456@fax.local", "rfc822; 089123456@fax.local"),
        ("+4989123456@fäx.example", r"utf-8; \x{2B}4989123456@f\x{E4}x.example"),
        (None, "X-Fax; +4989123456"),
    ],
)
def test_final_recipient(address: str | None, field: str) -> None:
    message = build_dsn(replace(word(), recipients=(replace(word().recipients[0], address=address),)))
    assert groups(message)[1]["Final-Recipient"] == field


def test_the_services_message_is_ascii_for_programs_and_whole_for_people() -> None:
    said = "Die Gebühr für „Maße\u201c ist überfällig\r\nAction: delivered 中"
    message = build_dsn(replace(word(), recipients=(replace(word().recipients[0], diagnostic=said),)))
    fields = groups(message)[1]
    assert fields["Diagnostic-Code"].startswith(
        'X-Fax4A; BUSY: Die Gebuhr fur "Masse" ist uberfallig Action: delivered ?'
    )
    assert fields["Action"] == "failed"
    assert "überfällig Action: delivered 中" in " ".join(human(message).split())


def test_a_german_mail_says_its_reason_in_german_and_its_fields_in_english() -> None:
    reason = "Befund.docx is a damaged office document"
    ours = replace(word().recipients[0], status_code=None, diagnostic=reason, said_by=SaidBy.GATEWAY)
    english, german = (build_dsn(replace(word(language=each), recipients=(ours,))) for each in ("en", "de"))
    assert f"Reason: {reason}" in human(english)
    assert "Grund: Befund.docx ist ein beschädigtes Office-Dokument" in human(german)
    assert groups(english)[1]["Diagnostic-Code"] == groups(german)[1]["Diagnostic-Code"] == f"X-Fax-Gateway; {reason}"


def test_a_german_mail_quotes_what_others_said() -> None:
    assert "Der Faxdienst meldet: BUSY, „simulated“" in human(build_dsn(word(language="de")))


# The sender's mail


@pytest.mark.parametrize(
    ("ret", "kind", "content_type"),
    [
        ("FULL", WordKind.FAILED, "message/rfc822"),
        ("FULL", WordKind.PARTLY, "message/rfc822"),
        ("HDRS", WordKind.FAILED, "text/rfc822-headers"),
        (None, WordKind.FAILED, "text/rfc822-headers"),
        ("FULL", WordKind.SENT, "text/rfc822-headers"),  # RFC 3461 §4.3: RET is about failures
        ("FULL", WordKind.DELAYED, "text/rfc822-headers"),
    ],
)
def test_ret_chooses_what_comes_back(ret: Literal["FULL", "HDRS"] | None, kind: WordKind, content_type: str) -> None:
    message = build_dsn(replace(word(kind), ret=ret))
    part = list(parsed(message).iter_parts())[2]
    assert part.get_content_type() == content_type
    assert (b"anbei das Angebot" in message) is (content_type == "message/rfc822")
    assert b"Message-ID: <mail-1@example.com>\r\n" in message


@pytest.mark.parametrize(
    "original",
    [
        b"Subject: x\r\n\r\n" + "Grüße".encode(),
        b"Subject: x\r\n\r\n" + b"y" * 999,
        b"Subject: x\r\n\r\nnul \0",
        b"Subject: x\r\n\r\n" + b"line\r\n" * 1_000_000,
    ],
    ids=["8 bit", "long line", "NUL", "large"],
)
def test_a_mail_that_cannot_travel_whole_comes_back_as_its_header(original: bytes) -> None:
    message = build_dsn(replace(word(), ret="FULL", original=original))
    assert len(message) < 10_000
    assert list(parsed(message).iter_parts())[2].get_payload() == "Subject: x\r\n"


def test_a_header_beyond_ascii_is_encoded() -> None:
    message = build_dsn(replace(word(), original="Subject: Grüße\r\nX: y\r\n\r\n".encode("latin-1")))
    part = list(parsed(message).iter_parts())[2]
    assert part["Content-Transfer-Encoding"] == "quoted-printable"  # RFC 6522 §4
    assert part.get_payload(decode=True) == "Subject: Grüße\r\nX: y\r\n".encode("latin-1")


def test_a_huge_header_is_cut_between_fields() -> None:
    original = b"From: a\r\nX-Huge: " + b"x" * 70_000 + b"\r\n" + b"X-Many: yyyy\r\n more\r\n" * 10_000 + b"\r\nbody"
    message = build_dsn(replace(word(), original=original))
    returned = list(parsed(message).iter_parts())[2].get_payload(decode=True)
    assert isinstance(returned, bytes)
    assert 60_000 < len(returned) <= 64 * 1024
    assert returned.startswith(b"From: a\r\nX-Many: yyyy\r\n more\r\n")
    assert returned.endswith(b"X-Many: yyyy\r\n more\r\n")


@pytest.mark.parametrize("original", [b"", b"\r\n\r\n", b"\nbody only", b"no header at all", b"a: b\rc: d\r\r\n"])
def test_any_original_will_do(original: bytes) -> None:
    for ret in ("FULL", "HDRS"):
        message = parsed(build_dsn(replace(word(), original=original, ret=ret)))
        assert len(list(message.iter_parts())) == 3


def test_a_mail_that_quotes_a_notification_does_not_end_ours() -> None:
    inner = build_dsn(word())
    outer = parsed(build_dsn(replace(word(), original=inner, ret="FULL")))
    assert [part.get_content_type() for part in outer.iter_parts()][2] == "message/rfc822"
    assert len(list(outer.iter_parts())) == 3


# Names and subjects from outside


def test_an_address_beyond_ascii_needs_smtputf8_and_nothing_else_does() -> None:
    wanted = replace(word(), to="jürgen@example.com")
    assert envelope(wanted).smtputf8
    message = build_dsn(wanted)
    assert "To: <jürgen@example.com>\r\n".encode() in message
    assert message.replace("jürgen".encode(), b"").isascii()


@pytest.mark.parametrize(
    "message_id", ["", "no brackets", "<a@b>\r\nBcc: x@example.com", "<a b@c>", "<" + "a" * 2000 + "@b>", "<ü@b>", None]
)
def test_a_strange_message_id_is_not_answered_to(message_id: str | None) -> None:
    message = parsed(build_dsn(replace(word(), original_message_id=message_id)))
    assert message["In-Reply-To"] is None
    assert message["References"] is None
    assert message["Bcc"] is None


def test_a_name_of_the_address_book_is_told_beside_its_number() -> None:
    named = replace(word().recipients[0], alias="labor", address="labor@fax.local", orcpt="rfc822;labor@fax.local")
    message = build_dsn(replace(word(), recipients=(named,)))
    assert f"{named.number} (labor)" in human(message)
    (_, fields) = groups(message)
    assert fields["Final-Recipient"] == fields["Original-Recipient"] == "rfc822; labor@fax.local"
    assert fields["X-Fax-Number"] == named.number


def test_more_recipients_are_counted_in_the_subject() -> None:
    message = parsed(build_dsn(word(WordKind.PARTLY, "de")))
    assert message["Subject"] == "Fax an +4989123457 und 2 weitere nicht an alle zugestellt: Angebot für Müller & Söhne"


def test_partly_with_nobody_for_certain_says_so() -> None:
    doubt = word(WordKind.DOUBT).recipients
    message = build_dsn(replace(word(WordKind.PARTLY), recipients=doubt))
    assert str(parsed(message)["Subject"]).startswith("Fax to +4989123458 not confirmed: ")
    assert human(message).startswith("No machine has confirmed your fax for certain.\n\n  Subject:")
    assert "Delivered:" not in human(message)


def test_without_a_subject_the_line_ends_there() -> None:
    message = build_dsn(replace(word(), subject=""))
    assert parsed(message)["Subject"] == "Fax to +4989123456 not delivered"
    assert "Subject: (no subject)" in human(message)


def test_an_explanation_stands_in_the_text() -> None:
    message = build_dsn(replace(word(), explanation="The fax service answered 400:\nno number available."))
    assert "The fax service answered 400: no number available." in human(message)


@given(
    subject=st.text(max_size=300),
    said=st.text(max_size=600),
    orcpt=st.text(max_size=80),
    original=st.binary(max_size=300),
    language=st.sampled_from(["en", "de"]),
    kind=st.sampled_from(list(WordKind)),
)
def test_whatever_comes_from_outside_the_message_stays_sound(
    subject: str, said: str, orcpt: str, original: bytes, language: Literal["en", "de"], kind: WordKind
) -> None:
    base = word(kind, language)
    hostile = replace(
        base.recipients[0], diagnostic=said, status_code=said, remote_csid=said, sentence=said, orcpt=orcpt
    )
    wanted = replace(
        base, subject=subject, envid=said, explanation=said, original=original, ret="FULL", recipients=(hostile,)
    )
    message = build_dsn(wanted)
    assert message.isascii()
    assert message.endswith(b"--\r\n")
    assert max(map(len, message.split(b"\r\n"))) <= 998
    assert b"\n" not in message.replace(b"\r\n", b"")
    fields = groups(message)
    assert len(fields) == 2
    assert fields[1]["Action"] == hostile.action
    assert list(fields[0])[:2] in (["Original-Envelope-Id", "Reporting-MTA"], ["Reporting-MTA", "Arrival-Date"])
    assert [part.get_content_type() for part in parsed(message).iter_parts()][:1] == ["text/plain"]
    assert len(list(parsed(message).iter_parts())) == 3


def test_a_lone_surrogate_from_a_broken_header_prints_as_a_question_mark() -> None:
    message = build_dsn(replace(word(), subject="a \udcfc b"))
    assert "Subject: a ? b" in human(message)


@pytest.mark.parametrize("kind", WordKind)
def test_the_status_part_follows_the_grammar(kind: WordKind) -> None:
    """RFC 3464 §2.1: per-message fields, then for each recipient an empty line and its fields; names are known."""
    message = build_dsn(word(kind)).decode("ascii")
    body = message.split("message/delivery-status\r\nContent-Transfer-Encoding: 7bit\r\n\r\n")[1].split("\r\n--=_")[0]
    field = r"(?:[A-Za-z][A-Za-z0-9-]*: [ -~]*\r\n(?:[ \t][ -~]+\r\n)*)"
    assert re.fullmatch(rf"{field}+(?:\r\n{field}+){{{len(word(kind).recipients)}}}", body)
    for each in groups(message.encode())[1:]:
        assert re.fullmatch(r"(?:rfc822|utf-8|X-Fax); \S+", each["Final-Recipient"])
        assert each["Action"] in {"failed", "delayed", "delivered", "relayed", "expanded"}
        assert re.fullmatch(r"[245]\.\d{1,3}\.\d{1,3}", each["Status"])
        assert all(parsedate_to_datetime(each[name]).tzinfo for name in each if name.endswith(("-Date", "-Until")))


def test_utc_is_named() -> None:
    message = build_dsn(replace(word(), arrival=datetime(2026, 11, 23, 11, tzinfo=UTC)))
    assert "2026-11-23 11:00 UTC" in human(message)
