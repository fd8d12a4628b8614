"""The configuration as JSON Schema (draft 2020-12), made from the settings: for editors, and for programs.

It describes the file: TOML has no null, so an optional value that isn't wanted is ""; a secret may be named by a file.
What only the gateway can judge (which port is taken twice, whether a time zone exists) is not in it.
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from gateway.config.keys import is_secret, section_of
from gateway.config.settings import Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    schema = Settings.model_json_schema(schema_generator=_OfFile)
    _describe(Settings, schema, schema["$defs"])
    return {
        "$schema": DIALECT,
        "title": "fax-gateway.toml",
        "description": "Configuration of fax-gateway.",
        **{name: value for name, value in schema.items() if name not in ("title", "description")},
    }


class _OfFile(GenerateJsonSchema):
    """What may stand in a TOML file."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        made = super().nullable_schema(schema)
        return {"anyOf": [{"const": ""} if each == {"type": "null"} else each for each in made["anyOf"]]}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's interface
        return False  # the key again, with capitals


def _describe(model: type[BaseModel], schema: dict[str, Any], definitions: dict[str, Any]) -> None:
    """Defaults as they are written in a file, and the keys ``x_file`` of secrets; in every section below, too."""
    schema.pop("title", None)
    properties = schema["properties"]
    defaults = model.model_construct().model_dump(mode="json")
    for name, field in model.model_fields.items():
        section = section_of(field)
        properties[name].pop("default", None)
        if section is not None:
            _describe(section, definitions[section.__name__], definitions)
        elif defaults.get(name) is not None and not is_secret(field):
            properties[name]["default"] = defaults[name]
        if is_secret(field):
            properties[f"{name}_file"] = {
                "type": "string",
                "description": f"File whose first line is {name}; set one of them.",
                "examples": [f"/etc/fax-gateway/{name}"],
            }
