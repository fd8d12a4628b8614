"""`[aliases]` and lists of numbers: what may stand there, and what is said of what may not."""

from pathlib import Path

import pytest

from gateway.config import ConfigError, Settings, load_settings
from gateway.config.aliases import read_aliases
from gateway.config.numbers import numbers_of, whole_number
from gateway.config.times import parse_span


def test_names_know_no_case_and_groups_hold_names() -> None:
    written = {
        "Labor": "+49 89 123456",
        "wards": ["+4989123457", "LABOR", "+49-89/123457"],
        "everybody": ["wards", "labor", "küche"],
        "KÜCHE": "+4989123458",
    }
    assert read_aliases(written) == {
        "labor": ("+4989123456",),
        "wards": ("+4989123457", "+4989123456"),
        "everybody": ("+4989123457", "+4989123456", "+4989123458"),
        "küche": ("+4989123458",),
    }


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ({"4711": "+4989123456"}, "4711: a name has letters"),
        ({"+49": "+4989123456"}, "a name has letters"),
        ({"a b": "+4989123456"}, "a name has letters"),
        ({"Postmaster": "+4989123456"}, "isn't postmaster"),
        ({"labor": "089123456"}, "labor: 089123456 is no name here, and no number: write a number with +"),
        ({"labor": []}, "labor: write a number"),
        ({"labor": 49}, "labor: write a number"),
        ({"labor": "lab"}, "labor: lab is no name here"),
        ({"a": ["b"], "b": ["a"]}, "a: holds itself, by way of a, b"),
        ({"labor": "+4989123456", "LABOR": "+4989123457"}, "LABOR: stands there twice"),
        ({"labor": "+490891234"}, "did you mean +49891234?"),
        ("labor", "write a table"),
    ],
)
def test_what_is_wrong_is_named(written: object, reason: str) -> None:
    with pytest.raises(ValueError) as error:
        read_aliases(written)
    assert reason in str(error.value)


@pytest.mark.parametrize("text", ["+4989123456", "+49 89 12 34-56", "+39 06 123456", "+1.212.555.0123"])
def test_a_number_may_be_written_with_separators(text: str) -> None:
    assert whole_number(text).removeprefix("+").isdigit()


def test_a_list_has_a_number_a_line_and_comments() -> None:
    assert numbers_of("# asked for it\n+49 89 123456  # private\n\n+4989123457\r\n") == {"+4989123456", "+4989123457"}
    with pytest.raises(ValueError) as error:
        numbers_of("+4989123456\n089 123456\n\nanna\n+490891234567\n+99912345678\n" + "x\n" * 9)
    message = str(error.value)
    assert "line 2: write a number with +" in message
    assert "line 5: the 0 behind the country code is not dialled" in message
    assert "line 6: +99912345678 begins with no country code" in message
    assert message.endswith("; and 8 more")


def test_the_list_is_beside_the_configuration_and_a_bad_one_is_a_mistake_of_it(tmp_path: Path) -> None:
    config, listed = tmp_path / "fax.toml", tmp_path / "denied"
    config.write_text('[numbers]\ndeny_file = "denied"\n', "utf-8")
    with pytest.raises(ConfigError) as error:
        load_settings(config, {}, None)
    assert str(error.value) == f'{config}: numbers.deny_file = "denied": No such file or directory'
    listed.write_bytes(b"\xff\n")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_settings(config, {}, None)
    listed.write_text("\ufeff+4989123456\n", "utf-8")
    file = load_settings(config, {}, None).numbers.deny_file
    assert file is not None
    assert (file.path, file.numbers) == (listed, frozenset({"+4989123456"}))


@pytest.mark.parametrize(
    "text", ["", "Mon", "08:00-18:00", "Mon 8-18", "Mon 24:00-25:00", "Mo 08:00-18:00", "Mon-Xyz 08:00-18:00", 7]
)
def test_hours_that_are_none(text: object) -> None:
    with pytest.raises(ValueError, match=r"write days and hours|a day has the hours"):
        parse_span(text)


def test_a_profile_is_for_somebody() -> None:
    with pytest.raises(ValueError, match="needs match, networks or both"):
        Settings.model_validate({"profile": [{"csid": "1"}]})
    assert Settings.model_validate({"profile": [{"networks": ["192.0.2.0/24"]}]}).profile[0].match == "*"
