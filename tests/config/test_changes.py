"""Which keys a reload takes, and which wait for a restart."""

import pytest

from gateway.config import Settings
from gateway.config.changes import WITHOUT_RESTART, changed_keys, needs_restart
from gateway.config.keys import field_at


def test_every_named_key_exists() -> None:
    assert [key for key in WITHOUT_RESTART if field_at(key.split(".")) is None] == []


@pytest.mark.parametrize(
    ("key", "restart"),
    [
        ("profile", False),
        ("numbers.allow", False),
        ("log.level", False),
        ("cover.template", False),
        ("cover.directory", True),
        ("smtp.listen", True),
        ("smtp.relay_networks", True),
        ("retarus.password", True),
        ("hostname", True),
        ("numbersx", True),
    ],
)
def test_what_needs_a_restart(key: str, restart: bool) -> None:
    assert needs_restart(key) is restart


def test_differences_are_named_and_not_shown() -> None:
    before = Settings()
    now = Settings.model_validate(
        {
            "hostname": "fax.example.com",
            "retarus": {"password": "correct horse"},
            "numbers": {"deny": ["+49900"], "bare": "refuse"},
            "profile": [{"match": "*"}],
        }
    )
    assert changed_keys(now, now) == []
    assert changed_keys(now, before) == ["hostname", "numbers.deny", "profile", "retarus.password"]
