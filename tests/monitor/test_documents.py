"""What people and Prometheus read about the metrics: the table of docs/operations.md, alert rules, the dashboard."""

import json
import re
import subprocess
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from gateway.monitor.metrics import ALERTS, Metrics
from gateway.monitor.spool_gauges import SpoolGauges

DOCS = Path(__file__).parents[2] / "docs"
RULES = DOCS / "monitoring" / "fax-gateway.rules.yml"
RULES_TEST = DOCS / "monitoring" / "fax-gateway.rules.test.yml"
DASHBOARD = DOCS / "monitoring" / "fax-gateway.dashboard.json"
OPERATIONS = (DOCS / "operations.md").read_text("utf-8")


def families() -> dict[str, set[str]]:
    """Each metric as /metrics writes its name, and its labels."""
    metrics = Metrics()
    SpoolGauges(metrics.registry)
    endings = {"counter": "_total", "info": "_info"}
    found: dict[str, set[str]] = {}
    for collector in set(metrics.registry._names_to_collectors.values()):
        for family in collector.collect():
            if family.name.startswith("fax_gateway_"):
                found[family.name + endings.get(family.type, "")] = set(getattr(collector, "_labelnames", ()))
    return found | {"fax_gateway_build_info": {"version"}}


def metrics_in(text: str) -> set[str]:
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"fax_gateway_[a-z_]+", text)}


def anchors_in(markdown: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"(?m)^#+ (.+)$", markdown)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def alerts_in(rules: str) -> list[str]:
    return re.findall(r"(?m)^ *- alert: (\w+)$", rules)


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return found


def test_the_table_has_every_metric_with_its_labels_and_no_other() -> None:
    rows = re.findall(r"(?m)^\| (`fax_gateway_.+?) \|", OPERATIONS)
    documented = {
        name: set(filter(None, labels.split(",")))
        for row in rows
        for name, labels in re.findall(r"`(fax_gateway_[a-z_]+)(?:\{([a-z_,]+)\})?`", row)
    }
    assert documented == families()


def test_every_alert_of_the_log_is_in_the_table_of_alerts() -> None:
    table = OPERATIONS[OPERATIONS.index("### Alerts") : OPERATIONS.index("## Runbook")]
    assert sorted(re.findall(r"(?m)^\| `(\w+)` \|", table)) == sorted(ALERTS)


def test_rules_and_dashboard_use_metrics_that_there_are() -> None:
    expressions = " ".join(target["expr"] for panel in panels() for target in panel.get("targets", ()))
    assert metrics_in(expressions) | metrics_in(RULES.read_text("utf-8")) <= set(families())


def test_each_rule_links_a_section_of_the_runbook_that_there_is() -> None:
    rules = RULES.read_text("utf-8")
    links = re.findall(r"(?m)^ +runbook_url: (\S+)$", rules)
    assert len(links) == len(alerts_in(rules))
    for link in links:
        document, _, anchor = link.partition("#")
        assert anchor in anchors_in((DOCS / document).read_text("utf-8")), link


def test_the_documents_own_links_lead_somewhere() -> None:
    assert set(re.findall(r"\]\(#([^)]+)\)", OPERATIONS)) <= anchors_in(OPERATIONS)
    for path in re.findall(r"\]\((monitoring/[^)]+)\)", OPERATIONS):
        assert (DOCS / path).is_file()


def test_each_rule_is_seen_to_fire() -> None:
    tests = RULES_TEST.read_text("utf-8")
    for alert in alerts_in(RULES.read_text("utf-8")):
        cases = re.findall(rf"alertname: {alert}\b(?:, |\n *)exp_alerts:(.*)", tests)
        assert [case for case in cases if case.strip() != "[] }"], alert


@pytest.mark.once
def test_promtool_finds_the_rules_good(need: Callable[[str], str]) -> None:
    promtool = need("promtool")
    for command in (["check", "rules", RULES.name], ["test", "rules", RULES_TEST.name]):
        done = subprocess.run(
            [promtool, *command], cwd=RULES.parent, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_is_one_that_grafana_imports() -> None:
    """Its model: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/."""
    board = json.loads(DASHBOARD.read_text("utf-8"))
    assert board["schemaVersion"] >= 36
    assert "id" not in board, "Grafana gives it one"
    assert {each["name"] for each in board["templating"]["list"]} == {"datasource", "job"}
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    for panel in board["panels"]:
        assert panel["type"] in {"row", "stat", "timeseries"}
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] == "${datasource}"
            assert '{job="$job"' in target["expr"]
            assert target["expr"].count("(") == target["expr"].count(")")


def test_no_panel_lies_on_another() -> None:
    places = [panel["gridPos"] for panel in panels()]
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below
        assert one["x"] + one["w"] <= 24
