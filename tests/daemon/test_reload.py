"""SIGHUP: good settings take effect where they can, bad ones change nothing, and each is said."""

from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.config import ConfigError, Settings, load_settings
from gateway.config.changes import WITHOUT_RESTART
from gateway.config.keys import keys
from gateway.config.numbers import NumberFile
from gateway.config.quotas import Quotas
from gateway.daemon.reload import LatestTreatments, Reloader
from gateway.monitor.metrics import Metrics

FAILED = "fax_gateway_reload_failed"
SENDER = "jana@example.com"


class Daemon:
    """What of a daemon a reload touches; `files` are read one a reload."""

    def __init__(self, started_with: Settings, *files: Settings | ConfigError, certificate: str = "reloaded") -> None:
        self.files = list(files)
        self.treatments = LatestTreatments(started_with)
        self.taken: list[Settings] = []
        self.certificate = certificate
        self.reloader = Reloader(
            started_with,
            read=self.read,
            takers=[self.treatments.take, self.taken.append],
            reload_certificates=lambda: structlog.get_logger().info(f"certificate_{self.certificate}"),
        )

    def read(self) -> Settings:
        file = self.files.pop(0)
        if isinstance(file, ConfigError):
            raise file
        return file

    def reload(self) -> list[dict[str, Any]]:
        with structlog.testing.capture_logs() as events:
            self.reloader.reload()
        return [dict(event) for event in events]


def settings(**sections: Any) -> Settings:
    return Settings.model_validate(sections)


def test_profiles_and_numbers_take_effect_for_the_next_mail() -> None:
    sales = settings(numbers={"deny": ["+49900"]}, profile=[{"match": SENDER, "csid": "+49 89 1234560"}])
    daemon = Daemon(Settings(), sales)
    before = daemon.treatments.of(SENDER)
    events = daemon.reload()
    assert (before.options.csid, before.policy.deny) == (None, ())
    after = daemon.treatments.of(SENDER)
    assert (after.options.csid, after.policy.deny) == ("+49 89 1234560", ("+49900",))
    assert [(e["event"], e.get("changed")) for e in events] == [
        ("configuration_reloaded", ["numbers.deny", "profile"]),
        ("certificate_reloaded", None),
    ]


# A value other than the default for every key that is said to need no restart.
OTHER: dict[str, Any] = {
    "limits.pages": 20,
    "limits.documents": 3,
    "limits.recipients": 4,
    "limits.depth": 7,
    "numbers.default_region": "AT",
    "numbers.bare": "national",
    "numbers.strict": False,
    "numbers.allow": ["+49"],
    "numbers.deny": ["+49900"],
    "cover.template": "formal",
    "cover.when": "never",
    "cover.send_as": "pdf",
    "cover.drop_body": True,
    "cover.show_left_out": True,
    "documents.archives": "unpack",
    "documents.drop_blank_pages": True,
    "numbers.allow_countries": ["DE"],
    "numbers.deny_countries": ["US"],
    "numbers.allow_types": ["fixed-line"],
    "numbers.deny_types": ["mobile"],
    "numbers.deny_file": NumberFile(Path("denied"), frozenset({"+4989123456"})),
    **{f"quotas.{name}": 7 for name in Quotas.model_fields},
    "times.allow": ["Mon-Fri 08:00-18:00"],
    "times.outside": "defer",
    "times.timezone": "Europe/Berlin",
    "aliases": {"labor": "+4989123456"},
    "smtp.sender_check": "reverse-path",
    "smtp.authserv_ids": ["mx.example.com"],
    "directives.allow": ["cover"],
    "directives.forced": ["cover"],
    "directives.in_subject": True,
    "report.by": "gateway",
    "report.to": "from",
    "report.on": "failure",
    "report.language": "de",
    "report.image": "always",
    "report.image_format": "pdf",
}
KEYS = [
    ".".join(key)
    for key, _ in keys()
    if (key[0] in WITHOUT_RESTART or ".".join(key) in WITHOUT_RESTART) and key[0] not in ("profile", "log")
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_needs_no_restart_changes_how_a_sender_is_treated(key: str) -> None:
    section, _, name = key.partition(".")
    daemon = Daemon(Settings(), settings(**{section: {name: OTHER[key]} if name else OTHER[key]}))
    before = daemon.treatments.of(SENDER)
    (event, _) = daemon.reload()
    assert daemon.treatments.of(SENDER) != before
    assert event["changed"] == [key]


def test_a_bad_file_keeps_what_was_there_and_says_why() -> None:
    started = settings(profile=[{"match": "*", "csid": "+49 89 1234560"}])
    daemon = Daemon(started, ConfigError(["fax.toml: limits.pages = 0: must be at least 1"]), Settings())
    event = daemon.reload()[0]
    assert (event["event"], event["log_level"]) == ("configuration_not_reloaded", "error")
    assert event["problems"] == ["fax.toml: limits.pages = 0: must be at least 1"]
    assert daemon.treatments.of(SENDER).options.csid == "+49 89 1234560"
    assert daemon.taken == []
    assert daemon.reload()[0]["event"] == "configuration_reloaded"
    assert daemon.treatments.of(SENDER).options.csid is None


def test_what_needs_a_restart_is_named_at_each_reload_until_it_is_undone() -> None:
    moved = settings(smtp={"max_sessions": 7}, retarus={"password": "correct horse"}, log={"level": "debug"})
    daemon = Daemon(Settings(), moved, moved, Settings())
    for changed in (["log.level"], []):
        events = daemon.reload()
        named = [(event["event"], event.get("changed") or event.get("keys")) for event in events]
        assert named == [
            ("configuration_reloaded", changed or None),
            ("restart_needed", ["retarus.password", "smtp.max_sessions"]),
            ("certificate_reloaded", None),
        ]
        assert "correct horse" not in str(events)
    assert [event["event"] for event in daemon.reload()] == ["configuration_reloaded", "certificate_reloaded"]


@pytest.mark.parametrize(
    ("file", "certificate", "failed"),
    [
        (Settings(), "reloaded", 0),
        (Settings(), "not_reloaded", 1),
        (ConfigError(["x"]), "reloaded", 1),
        (ConfigError(["x"]), "not_reloaded", 1),
    ],
    ids=["both good", "bad certificate", "bad file", "both bad"],
)
def test_the_metric_tells_of_either_failure(file: Settings | ConfigError, certificate: str, failed: int) -> None:
    metrics = Metrics()
    daemon = Daemon(Settings(), ConfigError(["before"]), file, certificate=certificate)
    for _ in range(2):
        for event in daemon.reload():
            metrics.count(event)
    assert metrics.registry.get_sample_value(FAILED) == failed


def test_a_bad_list_of_denied_numbers_keeps_the_old_one_and_sets_the_metric(tmp_path: Path) -> None:
    config, listed = tmp_path / "fax.toml", tmp_path / "denied"
    config.write_text('[numbers]\ndeny_file = "denied"\n[aliases]\nlabor = "+4989123456"\n', "utf-8")
    listed.write_text("+49 89 123456\n", "utf-8")
    started, metrics = load_settings(config, {}, None), Metrics()
    treatments = LatestTreatments(started)
    reloader = Reloader(
        started,
        read=lambda: load_settings(config, {}, None),
        takers=[treatments.take],
        reload_certificates=lambda: None,
    )

    def reloaded() -> dict[str, Any]:
        with structlog.testing.capture_logs() as events:
            reloader.reload()
        metrics.count(events[0])
        return dict(events[0])

    listed.write_text("+49 89 123457\nanna\n", "utf-8")
    assert "line 2: write a number" in str(reloaded()["problems"])
    assert metrics.registry.get_sample_value(FAILED) == 1
    assert treatments.of(SENDER).policy.listed == {"+4989123456"}
    listed.write_text("+49 89 123457\n", "utf-8")
    config.write_text('[numbers]\ndeny_file = "denied"\n[aliases]\nlabor = ["+4989123458"]\n', "utf-8")
    assert reloaded()["changed"] == ["aliases", "numbers.deny_file"]
    assert metrics.registry.get_sample_value(FAILED) == 0
    assert treatments.of(SENDER).policy.listed == {"+4989123457"}
    assert treatments.of(SENDER).aliases == {"labor": ("+4989123458",)}


def test_a_broken_cover_is_named() -> None:
    daemon = Daemon(Settings(), settings(cover={"template": "nowhere"}))
    assert daemon.reload()[0]["event"] == "cover_broken"
