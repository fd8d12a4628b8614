"""Fax4A, row by row: what a FaxJobRequest may hold, and what the service says of what it may not."""

import asyncio
import base64
from typing import Any

import pytest

DATA = base64.b64encode(b"Hello").decode()
DOCUMENT = {"name": "hello.txt", "data": DATA}


def documents(**changes: Any) -> dict[str, Any]:
    document = DOCUMENT | changes
    return {"documents": [{key: value for key, value in document.items() if value is not None}]}


def report_mail(**fields: Any) -> dict[str, Any]:
    return {"statusReportOptions": {"reportMail": fields}}


def push(**fields: Any) -> dict[str, Any]:
    return {"statusReportOptions": {"httpStatusPush": fields}}


def rendering(**fields: Any) -> dict[str, Any]:
    return {"renderingOptions": fields}


def valid(**fields: Any) -> dict[str, Any]:
    return {"meta": {"jobValid": fields}}


GOOD: list[dict[str, Any]] = [
    {},
    {"reference": {"customerDefinedId": "x" * 256, "billingCode": "x" * 80, "billingInfo": "x" * 80}},
    {"recipients": [{"number": "0012015551000"}]},
    {"recipients": [{"number": "+1 (201) 555-1000", "alternativeNumbers": ["+12015551001"]}]},
    {"recipients": [{"number": "+12015551000", "properties": [{"key": "name", "value": "Jana"}]}]},
    *(documents(name=f"a{ending}") for ending in (".pdf", ".tif", ".txt", ".html", ".PDF")),
    documents(name="a" * 28 + ".txt"),
    *(
        documents(charset=charset)
        for charset in ("US-ASCII", "UTF-8", "UTF-16", "UTF-16BE", "UTF-16LE", "ISO-8859-1", "Windows-1252")
    ),
    documents(data=None, reference="https://example.com/a.pdf"),
    {"transportOptions": {"csid": "x" * 20, "isExpress": True, "isBlacklistEnabled": False}},
    *(rendering(paperFormat=paper) for paper in ("A4", "LETTER", "Letter")),
    *(rendering(resolution=resolution) for resolution in ("LOW", "HIGH")),
    rendering(coverpageTemplate="coverpage-default.ftl.html"),
    rendering(header="%Y-%m-%d %H:%M %c%C%r%P/%T %% %tz=Europe/Berlin"),
    *(
        rendering(overlay={"name": "letterhead", "mode": mode})
        for mode in (
            "ALL_PAGES",
            "NO_OVERLAY",
            "FIRST_PAGE",
            "LAST_PAGE",
            "ALL_BUT_FIRST_PAGE",
            "ALL_BUT_LAST_PAGE",
            "ALL_BUT_FIRST_AND_LAST_PAGE",
            "FIRST_FILE",
        )
    ),
    *(
        report_mail(successAddress="a@example.com", attachedFaxImageMode=mode)
        for mode in ("NEVER", "SUCCESS_ONLY", "FAILURE_ONLY", "ALWAYS")
    ),
    *(
        report_mail(failureAddress="a@example.com", attachedFaxImageFormat=form)
        for form in ("TIFF", "PDF", "PDF_WITH_OCR")
    ),
    {"statusReportOptions": {"reportPurgeTs": "2126-11-23T09:30:00Z"}},  # one SDK has it
    {"rendering_options": None, "meta": {"unknown": None}},  # the vendor's Python SDK
    {"meta": {"customerReference": "x"}},
    valid(start="2026-11-23T09:30:00Z", end="2126-11-23T09:30:00+01:00"),
    *(valid(end=end) for end in ("PT80M", "P30D", "P1M", "P2W", "P1DT12H")),
    {"documents": [], "renderingOptions": {"coverpageTemplate": "coverpage-default.ftl.html"}},
]

BAD: list[tuple[dict[str, Any], str]] = [
    ({"recipients": []}, "recipients must not be empty"),
    ({"recipients": None}, "recipients must not be empty"),
    ({"recipients": {}}, "recipients is not a list"),
    ({"recipients": [{}]}, "No number available for rcpt"),
    ({"recipients": [{"number": ""}]}, "No number available for rcpt"),
    ({"recipients": [{"number": "089123456"}]}, "Invalid number '089123456'"),
    ({"recipients": [{"number": "+49"}]}, "Invalid number '+49'"),
    ({"recipients": [{"number": "+4989123456\n"}]}, "Invalid number '+4989123456"),
    ({"recipients": [{"number": "+4989123456", "alternativeNumbers": ["0"]}]}, "Invalid number '0'"),
    ({"recipients": [{"number": "+4989123456", "properties": [{"key": "name"}]}]}, "A property needs key and value"),
    ({"recipients": [{"number": "+4989123456", "fax": "x"}]}, "Unrecognized field 'fax' in recipients"),
    ({"documents": []}, "A job without documents needs a coverpageTemplate"),
    (documents(name=None), "A document without a name"),
    (documents(name="a" * 29 + ".pdf"), "is longer than 32 characters"),
    (documents(name="a b.pdf"), "has characters other than a-zA-Z0-9-_."),
    (documents(name="ü.pdf"), "has characters other than a-zA-Z0-9-_."),
    (documents(name="../a.pdf"), "has characters other than a-zA-Z0-9-_."),
    (documents(name="a.docx"), "is none of PDF, TIF, TXT, HTML"),
    (documents(charset="KOI8-R"), "charset of 'hello.txt' is 'KOI8-R'"),
    (documents(data=None), "needs exactly one of data and reference"),
    (documents(reference="https://example.com/a.pdf"), "needs exactly one of data and reference"),
    (documents(data="***"), "is not base64"),
    (documents(data="QUJ"), "is not base64"),
    (documents(data="ÄÄÄÄ"), "is not base64"),
    (documents(data=5), "The data of 'hello.txt' is not a string"),
    (documents(data=None, reference="file:///etc/passwd"), "is no http or https URL"),
    (documents(data=None, reference="http://example.com:99999/a.pdf"), "is no http or https URL"),
    ({"reference": {"customerDefinedId": "\ud800"}}, "reference.customerDefinedId holds half a character"),
    ({"reference": {"customerDefinedId": 5}}, "reference.customerDefinedId is not a string"),
    ({"reference": {"customerDefinedId": "x" * 257}}, "reference.customerDefinedId has 257 characters, at most 256"),
    ({"reference": {"billingCode": "x" * 81}}, "reference.billingCode has 81 characters, at most 80"),
    ({"reference": {"billingInfo": "x" * 81}}, "reference.billingInfo has 81 characters, at most 80"),
    ({"transportOptions": {"csid": "x" * 21}}, "transportOptions.csid has 21 characters, at most 20"),
    ({"transportOptions": {"isExpress": "yes"}}, "transportOptions.isExpress is neither true nor false"),
    (rendering(paperFormat="A5"), "renderingOptions.paperFormat is 'A5'"),
    (rendering(resolution="FINE"), "renderingOptions.resolution is 'FINE'"),
    (rendering(header="100%"), "renderingOptions.header"),
    (rendering(overlay={"mode": "ALL_PAGES"}), "An overlay needs a name"),
    (rendering(overlay={}), "An overlay needs a name"),
    (rendering(overlay={"name": "x", "mode": "SOME"}), "overlay.mode is 'SOME'"),
    (report_mail(successAddress="nobody"), "successAddress is no mail address"),
    (report_mail(attachedFaxImageMode="SOMETIMES"), "attachedFaxImageMode is 'SOMETIMES'"),
    (report_mail(attachedFaxImageFormat="PNG"), "attachedFaxImageFormat is 'PNG'"),
    (push(targetUrl="ftp://example.com/"), "httpStatusPush.targetUrl is no http or https URL"),
    (push(targetUrl="https://example.com/", authMethod="NTLM"), "httpStatusPush.authMethod is 'NTLM'"),
    (push(), "httpStatusPush.targetUrl is no http or https URL"),
    (push(authMethod="NONE"), "httpStatusPush.targetUrl is no http or https URL"),
    (valid(end="2020-01-01T00:00:00Z"), "Job Expiration"),
    (valid(end="2126-01-01T00:00:00"), "Job Expiration: '2126-01-01T00:00:00' has no time zone"),
    (valid(start="2126-01-01T00:00:00"), "Job Expiration: '2126-01-01T00:00:00' has no time zone"),
    (valid(end="tomorrow"), "Job Expiration: 'tomorrow' is neither"),
    (valid(end="PT5M\n"), "Job Expiration: 'PT5M"),
    (valid(start="9999-12-31T23:00:00Z"), "ends too late"),
    (valid(end="P999999Y"), "ends too late"),
    (valid(end="PT0S"), "Job Expiration: the end of jobValid is past"),
    (valid(start="2126-01-02T00:00:00Z", end="2126-01-01T00:00:00Z"), "is not after its start"),
    ({"documentz": []}, "Unrecognized field 'documentz'"),
    ({"meta": {"x": 1}}, "Unrecognized field 'x' in meta"),
]


def test_every_good_field_is_accepted(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            for changes in GOOD:
                answer = await client.send(job(**changes))
                assert answer.status == 200, (changes, answer.body)
                assert len(answer.body["jobId"]) == 22
            assert len({each["jobId"] for each in await client.jobs()}) == len(GOOD)

    asyncio.run(scenario())


def test_every_bad_field_is_a_400_that_names_it(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            for changes, complaint in BAD:
                answer = await client.send(job(**changes))
                assert answer.status == 400, changes
                assert answer.body["code"] == 400
                assert answer.message.startswith("Validation of job request failed: '"), changes
                assert complaint in answer.message, (changes, answer.message)
            assert await client.jobs() == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("login", "path", "code"),
    [
        (None, "/dc1/rest/v1/99999/fax/reports", 400),
        (("sandbox", "wrong"), "/dc1/rest/v1/99999/fax/reports", 401),
        (("nobody", "sandbox"), "/ha/rest/v1/99999/fax", 401),
        (("sandbox", "sandbox"), "/dc1/rest/v1/11111/fax/reports", 403),
        (("sandbox", "sandbox"), "/dc1/rest/v1/99999/fax/reports/FJJ66GHGX105ZZBIELVCN1", 404),
        (("sandbox", "sandbox"), "/dc1/rest/v2/99999/fax", 404),
    ],
)
def test_a_refusal_carries_its_code(open_sandbox: Any, login: Any, path: str, code: int) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            answer = await client.ask("POST" if path.endswith("/fax") else "GET", path, login=login)
            assert answer.status == code
            assert answer.body["code"] == code
            if code == 401:
                assert answer.body == {"code": 401, "message": "Authentication failed"}

    asyncio.run(scenario())


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"x": NaN}'])
def test_what_is_no_object_is_a_400(open_sandbox: Any, raw: bytes) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            assert (await client.send(raw=raw)).status == 400
            assert (await client.ask("POST", "/dc1/rest/v1/99999/fax/reports", raw=raw)).status == 400

    asyncio.run(scenario())


def test_the_settable_limits_are_kept(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            limits = {"body_bytes": 2000, "documents": 1, "recipients": 1, "reports": 2, "bulk": 2}
            await client.settings(limits=limits)
            assert "2 recipients, at most 1" in (await client.send(job("+4989123456", "+4989123457"))).message
            assert "2 documents, at most 1" in (await client.send(job(documents=[DOCUMENT, DOCUMENT]))).message
            big = await client.send(job(**documents(data="AAAA" * 1000)))
            assert (big.status, big.body["code"]) == (413, 413)
            assert (await client.bulk("dc1", "GET", ["a", "b", "c"])).status == 400

    asyncio.run(scenario())


def test_a_repeated_customer_id_is_409_where_the_account_is_so(open_sandbox: Any, job: Any) -> None:
    request = job(reference={"customerDefinedId": "one"})

    async def scenario() -> None:
        async with open_sandbox() as client:
            assert (await client.send(request)).status == 200
            assert (await client.send(request)).status == 200
            await client.settings(conflict_409=True)
            again = await client.send(request)
            assert (again.status, again.body["code"]) == (409, 409)
            assert (await client.send(job(reference={"customerDefinedId": "two"}))).status == 200

    asyncio.run(scenario())
