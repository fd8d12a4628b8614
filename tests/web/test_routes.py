"""Every route by role by method: who gets in, who is sent to the login, who is told that it isn't for him."""

import asyncio
from typing import Any

import pytest

from gateway.spool.logins import Role
from gateway.web.routes import ROUTES

V, O, A = Role.VIEWER, Role.OPERATOR, Role.ADMIN  # noqa: E741 - a table

# Path, method, the least role. JOB and KEY are put in where the test runs.
TABLE = [
    ("/", "GET", V),
    ("/events", "GET", V),
    ("/jobs", "GET", V),
    ("/jobs/JOB", "GET", V),
    ("/logout", "POST", V),
    ("/pause", "POST", O),
    ("/jobs/JOB/pages", "GET", O),
    ("/jobs/JOB/pages/1", "GET", O),
    ("/jobs/JOB/pages/1.png", "GET", O),
    ("/jobs/JOB/documents/1", "GET", O),
    ("/jobs/JOB/mail.eml", "GET", O),
    ("/jobs/ask", "POST", O),
    ("/jobs/act", "POST", O),
    ("/done", "GET", O),
    ("/try", "GET", O),
    ("/try", "POST", O),
    ("/try/KEYKEYKEYKEYKEYKEYKEYK/0/1.png", "GET", O),
    ("/test", "GET", O),
    ("/test", "POST", O),
    ("/policy", "GET", O),
    ("/settings", "GET", O),
    ("/covers", "GET", O),
    ("/covers/default.png", "GET", O),
    ("/audit", "GET", A),
]


def test_the_table_has_every_route() -> None:
    assert len(TABLE) == len(ROUTES)
    assert sorted((method, role) for _, method, role in TABLE) == sorted((each.method, each.role) for each in ROUTES)


def test_without_a_session_every_page_leads_to_the_login(open_site: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            for path in [path for path, method, _ in TABLE if method == "GET"] + ["/nothing", "/static"]:
                for client in (site.client(), _with_key(site, "guessed"), _with_key(site, "x" * 5000)):
                    answer = await client.get(path.replace("JOB", "0" * 32))
                    assert answer.status == 303, path
                    assert answer.headers["Location"].startswith("/login")
                    assert answer.text == ""

    asyncio.run(run())


def test_without_a_session_nothing_is_done(open_site: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            for path in [path for path, method, _ in TABLE if method == "POST"] + ["/nothing"]:
                for method in ("POST", "PUT", "DELETE", "PATCH"):
                    assert (await site.client().ask(method, path)).status == 401, (path, method)

    asyncio.run(run())


@pytest.mark.parametrize("role", list(Role))
def test_each_role_reaches_its_pages_and_no_others(open_site: Any, samples: Any, role: Role) -> None:
    async def run() -> None:
        async with open_site() as site:
            job = await samples.prepared(site.spool)
            for path, method, least in TABLE:
                if path in {"/logout", "/events"}:
                    continue  # they end the session, or don't end themselves
                client, real = site.client(role), path.replace("JOB", job.id)
                answer = await (client.get(real) if method == "GET" else client.post(real))
                if role.reaches(least):
                    assert answer.status in {200, 303, 400, 404}, (path, method, answer.status)
                    assert "/login" not in answer.headers.get("Location", "")
                else:
                    assert answer.status == 403, (path, method, answer.status)
                    assert job.mail.subject not in answer.text

    asyncio.run(run())


def test_a_form_that_is_not_ours_does_nothing(open_site: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            other = site.client(Role.MAIL)
            for path, role in [(path, role) for path, method, role in TABLE if method == "POST"]:
                client = site.client(role)
                for token in ("", "0" * 64, other.token, client.token[:-1], "é"):
                    assert (await client.post(path, token=token)).status == 403, (path, token)
                client.headers["Sec-Fetch-Site"] = "cross-site"
                assert (await client.post(path)).status == 403, path
            await _nothing_happened(site)

    asyncio.run(run())


async def _nothing_happened(site: Any) -> None:
    audit = await site.client(Role.ADMIN).get("/audit")
    assert "Nothing yet." in audit.text
    assert site.sent == []


def test_what_is_not_there_is_told_only_to_those_who_are_logged_in(open_site: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            client = site.client(Role.ADMIN)
            assert (await client.get("/nothing")).status == 404
            assert (await client.get("/jobs/" + "0" * 32)).status == 404
            assert (await client.post("/nothing")).status == 404
            assert (await site.client().get("/static/nothing.css")).status == 404
            assert (await site.client().get("/static/..%2f..%2fpyproject.toml")).status == 404

    asyncio.run(run())


def test_every_answer_carries_the_headers_that_keep_a_browser_safe(open_site: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            for role, path in (
                (None, "/login"),
                (None, "/"),
                (V, "/"),
                (V, "/audit"),
                (A, "/nothing"),
                (None, "/static/style.css"),
            ):
                answer = await site.client(role).get(path)
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert "frame-ancestors 'none'" in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert "Server" not in answer.headers
                assert ("no-store" in answer.headers["Cache-Control"]) == (not path.startswith("/static"))

    asyncio.run(run())


def _with_key(site: Any, key: str) -> Any:
    client = site.client()
    client.key = key
    return client
