"""One line per event, JSON where nobody looks, no secret ever."""

import io
import json
import logging

import pytest
import structlog

from gateway.log import configure_logging


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


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
    assert "hunter2" not in stream.getvalue()


def test_the_libraries_speak_through_the_same_stream_from_warning_on(stream: io.StringIO) -> None:
    logging.getLogger("mail.log").info("chatter")
    logging.getLogger("mail.log").warning("something %s", "odd")
    (event,) = lines(stream)
    assert event["event"] == "something odd"
    assert event["level"] == "warning"


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
