"""The converter service: whom it serves, and what its end costs; test_pool.py has what both forms have in common."""

import os
import pwd
import signal
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.documents.converter import Converters, Unavailable
from gateway.documents.converter import remote as remote_module
from gateway.documents.converter.remote import ConvertService
from gateway.documents.finding import DocumentLimits, Fault, Sound, Unsettled
from gateway.documents.sniff import Kind
from tests.living.convert_service import RunningService

pytestmark = pytest.mark.once

LIMITS = DocumentLimits()
PATIENCE = 30.0  # seconds
NOBODY = "nobody"
SLOW = "import socket, time; s = socket.socket(fileno=0); socket.recv_fds(s, 4096, 1); time.sleep(60)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "convert.sock"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_module, "START_SECONDS", 0.5)


@pytest.fixture
def running(path: Path) -> Iterator[RunningService]:
    service = RunningService(path)
    yield service
    service.stop()


def test_only_its_owner_may_connect(running: RunningService) -> None:
    assert stat.S_IMODE(running.path.stat().st_mode) == 0o600


@pytest.mark.usefixtures("impatient")
def test_only_the_daemons_user_is_served(path: Path) -> None:
    """Root may open any socket; who has connected is looked at all the same."""
    service = RunningService(path, "", "--peer", NOBODY)
    try:
        with pytest.raises(Unavailable):
            ConvertService(path).start(office=False, deadline=time.monotonic() + PATIENCE)
    finally:
        said = service.stop()
    assert "converter_peer_refused" in said
    assert pwd.getpwuid(os.geteuid()).pw_name in said


def test_a_process_is_ended_when_nobody_wants_it_any_more(running: RunningService) -> None:
    worker = ConvertService(running.path).start(office=False, deadline=time.monotonic() + PATIENCE)
    assert Path(f"/proc/{worker.process}").exists()
    worker.end()
    assert not Path(f"/proc/{worker.process}").exists()


@pytest.mark.usefixtures("impatient")
def test_without_the_service_a_document_waits(path: Path, documents: Any) -> None:
    """It is neither good nor bad: a mail is accepted, a job is prepared later."""
    with Converters(ConvertService(path).start) as converters:
        with pytest.raises(Unavailable, match=r"starts no process: .*No such file"):
            converters.look_within(LIMITS, PATIENCE)(Kind.PDF, documents.compressed())
        with pytest.raises(Unavailable):
            converters.convert_within(LIMITS, "A4", PATIENCE)(Kind.HTML, b"<p>a</p>", Sound(0))
        assert converters.look_within(LIMITS, 0)(Kind.PDF, documents.compressed()) == Unsettled()
        assert converters.look_within(LIMITS, PATIENCE)(Kind.PDF, documents.pdf()) == Sound(1)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_of_the_service_is_no_documents_fault(path: Path, documents: Any, how: signal.Signals) -> None:
    """What it is doing is asked again; what stood idle is replaced."""
    first = RunningService(path, SLOW)
    with Converters(ConvertService(path).start) as converters, ThreadPoolExecutor(1) as thread:
        asked = thread.submit(converters.look_within(LIMITS, PATIENCE), Kind.PDF, documents.compressed(pages=2))
        while not converters._busy:
            time.sleep(0.005)
        (worker,) = converters._busy
        first.stop(how)
        if how is signal.SIGKILL:  # systemd ends what is left of the unit
            os.kill(worker.process, signal.SIGKILL)
        with structlog.testing.capture_logs():
            second = RunningService(path)
            try:
                assert asked.result(PATIENCE) == Sound(2)
                second.stop()
                second = RunningService(path)
                assert converters.look_within(LIMITS, PATIENCE)(Kind.PDF, documents.compressed()) == Sound(1)
            finally:
                second.stop()


@pytest.mark.usefixtures("impatient")
def test_a_service_that_dies_again_and_again_is_no_documents_fault_either(path: Path, documents: Any) -> None:
    service = RunningService(path, "import os, signal; os.kill(os.getppid(), signal.SIGKILL)")
    with Converters(ConvertService(path).start) as converters, pytest.raises(Unavailable):
        converters.look_within(LIMITS, PATIENCE)(Kind.PDF, documents.compressed())
    service.kill()


def test_its_end_is_that_of_every_process(path: Path, documents: Any) -> None:
    service = RunningService(path)
    with Converters(ConvertService(path).start) as converters:
        assert not isinstance(converters.look_within(LIMITS, PATIENCE)(Kind.PDF, documents.compressed()), Fault)
        (worker,) = converters._idle
        service.stop()
        assert not Path(f"/proc/{worker.process}").exists()
    assert not path.exists()
