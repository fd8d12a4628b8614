"""The two forms in which converter processes are started: what holds of one, holds of the other."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.documents.converter import Start
from gateway.documents.converter.children import start_child
from gateway.documents.converter.remote import ConvertService
from tests.living.convert_service import RunningService


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    running = RunningService(tmp_path_factory.mktemp("convert") / "convert.sock")
    yield running
    assert "converter_not_started" not in running.stop()


@pytest.fixture(params=["children", "service"])
def start(request: pytest.FixtureRequest) -> Start:
    if request.param == "children":
        return start_child
    return ConvertService(request.getfixturevalue("service").path).start


@pytest.fixture(params=["children", "service"])
def start_program(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[str], Start]]:
    """The same with a converter program of the test's own."""
    services: list[RunningService] = []

    def of(program: str) -> Start:
        if request.param == "children":
            monkeypatch.setattr("gateway.documents.converter.process.PROGRAM", program)
            return start_child
        services.append(RunningService(tmp_path / f"{len(services)}.sock", program))
        return ConvertService(services[-1].path).start

    yield of
    for each in services:
        each.stop()
