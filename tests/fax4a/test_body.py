"""The request's body: JSON that is exactly as long as announced, in pieces, whatever the documents are."""

import asyncio
import base64
import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from gateway.fax4a import Document, FaxJobRequest, FaxRecipient, HttpStatusPush, JobValid, MetaData, StatusReportOptions
from gateway.fax4a.body import LARGEST_PIECE, RAW_PIECE, SourceChanged, body_length, body_parts, pieces


@dataclass(frozen=True)
class Bytes:
    """Not the kit's: hypothesis and function fixtures don't mix."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> BytesIO:
        return BytesIO(self.data)


async def collect(request: FaxJobRequest) -> list[bytes]:
    return [piece async for piece in pieces(body_parts(request))]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_length_and_content_are_exact(data: Any) -> None:
    edges = st.sampled_from([0, 1, 2, 3, RAW_PIECE - 1, RAW_PIECE, RAW_PIECE + 1, 2 * RAW_PIECE + 2])
    contents = data.draw(st.lists(st.one_of(st.binary(max_size=200), edges.map(bytes)), min_size=1, max_size=5))
    number = data.draw(st.text(min_size=1).filter(str.strip))
    request = FaxJobRequest(
        recipients=(FaxRecipient(number=number),),
        documents=tuple(Document(name=f"{i}.pdf", source=Bytes(each)) for i, each in enumerate(contents)),
    )
    got = asyncio.run(collect(request))
    assert all(0 < len(piece) <= LARGEST_PIECE <= 1024 * 1024 for piece in got)
    assert sum(map(len, got)) == body_length(body_parts(request))
    wire = json.loads(b"".join(got))
    assert wire["recipients"] == [{"number": number}]
    assert [base64.b64decode(each["data"]) for each in wire["documents"]] == contents


def test_a_document_by_reference_has_no_data() -> None:
    document = Document(name="a.pdf", reference="https://example.com/a.pdf")
    request = FaxJobRequest(recipients=(FaxRecipient(number="+4989123456"),), documents=(document,))
    wire = json.loads(b"".join(asyncio.run(collect(request))))
    assert wire["documents"] == [{"name": "a.pdf", "reference": "https://example.com/a.pdf"}]


def test_credentials_reach_the_wire_and_nothing_else() -> None:
    push = HttpStatusPush(
        target_url="https://fax.example.com/push/t", credentials=SecretStr("hunter2"), auth_method="HTTP_BASIC"
    )
    request = FaxJobRequest(
        recipients=(FaxRecipient(number="+4989123456"),),
        documents=(Document(name="a.pdf", reference="https://example.com/a.pdf"),),
        status_report_options=StatusReportOptions(http_status_push=push),
        meta=MetaData(job_valid=JobValid(end="PT80M")),
    )
    wire = json.loads(b"".join(asyncio.run(collect(request))))
    assert wire["statusReportOptions"]["httpStatusPush"]["credentials"] == "hunter2"
    assert wire["meta"] == {"jobValid": {"end": "PT80M"}}
    assert "hunter2" not in repr(request)


@pytest.mark.parametrize("claimed", [2, 4])
def test_a_source_of_another_length_is_not_sent(claimed: int) -> None:
    class Lying(Bytes):
        @property
        def size(self) -> int:
            return claimed

    request = FaxJobRequest(
        recipients=(FaxRecipient(number="+4989123456"),), documents=(Document(name="a.pdf", source=Lying(b"abc")),)
    )
    with pytest.raises(SourceChanged):
        asyncio.run(collect(request))
