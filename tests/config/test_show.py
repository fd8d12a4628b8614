"""What `config show` says: each key, its value, and the source that has the last word; no secret."""

from pathlib import Path

import pytest

from gateway.config.keys import keys, secrets
from gateway.config.show import Line, lines
from gateway.config.sources import read_layers, settings_of

FILE = """
hostname = "fax.example.com"
[smtp]
domains = ["fax.local"]
[retarus]
proxy = ""
password_file = "password"
ha_url = "http://127.0.0.1:9100/ha/rest/v1"
datacenter_urls = { dc1 = "http://127.0.0.1:9100/dc1/rest/v1" }
[database]
url = "sqlite:///fax.db"
[[profile]]
match = "*@sales.example.com"
dedupe = true
report.on = "failure"
"""
VARIABLES = {"FAX_GATEWAY__LIMITS__PAGES": "20", "FAX_GATEWAY__DELIVERY": '{"paused": true}'}


@pytest.fixture
def shown(tmp_path: Path) -> dict[str, Line]:
    (tmp_path / "fax.toml").write_text(FILE)
    (tmp_path / "password").write_text("correct horse\n")
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "notify.smarthost_password").write_text("battery staple\n")
    path = tmp_path / "fax.toml"
    layers = read_layers(path, VARIABLES, credentials)
    return {line.key: line for line in lines(settings_of(layers, path, VARIABLES), layers)}


@pytest.mark.parametrize(
    ("key", "value", "origin", "changed"),
    [
        ("hostname", '"fax.example.com"', "{file}", True),
        ("smtp.domains", '["fax.local"]', "{file}", False),  # set, to what it is anyway
        ("smtp.listen", '["127.0.0.1:8025"]', "default", False),
        ("smtp.idle_timeout", '"5m"', "default", False),
        ("limits.pages", "20", "FAX_GATEWAY__LIMITS__PAGES", True),
        ("delivery.paused", "true", "FAX_GATEWAY__DELIVERY", True),
        ("retarus.proxy", '""', "{file}", False),
        ("retarus.datacenter_urls", '{ dc1 = "http://127.0.0.1:9100/dc1/rest/v1" }', "{file}", True),
        ("retarus.password", "(not shown)", "{file}: retarus.password_file", True),
        ("retarus.proxy_password", '""', "default", False),
        ("notify.smarthost_password", "(not shown)", "credential notify.smarthost_password", True),
        ("profile.0.match", '"*@sales.example.com"', "{file}", True),
        ("profile.0.dedupe", "true", "{file}", True),  # in a profile even a default overrides a section
        ("profile.0.report.on", '"failure"', "{file}", True),
    ],
)
def test_a_line_says_value_and_origin(
    shown: dict[str, Line], tmp_path: Path, key: str, value: str, origin: str, changed: bool
) -> None:
    assert shown[key] == Line(key, value, origin.format(file=tmp_path / "fax.toml"), changed)


def test_no_secret_is_in_any_line(shown: dict[str, Line]) -> None:
    text = "\n".join(map(str, shown.values()))
    for secret in ("correct horse", "battery staple"):
        assert secret not in text


def test_the_login_in_a_url_is_masked(tmp_path: Path) -> None:
    variables = {"FAX_GATEWAY__DATABASE__URL": "postgresql://fax:correct@horse@db.example.com/spool"}
    layers = read_layers(None, variables, None)
    found = {line.key: line.value for line in lines(settings_of(layers, None, variables), layers)}
    assert found["database.url"] == '"***@db.example.com/spool"'


def test_a_profile_shows_only_what_it_sets(shown: dict[str, Line]) -> None:
    assert {key for key in shown if key.startswith("profile.")} == {
        "profile.0.match",
        "profile.0.dedupe",
        "profile.0.report.on",
    }


def test_every_secret_that_there_is_is_masked_wherever_it_comes_from() -> None:
    variables = {f"FAX_GATEWAY__{'__'.join(key).upper()}": f"Geheim-{number}" for number, key in enumerate(secrets())}
    variables |= {"FAX_GATEWAY__PUSH__AUTH": "basic", "FAX_GATEWAY__PUSH__USERNAME": "retarus"}  # it wants them beside
    layers = read_layers(None, variables, None)
    found = {line.key: line for line in lines(settings_of(layers, None, variables), layers)}
    for key in secrets():
        line = found[".".join(key)]
        assert (line.value, line.changed) == ("(not shown)", True)
        assert line.origin == f"FAX_GATEWAY__{'__'.join(key).upper()}"
    assert "Geheim" not in str(found)


def test_every_key_has_a_line() -> None:
    shown = [line.key for line in lines(settings_of([], None, {}), [])]
    assert shown == [".".join(key) for key, _ in keys() if key[0] != "profile"]


def test_a_list_of_tables_shows_each_table_and_one_in_a_table_too(tmp_path: Path) -> None:
    path = tmp_path / "fax.toml"
    path.write_text(
        '[[profile]]\nmatch = "*@a.example.com"\nnumbers.allow = ["+49"]\nlimits.pages = 3\n'
        '[[profile]]\nmatch = "*@b.example.com"\ncsid = ""\n'
    )
    layers = read_layers(path, {}, None)
    found = [(line.key, line.value) for line in lines(settings_of(layers, path, {}), layers) if "profile" in line.key]
    assert found == [
        ("profile.0.match", '"*@a.example.com"'),
        ("profile.0.numbers.allow", '["+49"]'),
        ("profile.0.limits.pages", "3"),
        ("profile.1.match", '"*@b.example.com"'),
        ("profile.1.csid", '""'),
    ]
