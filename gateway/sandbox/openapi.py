"""The OpenAPI document of the API as the sandbox serves it (``/openapi.json``). Pure.

It says what Fax4A says and what ``validation`` checks; schemathesis holds the two against each other.
"""

from collections.abc import Sequence
from typing import Any

from gateway import __version__
from gateway.documents.render import OverlayMode
from gateway.sandbox import validation
from gateway.sandbox.validity import DURATION

Schema = dict[str, Any]


def document(server: str, customers: Sequence[str]) -> dict[str, Any]:
    """`server`: the origin under which the sandbox was asked; `customers`: the numbers of all its logins."""
    customer = _path("custNr", {"type": "string", "enum": list(customers)})
    job = _path("jobId", JOB_ID)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fax-for-Applications (sandbox of fax-gateway)",
            "version": __version__,
            "description": "Send to /ha, read and delete reports at each data centre, never at /ha.",
        },
        "servers": [{"url": f"{server}/{base}/rest/v1"} for base in ("dc1", "dc2", "ha")],
        "security": [{"basic": []}],
        "paths": {
            "/{custNr}/fax": {"parameters": [customer], "post": _send()},
            "/{custNr}/fax/reports": {
                "parameters": [customer],
                "get": _operation("listReports", "The oldest 1000 reports", _reports("FaxReport")),
                "post": _bulk(),
                "delete": _operation("deleteOldest", "Delete the oldest 1000", _reports("JobDeleteReport")),
            },
            "/{custNr}/fax/reports/{jobId}": {
                "parameters": [customer, job],
                "get": _operation("getReport", "One report", _ref("FaxReport"), 404),
                "delete": _operation("deleteReport", "Delete one report", _ref("JobDeleteReport"), 404),
            },
        },
        "components": {
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
            "schemas": SCHEMAS,
        },
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _answer(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _operation(operation_id: str, summary: str, schema: Schema, *codes: int) -> Schema:
    """An operation without a body; every one can be refused for its login."""
    answers = {str(code): _answer(ERRORS[code], _ref("Error")) for code in sorted({400, 401, 403, *codes})}
    return {"operationId": operation_id, "summary": summary, "responses": {"200": _answer("Done", schema), **answers}}


def _send() -> Schema:
    codes = (409, 413, 500, 503, 520)
    operation = _operation("sendJob", "Send a job", _object({"jobId": STRING}, "jobId"), *codes)
    operation["responses"]["200"]["links"] = {name: _to_report(name) for name in ("getReport", "deleteReport")}
    return operation | {"requestBody": _body("FaxJobRequest")}


def _to_report(operation_id: str) -> Schema:
    """A Link Object (OpenAPI 3.1 §4.8.20): the receipt's jobId is the report's."""
    parameters = {"custNr": "$request.path.custNr", "jobId": "$response.body#/jobId"}
    description = "At each data centre; the report stands when the job is finished"
    return {"operationId": operation_id, "parameters": parameters, "description": description}


def _bulk() -> Schema:
    answer = {"anyOf": [_reports("FaxReport"), _reports("JobDeleteReport")]}
    return _operation("bulk", "Get or delete many reports", answer, 413) | {"requestBody": _body("BulkRequest")}


def _body(name: str) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": _ref(name)}}}


def _reports(name: str) -> Schema:
    return _object({"reports": {"type": "array", "items": _ref(name)}}, "reports")


def _object(properties: Schema, *required: str, closed: bool = False) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    if closed:
        schema["additionalProperties"] = {"type": "null"}
    return schema


def _document(content: str, schema: Schema) -> Schema:
    name = {"type": "string", "maxLength": 32, "pattern": r"^[a-zA-Z0-9_.-]{1,27}\.(pdf|tif|txt|html)$"}
    charset = _one_of(validation.CHARSETS)
    return _object({"name": name, "charset": charset, content: schema}, "name", content, closed=True)


def _text(longest: int) -> Schema:
    return {"type": ["string", "null"], "maxLength": longest}


def _one_of(choices: frozenset[str]) -> Schema:
    return {"enum": [*sorted(choices), None]}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


ERRORS = {
    400: "Malformed, failed validation, or no Authorization header",
    401: "Bad credentials, or an address that is not on the login's list",
    403: "Not allowed",
    404: "No such report here",
    409: "A job with this customerDefinedId exists already",
    413: "Body too large",
    500: "The job may exist",
    503: "Overloaded or in maintenance: not accepted",
    520: "Unknown problem: the job may exist",
}
STRING: Schema = {"type": "string"}
BOOL: Schema = {"type": ["boolean", "null"]}
JOB_ID: Schema = {"type": "string", "minLength": 1}
BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
# Control characters of Fax4A, and anything else that is no percent sign.
HEADER = "^([^%]|%[YymbBdaAHIpMSzZPRT#CKcrn%]|%l=[A-Za-z]{2,3}|%tz=[A-Za-z0-9_+/-]+)*$"
URL: Schema = {"type": "string", "format": "uri", "pattern": "^https?://"}
MOMENT: Schema = {"type": "string", "format": "date-time", "description": "With its time zone"}
MOMENT_OR_DURATION: Schema = {
    "description": "In the future: a moment, or how long after the start",
    "anyOf": [MOMENT, {"type": "string", "pattern": f"^{DURATION.pattern}$"}],
}
DOCUMENT: Schema = {"anyOf": [_ref("DocumentWithData"), _ref("DocumentWithReference")]}
WITH_DOCUMENTS = _object({"documents": {"type": "array", "minItems": 1}}, "documents")
WITH_COVER = _object(
    {"renderingOptions": _object({"coverpageTemplate": {"type": "string", "minLength": 1}}, "coverpageTemplate")},
    "renderingOptions",
)
NUMBER: Schema = {"type": "string", "pattern": r"^(\+|00)[1-9][0-9]{4,18}$"}
SCHEMAS: dict[str, Schema] = {
    "Error": _object({"code": {"type": "integer"}, "message": STRING}, "code", "message"),
    "FaxJobRequest": {"anyOf": [WITH_DOCUMENTS, WITH_COVER]}
    | _object(
        {
            "reference": _maybe(_ref("Reference")),
            "recipients": {"type": "array", "minItems": 1, "maxItems": 1000, "items": _ref("FaxRecipient")},
            "documents": {"type": ["array", "null"], "maxItems": 100, "items": DOCUMENT},
            "transportOptions": _maybe(
                _object(
                    {"csid": _text(20), "isExpress": BOOL, "isBlacklistEnabled": BOOL},
                    closed=True,
                )
            ),
            "renderingOptions": _maybe(_ref("RenderingOptions")),
            "statusReportOptions": _maybe(_ref("StatusReportOptions")),
            "meta": _maybe(_ref("MetaData")),
        },
        "recipients",
        closed=True,
    ),
    "Reference": _object({name: _text(longest) for name, longest in validation.REFERENCE.items()}, closed=True),
    "FaxRecipient": _object(
        {
            "number": NUMBER,
            "alternativeNumbers": _maybe({"type": "array", "items": NUMBER}),
            "properties": _maybe({"type": "array", "items": _ref("RecipientProperty")}),
        },
        "number",
        closed=True,
    ),
    "RecipientProperty": _object({"key": STRING, "value": STRING}, "key", "value", closed=True),
    "DocumentWithData": _document("data", {"type": "string", "contentEncoding": "base64", "pattern": BASE64}),
    "DocumentWithReference": _document("reference", URL),
    "RenderingOptions": _object(
        {
            "paperFormat": _one_of(validation.PAPERS),
            "resolution": _one_of(validation.RESOLUTIONS),
            "coverpageTemplate": _text(100),
            "header": {"type": ["string", "null"], "maxLength": 1000, "pattern": HEADER},
            "overlay": _maybe(
                _object(
                    {
                        "name": {"type": "string", "minLength": 1, "maxLength": 100},
                        "mode": _one_of(frozenset(mode.value for mode in OverlayMode)),
                    },
                    "name",
                    closed=True,
                )
            ),
        },
        closed=True,
    ),
    "StatusReportOptions": _object(
        {"reportMail": _maybe(_ref("ReportMail")), "httpStatusPush": _maybe(_ref("HttpStatusPush"))}, closed=True
    ),
    "ReportMail": _object(
        {
            "successAddress": _text(320) | {"pattern": f"^{validation.MAIL_ADDRESS.pattern}$"},
            "failureAddress": _text(320) | {"pattern": f"^{validation.MAIL_ADDRESS.pattern}$"},
            "attachedFaxImageMode": _one_of(validation.IMAGE_MODES),
            "attachedFaxImageFormat": _one_of(validation.IMAGE_FORMATS),
        },
        closed=True,
    ),
    "HttpStatusPush": _object(
        {
            "targetUrl": URL,
            "principal": _text(256),
            "credentials": _text(4096),
            "authMethod": _one_of(validation.AUTH_METHODS),
        },
        "targetUrl",
        closed=True,
    ),
    "MetaData": _object(
        {
            "customerReference": _text(256),
            "jobValid": _maybe(_object({"start": _maybe(MOMENT), "end": _maybe(MOMENT_OR_DURATION)}, closed=True)),
        },
        closed=True,
    ),
    "BulkRequest": _object(
        {
            "action": {"enum": ["GET", "DELETE", "get", "delete"]},
            "jobIds": {"type": "array", "maxItems": 1000, "items": JOB_ID},
        },
        "action",
        "jobIds",
    ),
    "FaxReport": _object(
        {
            "jobId": STRING,
            "recipientStatus": {"type": "array", "items": _ref("FaxRecipientWithStatus")},
            "pages": {"type": "integer"},
            "reference": _ref("Reference"),
        },
        "jobId",
        "recipientStatus",
        "pages",
        closed=True,
    ),
    "FaxRecipientWithStatus": _object(
        {
            "number": STRING,
            "properties": _maybe({"type": "array", "items": _ref("RecipientProperty")}),
            "status": STRING,
            "reason": STRING,
            "sentTs": {"type": "string", "format": "date-time"},
            "durationInSecs": {"type": "integer"},
            "sentToNumber": STRING,
            "remoteCsid": STRING,
        },
        "number",
        "status",
        closed=True,
    ),
    "JobDeleteReport": _object(
        {"jobId": STRING, "deleted": {"type": "boolean"}, "reason": {"enum": ["NOT_FOUND", "INTERNAL_ERROR"]}},
        "jobId",
        closed=True,
    ),
}
