"""Fax4A, "HTTP status push": a body is JSON like a FaxReport, or XML in the old SOAP shape; or it is refused."""

import json
import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fax4a import FaxReport
from gateway.tracking.push.body import LONGEST_TEXT, MOST_RECIPIENTS, read_push
from gateway.tracking.push.unreadable import Unreadable

JOB = "5b0c" * 8
OUTCOME = {
    "number": "+4989123456",
    "status": "OK",
    "reason": "",
    "sentTs": "2026-11-23T10:30:00+01:00",
    "durationInSecs": 42,
    "sentToNumber": "+4989123456",
    "remoteCsid": "Müller & Söhne",
}
REPORT = {
    "jobId": "FJJ66GHGX105ZZBIELVCN1",
    "recipientStatus": [OUTCOME, {"number": "+4989123457", "status": "BUSY"}],
    "pages": 3,
    "reference": {"customerDefinedId": JOB},
}
XML = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<faxJobReport xmlns="http://retarus.com/fax4ba/faxws/3/0">
  <jobId>FJJ66GHGX105ZZBIELVCN1</jobId>
  <httpStatusPush><url>https://push.example.com/push/x</url><authMethod>NONE</authMethod></httpStatusPush>
  <faxRecipient>
    <number>+4989123456</number><numId>1</numId><status>OK</status><reason></reason>
    <sentTS>2026-11-23T10:30:00+01:00</sentTS><durationInSecs>42</durationInSecs>
    <sentToNumber>+4989123456</sentToNumber><remoteCsid>Müller &amp; Söhne</remoteCsid>
  </faxRecipient>
  <faxRecipient><number>+4989123457</number><status>BUSY</status></faxRecipient>
  <document><name>offer.pdf</name><isText>false</isText></document>
  <options><resolution>HIGH</resolution><jobReference>{JOB}</jobReference></options>
  <pages>3</pages>
</faxJobReport>"""


def as_json(**changes: Any) -> bytes:
    return json.dumps({name: value for name, value in (REPORT | changes).items() if value is not ...}).encode()


def xml(inside: str, before: str = "") -> bytes:
    recipient = "<faxRecipient><number>+4989123456</number><status>OK</status></faxRecipient>"
    return f"{before}<faxJobReport><jobId>FJJ1</jobId>{recipient}{inside}</faxJobReport>".encode()


def check(report: FaxReport) -> None:
    assert report.job_id == "FJJ66GHGX105ZZBIELVCN1"
    assert report.pages == 3
    assert report.reference is not None
    assert report.reference.customer_defined_id == JOB
    first, second = report.recipient_status
    assert (first.number, first.status, first.duration_in_secs) == ("+4989123456", "OK", 42)
    assert first.sent_ts == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert (first.remote_csid, first.sent_to_number) == ("Müller & Söhne", "+4989123456")
    assert (second.number, second.status, second.sent_ts) == ("+4989123457", "BUSY", None)


@pytest.mark.parametrize(
    "body",
    [
        as_json(),
        b"\n " + as_json(),
        b"\xef\xbb\xbf" + as_json(),
        json.dumps(REPORT, ensure_ascii=False).encode("utf-16"),
        XML.encode(),
        b"\xef\xbb\xbf" + XML.encode(),
        XML.replace("UTF-8", "ISO-8859-1").encode("iso-8859-1"),
        XML.replace("UTF-8", "UTF-16").encode("utf-16"),
        re.sub("(</?)(?=[a-zA-Z])", r"\1r:", XML).replace("xmlns=", "xmlns:r=").encode(),
    ],
    ids=["json", "space first", "json BOM", "json UTF-16", "xml", "xml BOM", "Latin-1", "UTF-16", "prefixes"],
)
def test_the_same_report_is_read_from_every_form(body: bytes) -> None:
    check(read_push(body))


def test_what_is_optional_may_be_missing_or_odd() -> None:
    odd = OUTCOME | {"sentTs": "yesterday", "durationInSecs": "long", "reason": 5, "properties": "?", "new": {}}
    report = read_push(as_json(recipientStatus=[odd], pages=-1, reference=7, more=[None]))
    assert (report.pages, report.reference) == (None, None)
    (outcome,) = report.recipient_status
    assert (outcome.sent_ts, outcome.duration_in_secs, outcome.reason) == (None, None, None)
    assert read_push(xml("<pages>many</pages><new><er/></new>")).pages is None


def test_a_job_reference_of_another_form_is_no_id() -> None:
    assert read_push(xml("<options><jobReference>offer 17</jobReference></options>")).reference is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "neither JSON nor XML"),
        (b"jobId=FJJ1", "neither JSON nor XML"),
        (b"[" * 100_000, "neither JSON nor XML"),
        (b'{"jobId": "\xff"}', "neither JSON nor XML"),
        (b'{"pages": ' + b"9" * 5000 + b"}", "neither JSON nor XML"),
        (b"[]", "the body: "),
        (b"null", "the body: "),
        (as_json(jobId=...), "jobId: "),
        (as_json(jobId=17), "jobId: "),
        (as_json(jobId=""), "jobId: "),
        (as_json(jobId="F" * 65), "jobId: "),
        (as_json(jobId="F J"), "jobId: "),
        (as_json(jobId="\ud800"), None),
        (as_json(jobId="FJJ1\n"), "jobId: "),
        (as_json(recipientStatus=...), "recipientStatus: "),
        (as_json(recipientStatus=[]), "recipientStatus: "),
        (as_json(recipientStatus={}), "recipientStatus: "),
        (as_json(recipientStatus=[{"number": "1", "status": "OK"}] * (MOST_RECIPIENTS + 1)), "recipientStatus: "),
        (as_json(recipientStatus=[{"number": "+4989123456"}]), "recipientStatus.0.status: "),
        (as_json(recipientStatus=[{"status": "OK"}]), "recipientStatus.0.number: "),
        (as_json(recipientStatus=[OUTCOME | {"status": "ö"}]), "recipientStatus.0.status: "),
        (as_json(recipientStatus=[OUTCOME | {"reason": "x" * (LONGEST_TEXT + 1)}]), "recipientStatus.0.reason: "),
        (as_json(recipientStatus=[OUTCOME | {"remoteCsid": "a\0b"}]), "recipientStatus.0.remoteCsid: "),
        (b"<faxJobReport/>", "jobId: "),
        (b"<faxJobReport>", "not well-formed"),
        (b"<report/>", "root is not faxJobReport"),
        (xml("<jobId>FJJ2</jobId>"), "jobId stands twice"),
        (xml("<pages>1</pages><pages>2</pages>"), "pages stands twice"),
        (xml("<a>" * 20 + "</a>" * 20), "nested too deep"),
        (xml("&x;"), "not well-formed"),
        (xml("", before='<?xml version="1.0" encoding="utf-7"?>'), None),
        (xml("", before='<?xml version="1.0" encoding="zlib"?>'), None),
        (xml("", before='<?xml version="1.0" encoding="shift_jis"?>'), None),
        (xml("", before="<!DOCTYPE faxJobReport>"), "document type declaration"),
        (xml("&x;", before='<!DOCTYPE r [<!ENTITY x "y">]>'), "document type declaration"),
        (xml("&x;", before='<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "document type declaration"),
        (xml("", before='<!DOCTYPE r SYSTEM "http://192.0.2.1/r.dtd">'), "document type declaration"),
        (xml("", before='<!DOCTYPE r [<!ENTITY % p SYSTEM "http://192.0.2.1/p">%p;]>'), "document type declaration"),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else None,
)
def test_what_is_no_report_is_refused_with_its_reason(body: bytes, reason: str | None) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_push(body)


def test_what_is_refused_is_not_repeated() -> None:
    with pytest.raises(Unreadable) as error:
        read_push(as_json(jobId="the secret of somebody else " * 5))
    assert "secret" not in str(error.value)


def test_a_megabyte_of_faults_is_refused_at_the_first() -> None:
    begun = time.process_time()
    with pytest.raises(Unreadable, match=r"recipientStatus\.0\.number: "):
        read_push(b'{"jobId": "FJJ1", "recipientStatus": [' + b"{}," * 340_000 + b"{}]}")
    assert time.process_time() - begun < 0.5  # all of them would take two seconds


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["OK", "FJJ1", JOB]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*REPORT, *OUTCOME]), inner),
    max_leaves=20,
)
PIECES = st.sampled_from(
    [
        *(XML[start : start + 17] for start in range(0, len(XML), 17)),
        "<!DOCTYPE x [",
        "]>",
        "&amp;",
        "&#0;",
        "]]>",
        "\0",
    ]
)


@given(
    st.binary()
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.builds(lambda *parts: as_json(**dict(zip(REPORT, parts, strict=True))), JSON, JSON, JSON, JSON)
    | st.lists(PIECES).map(lambda pieces: "".join(pieces).encode())
    | st.binary().map(lambda some: b"<faxJobReport>" + some)
    | st.builds(lambda at, some: XML.encode()[:at] + some + XML.encode()[at:], st.integers(0, len(XML)), st.binary())
)
def test_any_bytes_are_a_report_or_refused(body: bytes) -> None:
    try:
        report = read_push(body)
    except Unreadable:
        return
    assert report.job_id
    assert report.recipient_status
