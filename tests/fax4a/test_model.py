"""Limits of FaxJobRequest: each violation names field, value and limit (Fax4A)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from gateway.fax4a import (
    Document,
    FaxJobRequest,
    FaxRecipient,
    HttpStatusPush,
    JobValid,
    Overlay,
    Reference,
    RenderingOptions,
    TransportOptions,
)

URL = "https://example.com/a.pdf"
AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def request(**changes: Any) -> FaxJobRequest:
    defaults: dict[str, Any] = {
        "recipients": (FaxRecipient(number="+4989123456"),),
        "documents": (Document(name="a.pdf", reference=URL),),
    }
    return FaxJobRequest(**{**defaults, **changes})


BAD: list[tuple[Callable[[], object], list[str]]] = [
    (lambda: Document(name="n" * 33, reference=URL), ["documents[].name", "33", "32"]),
    (lambda: Document(name="Brief 1.pdf", reference=URL), ["documents[].name", "Brief 1.pdf", "a-z"]),
    (lambda: Document(name="übung.pdf", reference=URL), ["documents[].name", "übung.pdf"]),
    (lambda: Document(name="", reference=URL), ["documents[].name"]),
    (lambda: Document(name="a.pdf"), ["a.pdf", "neither", "exactly one"]),
    (lambda: Document(name="a.txt", charset="CP437", reference=URL), ["charset", "CP437", "Windows-1252"]),
    (lambda: TransportOptions(csid="c" * 21), ["transportOptions.csid", "21", "20"]),
    (lambda: request(reference=Reference(billing_code="b" * 81)), ["reference.billingCode", "81", "80"]),
    (lambda: request(reference=Reference(billing_info="b" * 81)), ["reference.billingInfo", "81", "80"]),
    (lambda: request(reference=Reference(customer_defined_id="i" * 257)), ["customerDefinedId", "257", "256"]),
    (lambda: request(recipients=()), ["recipients", "0", "1"]),
    (lambda: request(documents=()), ["documents", "coverpageTemplate"]),
    (lambda: FaxRecipient(number=" "), ["recipients[].number"]),
    (lambda: JobValid(start=datetime(2026, 1, 1)), ["meta.jobValid", "2026-01-01", "time zone"]),  # noqa: DTZ001 - what it refuses
    (lambda: JobValid(end="2026-01-01T10:00:00"), ["meta.jobValid", "time zone"]),
    (lambda: JobValid(start=AT, end=AT), ["start", "before end"]),
    (lambda: JobValid(end="P"), ["meta.jobValid.end", "'P'", "duration"]),
    (lambda: JobValid(end="PT0M"), ["meta.jobValid.end", "PT0M"]),
    (lambda: JobValid(end="tomorrow"), ["meta.jobValid.end", "tomorrow"]),
    (lambda: Overlay(name="letterhead", mode="LAST"), ["overlay.mode", "LAST", "LAST_PAGE"]),
    (lambda: RenderingOptions(paper_format="A5"), ["paperFormat", "A5", "A4, LETTER"]),
]


@pytest.mark.parametrize(("make", "words"), BAD)
def test_a_violation_names_field_value_and_limit(make: Callable[[], object], words: list[str]) -> None:
    with pytest.raises(ValidationError) as caught:
        make()
    for word in words:
        assert word in str(caught.value)


def test_both_contents_are_refused_without_showing_them(kit: Any) -> None:
    with pytest.raises(ValidationError, match="both") as caught:
        Document(name="a.pdf", reference=URL, source=kit.source(b"confidential"))
    assert "confidential" not in str(caught.value)


def test_an_error_never_shows_credentials() -> None:
    with pytest.raises(ValidationError) as caught:
        HttpStatusPush(
            target_url="https://fax.example.com/t0ken", credentials=SecretStr("hunter2"), auth_method="DIGEST"
        )
    assert "hunter2" not in str(caught.value)
    assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize("end", ["PT80M", "P30D", "P1W", "P1Y2M3DT4H5M6.5S", "P1M"])
def test_a_duration_stays_as_it_was_written(end: str) -> None:
    assert JobValid(end=end).model_dump(mode="json", by_alias=True)["end"] == end


def test_limits_are_inclusive() -> None:
    request(
        reference=Reference(customer_defined_id="i" * 256, billing_code="b" * 80, billing_info="b" * 80),
        documents=(Document(name="n" * 32, reference=URL),),
        transport_options=TransportOptions(csid="c" * 20),
    )


def test_no_document_is_needed_where_the_service_makes_a_cover() -> None:
    request(documents=(), rendering_options=RenderingOptions(coverpage_template="coverpage-default.ftl.html"))


def test_names_on_the_wire() -> None:
    options = TransportOptions(is_express=True, is_blacklist_enabled=False)
    assert options.model_dump(by_alias=True, exclude_none=True) == {"isExpress": True, "isBlacklistEnabled": False}
    valid = JobValid(start=AT, end=AT.replace(hour=10))
    assert valid.model_dump(mode="json", by_alias=True) == {
        "start": "2026-11-23T09:30:00Z",
        "end": "2026-11-23T10:30:00Z",
    }
