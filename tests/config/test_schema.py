"""The JSON Schema says of a file what the gateway says of it, as far as a schema can."""

import json
import tomllib
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, meta

from gateway.cli.config import schema
from gateway.config import Settings
from gateway.config.reference import described_fields
from gateway.config.schema import json_schema

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
FIELDS = dict(described_fields())


def errors(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(tomllib.loads(text))]


def test_it_is_a_schema() -> None:
    meta.validate(SCHEMA)
    assert SCHEMA["$schema"].endswith("2020-12/schema")


def test_an_empty_file_is_a_configuration() -> None:
    assert errors("") == []


@pytest.mark.parametrize("key", FIELDS)
def test_each_example_of_each_key_is_valid(key: str) -> None:
    section, _, name = key.rpartition(".")
    for example in FIELDS[key].examples or []:
        if section == "profile":
            value: dict[str, Any] = {"profile": [{"match": "*"} | {name: example}]}
        else:
            value = {section: {name: example}} if section else {name: example}
        assert [error.message for error in VALIDATOR.iter_errors(value)] == []


def test_each_default_is_valid_and_what_the_settings_say() -> None:
    usual = Settings().model_dump(mode="json")
    for section, reference in SCHEMA["properties"].items():
        definition = SCHEMA["$defs"].get(reference.get("$ref", "").rpartition("/")[2], {})
        for name, described in definition.get("properties", {}).items():
            if "default" in described:
                assert described["default"] == usual[section][name]
                assert [e.message for e in VALIDATOR.iter_errors({section: {name: described["default"]}})] == []


@pytest.mark.parametrize(
    "text",
    [
        '[retarus]\npassword_file = "/etc/fax-gateway/password"',
        '[retarus]\nregion = ""',  # an optional value that isn't wanted
        '[lmtp]\nlisten = ["/run/fax-gateway/lmtp.sock", "127.0.0.1:2003"]',
        '[[profile]]\nmatch = "*"\noverlay = "letterhead"',
        '[[profile]]\nmatch = "*"\noverlay = { name = "letterhead", mode = "FIRST_PAGE" }',
        '[retention]\ncontent = "2d"',
    ],
)
def test_what_may_be_written_is_valid(text: str) -> None:
    assert errors(text) == []
    Settings.model_validate(_without_files(tomllib.loads(text)))


@pytest.mark.parametrize(
    "text",
    [
        "pages = 1",
        "[smtp]\nlissten = []",
        "[limits]\npages = true",
        '[limits]\npages = "500"',
        "[limits]\npages = 0",
        '[cover]\nwhen = "sometimes"',
        "[smtp]\nlisten = [8025]",
        "[[profile]]\ndedupe = false",  # without match
        '[cover]\ntemplate_file = "x"',  # no secret
    ],
)
def test_a_mistake_is_none(text: str) -> None:
    assert errors(text)
    with pytest.raises(ValueError):
        Settings.model_validate(tomllib.loads(text))


def _without_files(tables: dict[str, Any]) -> dict[str, Any]:
    """A secret's file is read before the settings are checked (tests/config/test_sources.py)."""
    return {
        section: {key: each for key, each in value.items() if not key.endswith("_file")}
        if isinstance(value, dict)
        else value
        for section, value in tables.items()
    }


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    schema()
    assert json.loads(capsys.readouterr().out) == SCHEMA
