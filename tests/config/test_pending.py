"""Keys whose feature isn't there yet are named at start, if somebody set them."""

import pytest

from gateway.config import Settings, pending
from gateway.config.keys import field_at
from gateway.config.pending import NO_EFFECT_YET, is_pending, pending_keys


def test_every_pending_key_exists() -> None:
    assert [key for key in NO_EFFECT_YET if field_at(key.split(".")) is None] == []


def test_what_is_there_is_not_pending() -> None:
    there = """
        hostname smtp.listen smtp.domains smtp.relay_networks smtp.max_message_bytes smtp.verdict_seconds limits.pages
        limits.documents limits.recipients profile.limits.pages profile.numbers.allow
        limits.depth numbers.allow cover.template cover.when cover.directory cover.drop_body retarus.region
        retarus.valid_for delivery.paused report.to report.on report.language report.image report.image_format
        notify.smarthost database.url database.content_dir log.level profile.csid profile.report.on
    """
    assert [key for key in there.split() if is_pending(key)] == []


def test_only_those_that_were_changed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "NO_EFFECT_YET", frozenset({"control", "profile.csid"}))
    assert pending_keys(Settings()) == []
    changed = Settings.model_validate(
        {
            "control": {"socket": "/run/control.sock"},
            "cover": {"send_as": "pdf", "when": "never"},
            "web": {"listen": "127.0.0.1:8080"},
            "profile": [
                {"match": "*", "limits": {"pages": 3}, "csid": "1"},
                {"match": "*", "report": {"by": "retarus", "on": "never"}},
            ],
        }
    )
    assert pending_keys(changed) == ["control.socket", "profile.0.csid"]
