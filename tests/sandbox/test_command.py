"""``fax-gateway sandbox`` as a process, with the options that its users give it."""

import json
import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.living import nursery


@contextmanager
def running(*options: str) -> Iterator[tuple[nursery.Born, dict[str, Any]]]:
    """The process, and the first event of its log; ended by SIGTERM."""
    process, said = nursery.start(["sandbox", *options], Path.cwd(), os.environ)
    with said:
        try:
            yield process, json.loads(said.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def ask(method: str, url: str, body: object = None) -> Any:
    request = urllib.request.Request(url, method=method, data=json.dumps(body).encode() if body else None)
    request.add_header("Authorization", aiohttp.encode_basic_auth("sandbox", "sandbox"))
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_the_sandbox_says_where_it_is_and_keeps_its_options(tmp_path: Path, job: Any) -> None:
    options = ("--listen", "127.0.0.1:0", "--data", str(tmp_path / "faxes"), "--no-render", "--fixed-answer-ms", "200")
    with running(*options) as (process, ready):
        assert ready["event"] == "ready"
        assert ready["ha_url"] == f"{ready['url']}/ha/rest/v1"
        begun = time.monotonic()
        job_id = ask("POST", f"{ready['ha_url']}/99999/fax", job())["jobId"]
        assert time.monotonic() - begun >= 0.2
        assert json.loads((tmp_path / "faxes" / f"{job_id}.json").read_bytes()) == job()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_port_that_is_taken_ends_it_with_a_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with running("--listen", listen, "--no-render") as (process, event):
            assert (event["event"], event["listen"]) == ("not_started", listen)
            assert process.wait(10) == 1
