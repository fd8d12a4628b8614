"""Given a local part, expect this number, or this reason."""

import dataclasses

import pytest

from gateway.address import AddressError, FaxAddress, NumberRules, parse_recipient

GERMANY = NumberRules("DE", "refuse", strict=True)
MUNICH = "+4989123456"

NUMBERS = [
    # as in an address book
    "+4989123456",
    "004989123456",
    "089123456",
    # separators, unquoted where RFC 5321 has them as atext or dot
    "+49-89-123456",
    "+49.89.123.456",
    "+49/89/123456",
    "089/123456",
    "089-123-456",
    # and in a quoted local part
    '"+49 (0)89 / 123-456"',
    '"+49(0)89/123456"',
    '"0049 (0) 89 123456"',
    '"(+49) 89 123456"',
    '"+(49) 89 123456"',
    '"+49 (89) 123456"',
    '"(089) 123 456"',
    '"(0)89 123456"',
    '" 089 123456 "',
    r'"+49 \(0\)89 123456"',
    r'"\+\4\9\8\9123456"',
    # some devices send what needs quotes without them
    "+49 (0)89 123-456",
    # SMTPUTF8: what a word processor made of the spaces and hyphens
    "+49\u00a089\u2011123456",
    "+49\u202f89\u2009123\u2013456",
    "089\u2212123456",
    # RFC 3192
    "FAX=+4989123456",
    "fax=+49-89-123456",
    # Exchange
    "IMCEAFAX-+2B4989123456",
    "imceafax-089123456",
    "IMCEAFAX-+2B49+20+280+2989+20_+20123-456",
]


@pytest.mark.parametrize("local_part", NUMBERS)
def test_a_number_in_any_accepted_form(local_part: str) -> None:
    assert parse_recipient(local_part, GERMANY) == FaxAddress(number=MUNICH)


EXTRAS = [
    ("FAX=+4989123456/T33S=12", FaxAddress(number=MUNICH, subaddress="12")),
    ("+4989123456/t33s=0012", FaxAddress(number=MUNICH, subaddress="0012")),
    ("FAX=+49.89.123456/T33S=1+invoice", FaxAddress(number=MUNICH, subaddress="1", tag="invoice")),
    ("Jane.Doe/+4989123456", FaxAddress(number=MUNICH, display_name="Jane.Doe")),
    ('"Jane Doe / +49 89 123456"', FaxAddress(number=MUNICH, display_name="Jane Doe")),
    ("jane=+4989123456", FaxAddress(number=MUNICH, display_name="jane")),
    ("Jane/089/123456", FaxAddress(number=MUNICH, display_name="Jane")),
    ('"Hall 3/+49 89 123456"', FaxAddress(number=MUNICH, display_name="Hall 3")),
    ("3M/+4989123456", FaxAddress(number=MUNICH, display_name="3M")),
    ("Jane/FAX=+4989123456/T33S=12", FaxAddress(number=MUNICH, display_name="Jane", subaddress="12")),
    ("Jane/+4989123456+a", FaxAddress(number=MUNICH, display_name="Jane", tag="a")),
    ("Müller/+4989123456", FaxAddress(number=MUNICH, display_name="Müller")),
    ("Mu\u0308ller/+4989123456", FaxAddress(number=MUNICH, display_name="Müller")),
    ("+4989123456+invoice", FaxAddress(number=MUNICH, tag="invoice")),
    ("089123456+invoice-2026.11_23", FaxAddress(number=MUNICH, tag="invoice-2026.11_23")),
    ("+4989123456+prüfung", FaxAddress(number=MUNICH, tag="prüfung")),
    ("IMCEAFAX-Jane+20Doe+40+2B49+2089+20123456", FaxAddress(number=MUNICH, display_name="Jane Doe")),
    ("IMCEAFAX-M+C3+BCller+40089123456", FaxAddress(number=MUNICH, display_name="Müller")),
    ("IMCEAFAX-M+FCller+40089123456", FaxAddress(number=MUNICH, display_name="Müller")),
    ("IMCEAFAX-Sales_Service+40+2B4989123456", FaxAddress(number=MUNICH, display_name="Sales/Service")),
    ("IMCEAFAX-+40+2B4989123456", FaxAddress(number=MUNICH)),
]


@pytest.mark.parametrize(("local_part", "expected"), EXTRAS)
def test_name_subaddress_and_tag_are_kept(local_part: str, expected: FaxAddress) -> None:
    assert parse_recipient(local_part, GERMANY) == expected


REFUSED = [
    # nothing there
    ("", "empty"),
    ('""', "empty"),
    ("+", "empty"),
    ("...", "empty"),
    ('" - / "', "empty"),
    ("FAX=", "empty"),
    ("Jane/", "empty"),
    ("IMCEAFAX-", "empty"),
    # letters are no digits
    ("+1800FLOWERS", "letters"),
    ("jane.doe", "letters"),
    ("+49891234S6", "letters"),
    ("Sales/Service/+4989123456", "letters"),
    # digits of other scripts, and characters nobody sees
    ("+٤٩89123456", "foreign-digits"),
    ("\uff0b4989123456", "character"),
    ("+49\uff1889123456", "foreign-digits"),
    ("+49\u202a89123456", "unseen-character"),
    ("+49\u200b89123456", "unseen-character"),
    ("+49\u00ad89123456", "unseen-character"),
    ("+49\t89123456", "unseen-character"),
    ("+4989123456\x00", "unseen-character"),
    ("+4989123456\r\nRCPT TO:<x>", "unseen-character"),
    ("+49\udcc389123456", "unseen-character"),
    ("Jane\u202e/+4989123456", "unseen-character"),
    ("IMCEAFAX-+2B4989123456+0D+0A", "unseen-character"),
    ("+49\u201489123456", "character"),
    ("+49,89123456", "character"),
    ("*31#+4989123456", "character"),
    # extensions, pauses, other services
    ("+4989123456x12", "extension"),
    ('"+4989123456 ext. 12"', "extension"),
    ('"089 123456 DW 12"', "extension"),
    ("+4989123456+ext12", "extension"),
    ("+4989123456/POST=12", "qualifier"),
    ("FAX=+4989123456/ATTN=Jane", "qualifier"),
    ("VOICE=+4989123456", "service"),
    ("SMS=+4989123456", "service"),
    # two numbers
    ("+4989123456+4989123457", "second-number"),
    ("++4989123456", "second-number"),
    ("+49+89123456", "second-number"),
    ("+4989123456/+4989123457", "second-number"),
    ("+4989123456+a+b", "letters"),
    ('"089 123456/57"', "second-number"),
    ('"089 123456 / 123457"', "second-number"),
    ('"+49 89 123456 (57)"', "second-number"),
    ("Jane089123457/+4989123456", "second-number"),
    ("IMCEAFAX-+2B4989123457+40+2B4989123456", "second-number"),
    ("IMCEAFAX-J+40D+40+2B4989123456", "second-number"),
    ("IMCEAFAX-Jane+40John_+2B4989123456", "name"),
    ('"Jane 030/43151234567"', "name"),
    ('"Jane (030)/43151234567"', "name"),
    # no certain country
    ("89123456", "bare"),
    ("4989123456", "bare"),
    ("0 049 89 123456", "uncertain-prefix"),
    ("(0)049 89 123456", "uncertain-prefix"),
    ("+0049 89 123456", "country-code"),
    ("+999123456", "country-code"),
    ("0089123456", "country-code"),
    ("00089123456", "country-code"),
    # "(0)" that isn't right after the country code
    ('"+49 89 (0) 123456"', "optional-zero"),
    ('"+49 (0) (0)89 123456"', "optional-zero"),
    ('"+4 (0)9 89 123456"', "optional-zero"),
    ('"089 (0) 123456"', "optional-zero"),
    ('"+39 (0)6 69812345"', "optional-zero"),
    # a trunk prefix too many
    ('"+49 089 123456"', "trunk-prefix"),
    ("0049089123456", "trunk-prefix"),
    ("+54111512345678", "trunk-prefix"),
    # numbers that don't exist
    ("089 12", "too-short"),
    ("+49", "too-short"),
    ("0", "too-short"),
    ("+4989123456789012", "too-long"),
    ("+12125551234567", "too-long"),
    ("+4" * 200, "too-long"),
    ("04989123456", "not-in-use"),
    # emergency
    ("112", "emergency"),
    ("110", "emergency"),
    ("+49112", "emergency"),
    ("+1911", "emergency"),
    # broken forms
    ('"+4989123456', "quotes"),
    ('+4989"123456"', "quotes"),
    ('"+4989123456\\"', "quotes"),
    ('"+49 (89 123456"', "parentheses"),
    ('"+49 ((89)) 123456"', "parentheses"),
    ('"+49 () 89 123456"', "parentheses"),
    ("+4989123456-", "separator-at-end"),
    ("/+4989123456", "second-number"),
    ("-089123456", "separator-at-end"),
    ("FAX=+4989123456/T33S=", "subaddress"),
    ("FAX=+4989123456/T33S=12a", "subaddress"),
    ("FAX=+4989123456/T33S=123456789012345678901", "subaddress"),
    ("FAX=+4989123456/T33S=1/T33S=2", "subaddress"),
    ("x" * 65 + "/+4989123456", "name"),
    # other Exchange addresses, and IMCEAFAX written by hand: +30 is Greece to a person and "0" to a decoder
    ("IMCEAEX-_O=EXAMPLE_CN=JANE", "imcea-type"),
    ("IMCEAFAX-+3089123456", "imcea-encoding"),
    ("IMCEAFAX-+4989123456", "imcea-encoding"),
    ("IMCEAFAX-+2B49 89123456", "imcea-encoding"),
    ("IMCEAFAX-+2", "imcea-encoding"),
]


@pytest.mark.parametrize(("local_part", "rule"), REFUSED)
def test_what_is_not_certain_is_refused(local_part: str, rule: str) -> None:
    with pytest.raises(AddressError) as refusal:
        parse_recipient(local_part, GERMANY)
    assert refusal.value.rule == rule
    assert refusal.value.enhanced_code in {"5.1.1", "5.1.3"}
    assert refusal.value.sentence.isprintable()
    assert refusal.value.sentence.startswith('"')


SENTENCES = [
    ("089 12", '"089 12" is not a fax number: too short for Germany (+49). Write it like +49 30 123456.'),
    (
        "89123456",
        '"89123456" is not a fax number: it does not say which country it is in. If you mean +4989123456, write it so.',
    ),
    (
        "+49 089 123456",
        '"+49 089 123456" is not a fax number: Germany (+49) has no number +49089123456. Did you mean +4989123456?',
    ),
    (
        "+49\u202a89",
        '"+49<U+202A>89" is not a fax address: it holds a character that can\'t be seen (U+202A). Type it anew.',
    ),
]


@pytest.mark.parametrize(("local_part", "sentence"), SENTENCES)
def test_the_sentence_names_the_culprit_and_the_way_out(local_part: str, sentence: str) -> None:
    with pytest.raises(AddressError) as refusal:
        parse_recipient(local_part, GERMANY)
    assert refusal.value.sentence == sentence == str(refusal.value)


def test_a_long_culprit_is_clipped() -> None:
    with pytest.raises(AddressError) as refusal:
        parse_recipient("a" * 10_000, GERMANY)
    assert len(refusal.value.sentence) < 200


def test_the_values_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse_recipient("+4989123456", GERMANY).number = "+1"  # type: ignore[misc]  # what the test is about
