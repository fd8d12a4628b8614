"""What a person sees of a mail: the text, the files, the pictures that belong to the text. Hand-made mails."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import Mail, MailLimits, parse_mail


def parsed(text: str, **limits: int) -> Mail:
    """`text` with bare newlines, for legibility; Latin-1 stands for bytes."""
    return parse_mail(text.replace("\n", "\r\n").encode("latin-1"), MailLimits(**limits))


def multipart(subtype: str, *parts: str, boundary: str = "b") -> str:
    inner = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\n\n{inner}--{boundary}--\n'


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nGuten Tag"
HTML = "Content-Type: text/html; charset=utf-8\n\n<p>Guten Tag</p>"
PDF = (
    'Content-Type: application/pdf; name="a.pdf"\nContent-Disposition: attachment; filename="a.pdf"\n'
    "Content-Transfer-Encoding: base64\n\nJVBERi0="
)
LOGO = (
    "Content-Type: image/png\nContent-ID: <logo@example.com>\nContent-Disposition: inline\n"
    "Content-Transfer-Encoding: base64\n\niVBORw0KGgo="
)
SHOWING = 'Content-Type: text/html\n\n<p>x</p><img src="cid:logo@example.com">'


@pytest.mark.parametrize(
    ("mail", "text", "html", "attachments", "inline"),
    [
        (PLAIN, "Guten Tag", None, [], []),
        (HTML, None, "<p>Guten Tag</p>", [], []),
        ("\nno header at all", "no header at all", None, [], []),
        ("Subject: a script's\n\n%PDF-1.7 and so on", None, None, [None], []),
        ("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nJVBERi0=", None, None, [None], []),
        (multipart("mixed", PLAIN, "\n\xff\xd8\xff\xe0 a photo"), "Guten Tag", None, [None], []),
        (multipart("alternative", PLAIN, HTML), "Guten Tag", "<p>Guten Tag</p>", [], []),
        (multipart("mixed", PLAIN, PDF), "Guten Tag", None, ["a.pdf"], []),
        (multipart("mixed", PDF, PLAIN), "Guten Tag", None, ["a.pdf"], []),
        (multipart("mixed", PLAIN, PDF, PLAIN), "Guten Tag\n\nGuten Tag", None, ["a.pdf"], []),
        (
            multipart("mixed", multipart("alternative", PLAIN, HTML, boundary="c"), PDF),
            "Guten Tag",
            "<p>Guten Tag</p>",
            ["a.pdf"],
            [],
        ),
        (
            multipart("alternative", PLAIN, multipart("mixed", HTML, PDF, boundary="c")),
            "Guten Tag",
            "<p>Guten Tag</p>",
            ["a.pdf"],
            [],
        ),
        (
            multipart("related", SHOWING, LOGO),
            None,
            '<p>x</p><img src="cid:logo@example.com">',
            [],
            ["logo@example.com"],
        ),
        (multipart("related", HTML, LOGO), None, "<p>Guten Tag</p>", [], []),
        (
            multipart("mixed", PLAIN, "Content-Type: text/plain; name=notes.txt\n\nnotes"),
            "Guten Tag",
            None,
            ["notes.txt"],
            [],
        ),
        (
            multipart("mixed", PLAIN, "Content-Type: text/html\nContent-Disposition: attachment\n\n<p>y</p>"),
            "Guten Tag",
            None,
            [None],
            [],
        ),
        (
            multipart("mixed", PLAIN, "Content-Type: message/rfc822\n\nSubject: inner\n\nhello"),
            "Guten Tag",
            None,
            [None],
            [],
        ),
        (multipart("signed", PLAIN, "Content-Type: application/pgp-signature\n\nx"), "Guten Tag", None, [], []),
        (multipart("alternative", PLAIN, "Content-Type: text/calendar\n\nBEGIN:VCALENDAR"), "Guten Tag", None, [], []),
        ('Content-Type: multipart/mixed; boundary="never"\n\nGuten Tag', "Guten Tag", None, [], []),
        (multipart("mixed", PLAIN).replace("--b--\n", ""), "Guten Tag", None, [], []),
        ("Content-Type: text/plain; charset=no-such-thing\n\nGuten Tag", "Guten Tag", None, [], []),
        ('Content-Type: TEXT/PLAIN; CHARSET="ISO-8859-1"\n\nGr\xf6\xdfe', "Größe", None, [], []),
        (
            "Content-Type: text/plain; charset=utf-8\n\nGr\xf6\xdfe ist wichtig f\xfcr uns",
            "Größe ist wichtig für uns",
            None,
            [],
            [],
        ),
        ("Content-Transfer-Encoding:\nContent-Type: text/plain\n\nGuten Tag", "Guten Tag", None, [], []),
        ("Content-Transfer-Encoding: base64\n\nR3V0ZW4gVGFn", "Guten Tag", None, [], []),
        (
            "Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\n\nGr=C3=B6=C3=9Fe",
            "Größe",
            None,
            [],
            [],
        ),
    ],
)
def test_a_mail_is_what_its_reader_sees(
    mail: str, text: str | None, html: str | None, attachments: list[str | None], inline: list[str]
) -> None:
    found = parsed(f"Subject: x\n{mail}" if not mail.startswith("\n") else mail)
    assert (found.body.text.strip() if found.body.text else found.body.text) == text
    assert (found.body.html.strip() if found.body.html else found.body.html) == html
    assert [part.filename for part in found.attachments] == attachments
    assert list(found.inline) == inline
    assert found.problems == ()


def test_plain_text_beside_html_is_kept_in_the_html_form() -> None:
    found = parsed(multipart("mixed", "Content-Type: text/plain\n\n1 < 2", HTML))
    assert found.body.text is None
    assert found.body.html is not None
    assert "1 &lt; 2" in found.body.html
    assert "<p>Guten Tag</p>" in found.body.html


@pytest.mark.parametrize(
    ("header", "filename"),
    [
        ('Content-Disposition: attachment; filename="a.pdf"', "a.pdf"),
        ("Content-Disposition: attachment; filename=a b.pdf", "a b.pdf"),
        ("Content-Disposition: attachment; filename*=utf-8''M%C3%BCller.pdf", "Müller.pdf"),
        ("Content-Disposition: attachment; filename*0*=utf-8''M%C3%BC; filename*1=ller.pdf", "Müller.pdf"),
        ('Content-Disposition: attachment; filename="=?iso-8859-1?q?M=FCller=2Epdf?="', "Müller.pdf"),
        ('Content-Type: application/pdf; name="only-here.pdf"\nContent-Disposition: attachment', "only-here.pdf"),
        ("Content-Disposition: attachment", None),
    ],
)
def test_a_file_has_the_name_that_its_sender_gave_it(header: str, filename: str | None) -> None:
    kind = "" if "Content-Type" in header else "Content-Type: application/pdf\n"
    found = parsed(multipart("mixed", PLAIN, f"{kind}{header}\n\n%PDF-"))
    assert [part.filename for part in found.attachments] == [filename]


@pytest.mark.parametrize(
    ("header", "subject", "address", "name"),
    [
        ("Subject: =?utf-8?q?M=C3=BCller?=\nFrom: jana@example.com", "Müller", "jana@example.com", None),
        (
            "Subject: =?utf-8?b?TcO8?= =?utf-8?b?bGxlcg==?=\nFrom: Jana <jana@example.com>",
            "Müller",
            "jana@example.com",
            "Jana",
        ),
        (
            "Subject: a\n folded\nFrom: =?utf-8?q?Beispiel=2C_Jana?= <jana@example.com>",
            "a folded",
            "jana@example.com",
            "Beispiel, Jana",
        ),
        ("X: y", "", None, None),
    ],
)
def test_the_header_is_decoded(header: str, subject: str, address: str | None, name: str | None) -> None:
    found = parsed(f"{header}\n\nx")
    assert found.subject == subject
    assert (found.from_.address if found.from_ else None) == address
    assert (found.from_.display_name if found.from_ else None) == name


@pytest.mark.parametrize(
    ("date", "moment", "offset"),
    [
        ("Mon, 23 Nov 2026 09:30:00 +0100", datetime(2026, 11, 23, 8, 30, tzinfo=UTC), timedelta(hours=1)),
        ("23 Nov 26 09:30 GMT", datetime(2026, 11, 23, 9, 30, tzinfo=UTC), timedelta(0)),
        ("Mon, 23 Nov 2026 09:30:00 -0000", datetime(2026, 11, 23, 9, 30, tzinfo=UTC), timedelta(0)),
        ("gestern", None, None),
        ("", None, None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None, None),
    ],
)
def test_the_date_keeps_its_zone(date: str, moment: datetime | None, offset: timedelta | None) -> None:
    found = parsed(f"Date: {date}\n\nx").date
    assert found == moment
    assert (found.utcoffset() if found else None) == offset


@pytest.mark.parametrize(
    ("mail", "left_out"),
    [
        (multipart("related", HTML, LOGO), ("image/png: a small picture that the text doesn't show",)),
        (
            multipart("signed", PLAIN, "Content-Type: application/pgp-signature; name=s.asc\n\nx"),
            ("signature s.asc",),
        ),
        (
            multipart("alternative", PLAIN, "Content-Type: text/calendar; name=a.ics\n\nBEGIN:VCALENDAR"),
            ("a.ics: the text says the same",),
        ),
        (
            multipart("mixed", PLAIN, "Content-Type: message/external-body; name=a\n\nx"),
            ("a: its content is not in the mail",),
        ),
        (
            multipart(
                "mixed", PLAIN, multipart("appledouble", "Content-Type: application/applefile\n\nx", boundary="c")
            ),
            ("resource fork of a file",),
        ),
    ],
)
def test_what_a_rule_leaves_out_is_said(mail: str, left_out: tuple[str, ...]) -> None:
    found = parsed(mail)
    assert found.left_out == left_out
    assert found.attachments == ()


@pytest.mark.parametrize(
    ("mail", "kinds"),
    [
        (multipart("mixed", PLAIN, "Content-Type: message/global\n\nSubject: x\n\ny"), ["message/rfc822"]),
        (multipart("mixed", PLAIN, "Content-Type: message/delivery-status\n\nA: b"), ["text/plain"]),
        (multipart("mixed", PLAIN, "Content-Type: text/rfc822-headers\n\nA: b"), ["text/plain"]),
        (multipart("mixed", PLAIN, "Content-Type: text/vcard\n\nBEGIN:VCARD"), ["text/plain"]),
        (multipart("digest", "\nSubject: x\n\ny"), ["message/rfc822"]),
        (multipart("alternative", PLAIN, PDF), ["application/pdf"]),  # a file is a file, also as a third form
        (
            multipart("mixed", PLAIN, "Content-Type: application/ms-tnef; name=winmail.dat\n\nx"),
            ["application/ms-tnef"],
        ),
        (multipart("mixed", PLAIN, "Content-Type: text/plain; name=a.ics\n\nx"), ["text/plain"]),
    ],
)
def test_what_a_file_is_declared_as(mail: str, kinds: list[str]) -> None:
    assert [part.declared_type for part in parsed(mail).attachments] == kinds


def test_an_alternative_of_named_parts_is_a_body() -> None:
    named = [PLAIN.replace("utf-8", "utf-8; name=body.txt"), HTML.replace("utf-8", "utf-8; name=body.html")]
    found = parsed(multipart("alternative", *named))
    assert (found.body.text, found.body.html, found.attachments) == ("Guten Tag", "<p>Guten Tag</p>", ())


def test_the_root_of_related_may_stand_anywhere() -> None:
    root = f"Content-ID: <root>\n{SHOWING}"
    found = parsed(multipart("related", LOGO, root).replace("related;", 'related; start="<root>";'))
    assert found.body.html is not None
    assert list(found.inline) == ["logo@example.com"]


def test_a_line_of_a_mailbox_file_before_the_header_is_no_header() -> None:
    found = parsed("From jana@example.com Mon Nov 23 09:30:00 2026\nSubject: x\n\nGuten Tag")
    assert (found.subject, found.body.text) == ("x", "Guten Tag")


def test_a_subject_has_no_character_that_turns_the_text() -> None:
    assert parsed("Subject: =?utf-8?b?4oCuZmRw?=\n\nx").subject == "fdp"


def nested(levels: int) -> str:
    inner = PLAIN
    for level in range(levels - 1):
        inner = multipart("mixed", inner, boundary=f"b{level}")
    return inner


def test_parts_that_are_nested_too_deep_are_a_fatal_problem() -> None:
    assert parsed(nested(10), depth=10).problems == ()
    (problem,) = parsed(nested(11), depth=10).problems
    assert problem.fatal
    assert "nested deeper than 10" in problem.sentence


def test_a_thousand_levels_are_refused_like_eleven() -> None:
    (problem,) = parsed(nested(1000), depth=100).problems
    assert problem.fatal


def test_too_many_parts_are_a_fatal_problem() -> None:
    (problem,) = parsed(multipart("mixed", *([PLAIN] * 12)), parts=11).problems
    assert problem.fatal
    assert "12 parts" in problem.sentence


def test_broken_base64_costs_what_is_broken_and_no_more() -> None:
    found = parsed(multipart("mixed", PLAIN, PDF.replace("JVBERi0=", "JVBERi0*!x"), PDF))
    assert found.body.text == "Guten Tag"
    assert found.attachments[0].content.startswith(b"%PDF")
    assert found.attachments[1].content == b"%PDF-"


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    found = parse_mail(raw, MailLimits())
    for part in found.attachments:
        assert isinstance(part.content, bytes)
    found.subject.encode()
    (found.body.text or "").encode()


PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: multipart/alternative; boundary=b\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: text/plain; charset=utf-16\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Subject: =?utf-8?q?=FF?=\r\n",
        b"From: =?x?b?!!?= <a@b\r\n",
        b"\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"R3V0ZW4=\r\n",
        b"=ZZ\xff\xfe\r\n",
        b"Content-Type: multipart/signed; boundary=b\r\n",
        b"Content-Type: multipart/related; boundary=b; start=<i>\r\n",
        b"Content-Type: multipart/digest; boundary=b\r\n",
        b"Content-Type: multipart/appledouble; boundary=b\r\n",
        b"Content-Type: multipart/encrypted; boundary=b\r\n",
        b"Content-Type: application/applefile; name=._a\r\n",
        b"Content-Type: application/pkcs7-mime; name=a.b.p7m\r\n",
        b"Content-Type: application/pgp-signature\r\n",
        b"Content-Type: message/partial; number=\x01\r\n",
        b"Content-Type: message/external-body; name=\xe2\x80\xae\r\n",
        b"Content-Type: message/delivery-status\r\n",
        b"Content-Type: text/calendar; charset=utf-7\r\n",
        b"Content-Type: text/vcard; name=a.vcf\r\n",
        b"Content-Type: text/html\r\n\r\n<img src=cid:i>\r\n",
        b"Content-Type: image/png\r\nContent-Disposition: inline; filename*=x'y'%00%FFa\r\nContent-ID: <i>\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:a\r\nEND:VEVENT\r\n",
        b"BEGIN:VCARD\r\nFN:+2AA-\r\n",
        b"begin 644 a\r\n#0V%T\r\n`\r\nend\r\n",
        b"-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\n",
        b"-----BEGIN PGP SIGNATURE-----\r\n",
        b"-----BEGIN PGP MESSAGE-----\r\n",
        b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80",
        b"\r",
        b"From a line of a mailbox\n",
    ]
)


@given(st.lists(PIECES, max_size=40))
def test_any_pieces_of_mime_are_a_mail(pieces: list[bytes]) -> None:
    found = parse_mail(b"".join(pieces), MailLimits())
    for part in (*found.attachments, *found.inline.values()):
        assert isinstance(part.content, bytes)
    for sentence in (*found.left_out, *(problem.sentence for problem in found.problems)):
        assert sentence.isprintable()
    for text in (found.subject, found.body.text or "", found.body.html or ""):
        text.encode()
