"""docs/configuration.md says what the settings say, and each of its examples works."""

from pathlib import Path
from typing import Any

import pytest

from gateway.config import Settings
from gateway.config.profile import Profile
from gateway.config.reference import described_fields, reference

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"
FIELDS = dict(described_fields())
# These need another key beside them to be valid.
COMPANIONS: dict[str, dict[str, Any]] = {
    "tls.certificate": {"private_key": "/k.pem"},
    "tls.private_key": {"certificate": "/c.pem"},
    "retarus.ha_url": {"datacenter_urls": {"dc1": "http://127.0.0.1/dc1/rest/v1"}},
    "retarus.datacenter_urls": {"ha_url": "http://127.0.0.1/ha/rest/v1"},
    "web.user_header": {"proxy_secret": "secret", "trusted_proxies": ["192.0.2.10/32"]},
    "push.listen": {"public_url": "https://push.example.com"},
    "push.public_url": {"listen": "127.0.0.1:8081"},
    "push.auth": {"username": "retarus", "password": "secret"},
    "push.username": {"auth": "basic", "password": "secret"},
    "push.password": {"auth": "basic", "username": "retarus"},
    "retarus.client_certificate": {"client_key": "/k.pem"},
    "retarus.client_key": {"client_certificate": "/c.pem"},
}


def test_the_document_is_what_the_settings_make() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == reference(), "run: python -m gateway.config.reference"


@pytest.mark.parametrize("key", FIELDS)
def test_every_key_has_a_description_and_an_example_that_works(key: str) -> None:
    field = FIELDS[key]
    assert field.description
    assert field.description.endswith(".")
    assert field.examples
    section, _, name = key.rpartition(".")
    for example in field.examples:
        value = {name: example} | COMPANIONS.get(key, {})
        if section == "profile":
            Profile.model_validate({"match": "*"} | value)
        else:
            Settings.model_validate({section: value} if section else value)
