"""The server beside the mail: an address that is taken costs the dashboard, and open pages don't hold up its end."""

import asyncio
import re
import time
from typing import Any

import structlog

from gateway.config import ListenAddress
from gateway.daemon.dashboard import proxy_rules, readable
from gateway.spool.logins import Role
from gateway.web.pages import Pages
from gateway.web.server import Dashboard


def test_an_address_that_is_taken_costs_the_dashboard_and_not_the_mail(open_site: Any) -> None:
    async def run() -> list[str]:
        async with open_site() as site:
            port = int(site.base.rpartition(":")[2])
            with structlog.testing.capture_logs() as events:
                rules = proxy_rules(site.desk.settings)
                async with Dashboard(ListenAddress("127.0.0.1", port), site.desk, rules) as second:
                    assert second.port is None
            return [event["event"] for event in events]

    assert asyncio.run(run()) == ["dashboard_not_listening"]


def test_open_streams_end_with_the_server(open_site: Any) -> None:
    async def run() -> float:
        async with open_site() as site:
            headers = {"Cookie": f"__Host-fax-gateway={site.keys[Role.VIEWER]}"}
            stream = await site.http.get(site.base + "/events", headers=headers)
            await stream.content.readline()
            ending = time.monotonic()
        return time.monotonic() - ending

    assert asyncio.run(run()) < 4


def test_a_file_of_the_pages_is_fetched_once(open_site: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            first = await site.client().get("/static/live.js")
            assert first.status == 200
            again = await site.client().get("/static/live.js", **{"If-None-Match": first.headers["ETag"]})
            assert (again.status, again.text) == (304, "")

    asyncio.run(run())


def test_behind_a_proxy_every_link_has_the_path_of_the_public_url() -> None:
    text = Pages("/fax/").render("login.html.j2", "en", token="t", wanted="/", problem="")
    assert 'action="/fax/login"' in text
    assert 'href="/fax/static/style.css?' in text
    assert not re.search(r'(href|src|action)="/(?!fax/)', text)


def test_the_text_of_a_word_is_the_part_that_people_read() -> None:
    report = (
        b"Content-Type: multipart/report; boundary=b; report-type=delivery-status\r\nMIME-Version: 1.0\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        b"Gr\xc3\xbc\xc3\x9fe\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; fax.example.com\r\n\r\n--b--\r\n"
    )
    assert readable(report) == "Grüße"
    assert readable(b"Content-Type: image/png\r\n\r\nx") == ""
