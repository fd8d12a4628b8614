"""``documents.converter``: who opens documents for the daemon, and what `check` says of it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.config import Settings
from gateway.daemon import wiring
from gateway.daemon.checks import Level, converter_service
from gateway.documents.converter import remote
from gateway.documents.converter.children import start_child
from tests.living.convert_service import RunningService

pytestmark = pytest.mark.once


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    running = RunningService(tmp_path / "convert.sock")
    yield running
    running.stop()


def chosen(path: Path) -> Settings:
    return Settings.model_validate({"documents": {"converter": str(path)}})


def test_the_daemon_opens_documents_in_children_of_its_own_unless_told_otherwise() -> None:
    assert wiring.converter_start(Settings()) is start_child
    assert list(converter_service(Settings())) == []


def test_a_path_is_that_of_the_service(service: RunningService) -> None:
    worker = wiring.converter_start(chosen(service.path))(office=False, deadline=time.monotonic() + 30)
    parent = Path(f"/proc/{worker.process}/stat").read_text().rpartition(") ")[2].split()[1]
    worker.end()
    assert int(parent) == service.id
    (finding,) = converter_service(chosen(service.path))
    assert (finding.subject, finding.level) == ("converter", Level.OK)


def test_a_service_that_is_not_there_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "START_SECONDS", 0.2)
    (finding,) = converter_service(chosen(tmp_path / "nowhere.sock"))
    assert finding.level is Level.FAULT
    assert "fax-gateway-convert.socket" in finding.sentence


def test_before_the_daemons_start_its_converters_need_not_be_there(tmp_path: Path) -> None:
    (finding,) = converter_service(chosen(tmp_path / "nowhere.sock"), before_start=True)
    assert (finding.level, finding.sentence) == (
        Level.OK,
        f"{tmp_path / 'nowhere.sock'} isn't there yet: fax-gateway.service starts its socket with itself",
    )
