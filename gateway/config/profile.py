"""``[[profile]]``: how the faxes of some senders differ from those of the others."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from gateway.config.fax import Directive, TemplateName
from gateway.config.numbers import ProfileNumbers
from gateway.config.quotas import ProfileQuotas
from gateway.config.sections import Language, ReportTo
from gateway.config.times import ProfileTimes, known_zone
from gateway.config.values import Count, Flag, Network, Section

# The service's control characters; anything else after % is an error there, and would fail every fax.
_CONTROL = re.compile(r"%(?:[YymbBdaAHIpMSzZPRT#CKcrn%]|tz=|l=)")


def is_header_line(text: str) -> bool:
    """Whether the fax service takes it; a percent sign itself is written %%."""
    return text.isprintable() and "%" not in _CONTROL.sub("", text)


OverlayMode = Literal[
    "ALL_PAGES",
    "NO_OVERLAY",
    "FIRST_PAGE",
    "LAST_PAGE",
    "ALL_BUT_FIRST_PAGE",
    "ALL_BUT_LAST_PAGE",
    "ALL_BUT_FIRST_AND_LAST_PAGE",
    "FIRST_FILE",
]


class Overlay(Section):
    """Stationery at the fax service."""

    name: str = Field(min_length=1, description="Its name there.", examples=["letterhead"])
    mode: OverlayMode = Field("ALL_PAGES", description="On which pages.", examples=["FIRST_PAGE"])


class ProfileReport(Section):
    """What a profile sets of [report]; unset: as there."""

    by: Literal["retarus", "gateway"] | None = None
    to: ReportTo | None = None
    on: Literal["always", "failure", "never"] | None = None
    language: Language | None = None
    image: Literal["never", "success", "failure", "always"] | None = None
    image_format: Literal["tiff", "pdf", "pdf_with_ocr"] | None = None


class ProfileLimits(Section):
    """What a profile sets of [limits]; unset: as there."""

    pages: Count | None = Field(None, ge=1)
    documents: Count | None = Field(None, ge=1)
    recipients: Count | None = Field(None, ge=1)
    depth: Count | None = Field(None, ge=1, le=250)


class Company(Section):
    """Who sends, for covers."""

    name: str | None = Field(None, max_length=200, description="Its name.", examples=["Beispiel GmbH"])
    phone: str | None = Field(None, max_length=50, description="Telephone.", examples=["+49 89 123450"])
    fax: str | None = Field(None, max_length=50, description="Fax number to answer to.", examples=["+49 89 1234560"])
    address: str | None = Field(
        None,
        max_length=500,
        description="Postal address; it may have several lines.",
        examples=["Weg 1\n80331 M\u00fcnchen"],
    )


class Profile(Section):
    """The first profile that matches counts; what it leaves out is as in the other sections."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["match"]}, {"required": ["networks"]}]})

    match: str = Field(
        "*",
        min_length=1,
        description="Glob on the AUTH user or the reverse-path, in any case.",
        examples=["*@sales.example.com"],
    )
    networks: tuple[Network, ...] = Field(
        (),
        description="The client's address must be in one of them, too; empty: any. A unix socket has none.",
        examples=[["192.0.2.0/24"]],
    )
    csid: str | None = Field(
        None, max_length=20, description="Sender id on the fax, 20 characters at most.", examples=["+49 89 1234560"]
    )
    cover: TemplateName | None = Field(None, description="Cover template.", examples=["formal"])
    billing_code: str | None = Field(
        None, max_length=80, description="Billing code, 80 characters at most.", examples=["4711"]
    )
    paper_format: Literal["A4", "LETTER"] | None = Field(None, description="Paper of the fax.", examples=["A4"])
    resolution: Literal["LOW", "HIGH"] | None = Field(
        None, description="204x98 or 204x196 dots per inch.", examples=["HIGH"]
    )
    header: str | None = Field(
        None, description="The service's header line, with its control characters.", examples=["%C%r%P/%T"]
    )
    express: Flag = Field(False, description="Express delivery.", examples=[False])
    blacklist: Flag = Field(False, description="Check the Robinson list and its like.", examples=[False])
    overlay: Overlay | None = Field(None, description="Stationery.", examples=[{"name": "letterhead"}])
    language: Language | None = Field(None, description="Language of covers and of our own mails.", examples=["de"])
    timezone: Annotated[str, AfterValidator(known_zone)] = Field(
        "UTC",
        description="Zone of the dates on covers, of the times of day in a mail and of [times].",
        examples=["Europe/Berlin"],
    )
    dedupe: Flag = Field(True, description="false for MFPs that give several mails one Message-ID.", examples=[True])
    company: Company = Field(
        Company(), description="What covers say of the sender.", examples=[{"name": "Beispiel GmbH"}]
    )
    directives: tuple[Directive, ...] | None = Field(
        None, description="Overrides directives.allow.", examples=[["cover", "send-at"]]
    )
    forced: tuple[Directive, ...] | None = Field(
        None, description="Overrides directives.forced.", examples=[["csid", "billing-code"]]
    )
    report: ProfileReport = Field(ProfileReport(), description="Overrides [report].", examples=[{"on": "failure"}])
    numbers: ProfileNumbers = Field(ProfileNumbers(), description="Overrides [numbers].", examples=[{"allow": ["+49"]}])
    limits: ProfileLimits = Field(ProfileLimits(), description="Overrides [limits].", examples=[{"pages": 20}])
    quotas: ProfileQuotas = Field(
        ProfileQuotas(), description="Overrides [quotas] for each of its senders.", examples=[{"faxes_per_day": 20}]
    )
    times: ProfileTimes = Field(
        ProfileTimes(), description="Overrides [times].", examples=[{"allow": ["Mon-Fri 08:00-18:00"]}]
    )

    @model_validator(mode="after")
    def _matches_somebody(self) -> Self:
        if not self.model_fields_set & {"match", "networks"}:
            raise ValueError('needs match, networks or both; match = "*" is everybody')
        return self

    @model_validator(mode="before")
    @classmethod
    def _language_of_reports(cls, value: Any) -> Any:
        """``report.language`` and ``language`` are one setting: covers and our mails speak the same."""
        match value:
            case {"report": {"language": language}} if "language" not in value:
                return {**value, "language": language}
            case _:
                return value

    @model_validator(mode="after")
    def _one_language(self) -> Self:
        if self.report.language not in (None, self.language):
            raise ValueError("language and report.language are one setting: set one of them")
        return self

    @field_validator("header")
    @classmethod
    def _known_control_characters(cls, value: str | None) -> str | None:
        if value is not None and not is_header_line(value):
            raise ValueError("unknown control character after %; a percent sign itself is %%")
        return value

    @field_validator("overlay", mode="before", json_schema_input_type=Overlay | str | None)
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


def written_keys(value: BaseModel, above: str = "") -> Iterator[str]:
    """The keys that stand in a profile, dotted: there even a value that is the default overrides a section."""
    for name in value.model_fields_set:
        mine = getattr(value, name)
        if isinstance(mine, BaseModel):
            yield from written_keys(mine, f"{above}{name}.")
        else:
            yield f"{above}{name}"
