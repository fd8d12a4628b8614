"""One line per event, JSON where nobody looks, no secret ever."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from gateway.log import configure_logging


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Logging is the process's: what a test sets must not reach the next one."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    out = io.StringIO()
    configure_logging("auto", "info", out)
    return out


def test_an_event_is_one_line_with_its_facts_and_what_is_bound(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(job_id="5b0c"):
        structlog.get_logger().info("accepted", sender="jana@example.com", subject="Größe\nzwei")
    (event,) = lines(stream)
    assert event["event"] == "accepted"
    assert event["job_id"] == "5b0c"
    assert event["subject"] == "Größe\nzwei"
    assert event["level"] == "info"
    assert str(event["timestamp"]).endswith("Z")


def test_no_secret_reaches_the_log(stream: io.StringIO) -> None:
    structlog.get_logger().warning("x", password="hunter2", proxy_password="hunter2", Authorization="Basic hunter2")
    structlog.get_logger().warning("x", account={"login": "me", "password": "hunter2"}, tried=[{"token": "hunter2"}])
    logging.getLogger("aiohttp").warning("odd", extra={"password": "hunter2"})
    assert "hunter2" not in stream.getvalue()
    assert lines(stream)[1]["account"] == {"login": "me", "password": "(not shown)"}


def test_a_stack_shows_no_local_variable() -> None:
    """On a terminal too, where structlog would draw them all: passwords and documents are among them."""
    out = Terminal()
    configure_logging("auto", "info", out)
    logins = {"me": "hunter2"}
    try:
        assert logins["gone"]
    except KeyError:
        structlog.get_logger().exception("broken")
        logging.getLogger("asyncio").exception("broken")
    assert out.getvalue().count("KeyError: 'gone'") == 2
    assert "hunter2" not in out.getvalue()


@pytest.mark.parametrize(("style", "stream", "as_json"), [
    ("auto", io.StringIO, True), ("auto", Terminal, False), ("json", Terminal, True), ("console", io.StringIO, False),
])  # fmt: skip
def test_json_is_for_programs_and_a_terminal_for_people(
    style: Literal["auto", "json", "console"], stream: type[io.StringIO], as_json: bool
) -> None:
    out = stream()
    configure_logging(style, "info", out)
    structlog.get_logger().info("ready")
    assert out.getvalue().startswith("{") is as_json
    assert "ready" in out.getvalue()


def test_a_warning_of_python_is_a_line_too(stream: io.StringIO) -> None:
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    (event,) = lines(stream)
    assert event["logger"] == "py.warnings"
    assert "DeprecationWarning: old" in str(event["event"])


def test_the_libraries_speak_through_the_same_stream_from_warning_on(stream: io.StringIO) -> None:
    logging.getLogger("mail.log").info("chatter")
    logging.getLogger("mail.log").warning("something %s", "odd")
    (event,) = lines(stream)
    assert event["event"] == "something odd"
    assert event["level"] == "warning"
    assert event["logger"] == "mail.log"


def test_an_exception_is_within_its_line(stream: io.StringIO) -> None:
    try:
        dict[str, str]()["gone"]
    except KeyError:
        structlog.get_logger().exception("broken")
    (event,) = lines(stream)
    assert "KeyError: 'gone'" in str(event["exception"])


def test_the_level_is_kept(stream: io.StringIO) -> None:
    structlog.get_logger().debug("quiet")
    assert stream.getvalue() == ""


def test_an_observer_sees_what_the_level_hides() -> None:
    out = io.StringIO()
    seen: list[object] = []
    configure_logging("json", "error", out, lambda event: seen.append(event["event"]))
    log = structlog.get_logger()
    log.info("hidden")
    log.error("shown")
    try:
        int("x")
    except ValueError:
        log.exception("broken")
    assert seen == ["hidden", "shown", "broken"]
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["shown", "broken"]


def test_a_login_in_a_url_and_a_push_token_are_secrets_wherever_they_stand(stream: io.StringIO) -> None:
    log = structlog.get_logger()
    log.warning("x", error="Cannot connect to http://me:hunter2@proxy.example.com:3128", tried=["/push/hunter2-a.b~c"])
    assert "hunter2" not in stream.getvalue()
    assert lines(stream)[0]["error"] == "Cannot connect to http://(not shown)@proxy.example.com:3128"
