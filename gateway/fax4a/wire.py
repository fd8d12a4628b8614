"""What every model of the Fax4A wire shares: names by alias, frozen values, and the checks of a field's limit.

A violation is a ValueError that names field, value and limit; pydantic carries it in its ValidationError. Inputs are
hidden in those errors, because a request holds credentials.
"""

from enum import StrEnum

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Sent(BaseModel):
    """An object that we send: a field that the service doesn't know is a mistake of ours."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


class Received(BaseModel):
    """An object that we are sent: fields that we don't know are none of our business."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


def at_most(limit: int, field: str) -> AfterValidator:
    """Checks a text's length in characters."""

    def check(text: str) -> str:
        if len(text) > limit:
            raise ValueError(f"{field}: {text!r} has {len(text)} characters, the limit is {limit}")
        return text

    return AfterValidator(check)


def one_of(known: type[StrEnum], field: str) -> AfterValidator:
    """Checks a text against the values of `known`; they are the wire's, case included."""

    def check(text: str) -> str:
        if text not in set(known):
            raise ValueError(f"{field}: {text!r} is none of {', '.join(known)}")
        return text

    return AfterValidator(check)
