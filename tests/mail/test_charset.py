"""Declared charset, byte order mark, strict UTF-8, then a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.charset import decode_text
from gateway.mail.western import western_charset

GERMAN = "Sehr geehrte Damen und Herren, anbei die Größenliste für Müller & Söhne. Mit freundlichen Grüßen aus München"
FRENCH = "Veuillez trouver ci-joint le contrat signé. Nous espérons votre réponse à bientôt, François Lefèvre, Besançon"
POLISH = "Szanowni Państwo, w załączeniu przesyłamy umowę; proszę o podpis i odesłanie. Z poważaniem, Łukasz Żółty"
TURKISH = "Sayın yetkili, imzalı sözleşmeyi ekte bulabilirsiniz. Lütfen kısa sürede cevap veriniz. Saygılarımızla, Ayşe"
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
CHARSETS = {
    GERMAN: (*UNICODE, "cp1252", "iso-8859-15", "cp850", "mac_roman"),
    FRENCH: (*UNICODE, "cp1252", "iso-8859-15", "cp850", "mac_roman"),
    POLISH: (*UNICODE, "cp1250", "iso-8859-2", "cp852", "mac_latin2"),
    TURKISH: (*UNICODE, "cp1254", "iso-8859-9", "cp857", "mac_turkish"),
}
TABLE = [(text, charset) for text, charsets in CHARSETS.items() for charset in charsets]
TABLE_IDS = [f"{text[:6].strip()}-{charset}" for text, charset in TABLE]


@pytest.mark.parametrize(("text", "charset"), TABLE, ids=TABLE_IDS)
@pytest.mark.parametrize("declared", [None, "us-ascii", "utf-8", "no-such-charset"])
def test_each_language_is_read_in_each_charset_that_nobody_declared(
    text: str, charset: str, declared: str | None
) -> None:
    assert decode_text(text.encode(charset), declared)[0] == text


@pytest.mark.parametrize(("text", "charset"), TABLE, ids=TABLE_IDS)
def test_each_language_is_read_in_each_charset_that_was_declared(text: str, charset: str) -> None:
    assert decode_text(text.encode(charset), charset)[0] == text


@pytest.mark.parametrize("text", [GERMAN, FRENCH, POLISH, TURKISH], ids=["German", "French", "Polish", "Turkish"])
@pytest.mark.parametrize("charset", UNICODE)
@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1250", "iso-8859-9"])
def test_unicode_is_told_from_what_is_declared_as_single_bytes(text: str, charset: str, declared: str) -> None:
    assert decode_text(text.encode(charset), declared)[0] == text


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "iso-8859-15", "cp850", "utf-16", "utf-7"])
def test_a_right_declaration_is_followed(charset: str) -> None:
    assert decode_text(GERMAN.encode(charset), charset)[0] == GERMAN


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (GERMAN.encode(), None, GERMAN),
        (GERMAN.encode(), "us-ascii", GERMAN),
        (GERMAN.encode("utf-8-sig"), "iso-8859-1", GERMAN),  # the mark tells the truth
        (GERMAN.encode("cp1252"), "utf-8", GERMAN),
        (GERMAN.encode("cp1252"), None, GERMAN),
        (POLISH.encode("cp1250"), None, POLISH),
        (b"5 \x80", "iso-8859-1", "5 €"),
        ("日本".encode("cp932"), "shift_jis", "日本"),
        ("中文".encode("gb18030"), "gb2312", "中文"),
        (GERMAN.encode()[:-1] + b"\xc3", "utf-8", GERMAN[:-1] + "\N{REPLACEMENT CHARACTER}"),  # cut within a letter
        (b"a\\u0041", "unicode_escape", "a\\u0041"),  # codecs of Python that are no charsets
        (b"xn--mller-kva", "idna", "xn--mller-kva"),
        (b"+2AA-", "utf-7", "+2AA-"),  # a lone surrogate
        (b"", None, ""),
        (b"plain", "rot13", "plain"),
        (b"plain", "\0", "plain"),
    ],
)
def test_a_wrong_or_missing_one_is_made_up_for(data: bytes, declared: str | None, text: str) -> None:
    assert decode_text(data, declared)[0] == text


@pytest.mark.parametrize("charset", ["cp1252", "iso-8859-15", "cp850"])
@pytest.mark.parametrize(
    "text",
    [
        "Grüße aus Köln, Straße 5",
        "Ärztlicher Befund: Größe 1,80 m, Temperatur 38,5 °C",
        "Patient: Jürgen Großmann, geb. 1.2.1950\r\nDiagnose: Hämaturie\r\n",
        "Schöne Grüße",
        "Gruß",
    ],
)
def test_a_short_german_text_of_a_device_that_declares_nothing_is_read(text: str, charset: str) -> None:
    assert decode_text(text.encode(charset), None)[0] == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"F\xe4llig: 99 \x80. Gr\xfc\xdfe", "Fällig: 99 €. Grüße"),
        (b"F\xe4llig: 99 \xa4. Gr\xfc\xdfe", "Fällig: 99 €. Grüße"),  # ISO 8859-15
        (b"10 St\xfcck \xe0 5 \x80", "10 Stück à 5 €"),
        (b"\xa7 5 BGB", "§ 5 BGB"),
        (b"5 \xb5g/l, 20 m\xb2, 3 cm\xb3, 5 \xb1 1", "5 µg/l, 20 m², 3 cm³, 5 ± 1"),
        (b"\x84Anf\xfchrung\x93 \x96 und so", "„Anführung“ – und so"),
        ("Hôpital Général, réf. à vérifier".encode("cp1252"), "Hôpital Général, réf. à vérifier"),
        ("Señor Muñoz, año 2026".encode("cp1252"), "Señor Muñoz, año 2026"),
    ],
)
def test_signs_and_accents_of_the_west_are_no_proof_of_another_part_of_the_world(data: bytes, text: str) -> None:
    assert decode_text(data, None)[0] == text


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("zażółć gęślą jaźń", "cp1250"),
        ("Państwo byli", "cp1250"),
        ("Příloha č. 5", "cp1250"),
        ("imzalı sözleşme", "cp1254"),
        ("Привет", "cp1251"),
        ("Счёт 5", "koi8-r"),
        ("Καλημέρα", "cp1253"),
        ("中文", "gb18030"),
        ("日本", "cp932"),
        ("Größe und Straße", "mac_roman"),
    ],
)
def test_what_reads_as_no_western_text_is_left_to_the_frequencies(text: str, charset: str) -> None:
    assert western_charset(text.encode(charset)) is None


@given(st.binary(max_size=500), st.none() | st.text(max_size=20))
def test_any_bytes_are_a_text(data: bytes, declared: str | None) -> None:
    text, charset = decode_text(data, declared)
    text.encode()  # no lone surrogates
    assert charset
