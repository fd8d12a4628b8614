"""``[limits]``, ``[cover]``, ``[documents]``, ``[directives]``: what becomes of a mail, what it may ask for itself."""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from gateway.config.values import ChildrenOrPath, ConfigPath, Count, Flag, Section, matching

TemplateName = Annotated[
    str, matching(re.compile(r"[A-Za-z0-9_-]{1,64}"), "write a template's name: letters, digits, - and _")
]


class Directive(StrEnum):
    """What a mail may ask for by a header ``X-Fax-<name>``; header names know no case (RFC 5322 §2.2)."""

    COVER = "cover"
    CSID = "csid"
    BILLING_CODE = "billing-code"
    RESOLUTION = "resolution"
    PAPER = "paper"
    EXPRESS = "express"
    HEADER = "header"
    SEND_AT = "send-at"
    EXPIRES = "expires"
    REPORT_TO = "report-to"
    REPORT_ON = "report-on"


class Limits(Section):
    """What one mail may ask for."""

    pages: Count = Field(500, ge=1, description="Pages of one fax.", examples=[500])
    documents: Count = Field(50, ge=1, description="Documents of one fax, the cover included.", examples=[50])
    recipients: Count = Field(100, ge=1, description="Recipients of one mail; more get 452.", examples=[100])
    depth: Count = Field(100, ge=1, le=250, description="Nested MIME parts; more is 554 5.6.0.", examples=[100])


class Cover(Section):
    """The cover page (docs/covers.md)."""

    template: TemplateName = Field(
        "default",
        description="Its template: default, formal, minimal, or a file cover/NAME.html.j2 of your own.",
        examples=["default"],
    )
    directory: ConfigPath | None = Field(
        None,
        description="Your templates; they are looked for before the bundled ones.",
        examples=["/etc/fax-gateway/templates"],
    )
    when: Literal["always", "body", "no-attachments", "never"] = Field(
        "body",
        description="On every fax (a mail that has nothing but a subject is faxed as its cover alone), when the mail "
        "has text, only when nothing else is sent, or never.",
        examples=["body"],
    )
    send_as: Literal["html", "pdf"] = Field(
        "html", description="An HTML document that the service renders, or a PDF rendered here.", examples=["html"]
    )
    drop_body: Flag = Field(
        False,
        description="Leave out text that no cover carries, instead of sending it as a document of its own.",
        examples=[False],
    )
    show_left_out: Flag = Field(
        False,
        description="Name on the cover what of the mail is not on the fax (it is always named in the job's events).",
        examples=[True],
    )


class Documents(Section):
    """What becomes of attachments, and where they are opened."""

    converter: ChildrenOrPath = Field(
        "children",
        description="Who opens documents: processes that the daemon starts itself, or a service that neither has a "
        "network nor sees the spool, by the path of its socket (docs/operations.md).",
        examples=["/run/fax-gateway-convert/convert.sock"],
    )
    archives: Literal["refuse", "unpack"] = Field(
        "refuse", description="ZIP archives: refused, or the files in them are faxed.", examples=["unpack"]
    )
    drop_blank_pages: Flag = Field(
        False,
        description="Leave out pages on which there is nothing but specks: the backs of scanned sheets.",
        examples=[True],
    )


class Directives(Section):
    """What a mail may ask for itself, with headers X-Fax-* (docs/directives.md)."""

    allow: tuple[Directive, ...] = Field(
        tuple(Directive),
        description="Those that are heeded; a mail with another one is refused, for its sender means something by it.",
        examples=[["cover", "resolution", "send-at"]],
    )
    forced: tuple[Directive, ...] = Field(
        (),
        description="What the configuration says of these holds for every fax, whatever directives.allow says: a mail"
        " that asks for something else is refused. A forced cover is on every fax.",
        examples=[["csid", "cover", "billing-code"]],
    )
    in_subject: Flag = Field(
        False,
        description='Take them from the begin of the subject, too: "[fax: resolution=low; cover=none] Offer".',
        examples=[True],
    )
