"""The login: its cookies, its patience with guessers, where it leads, and what single sign-on takes."""

import asyncio
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.spool.logins import Role
from gateway.web.identity import COOKIE
from gateway.web.signing_in import safe_path
from tests.web.conftest import NAMES, PASSWORD


async def log_in(site: Any, name: str, password: str = PASSWORD, wanted: str = "/", **changes: str) -> Any:
    client = site.client()
    form = await client.get("/login")
    cookie = form.cookies[0].partition(";")[0]
    token = re.search(r'name="csrf" value="(\w+)"', form.text)
    assert token is not None
    fields = {"csrf": token[1], "name": name, "password": password, "next": wanted} | changes
    return await client.ask(
        "POST",
        "/login",
        data=urlencode(fields),
        headers={"Content-Type": "application/x-www-form-urlencoded", "Cookie": changes.get("cookie", cookie)},
    )


def test_who_logs_in_gets_a_session_that_no_script_and_no_other_site_can_use(open_site: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            assert (await site.client().get("/login")).status == 200
            answer = await log_in(site, NAMES[Role.VIEWER].upper(), wanted="/jobs?state=sent")
            assert (answer.status, answer.headers["Location"]) == (303, "/jobs?state=sent")
            cookie = next(each for each in answer.cookies if each.startswith(COOKIE + "="))
            assert {part.strip() for part in cookie.split(";")[1:]} == {
                "Secure", "HttpOnly", "SameSite=Strict", "Path=/",
            }  # fmt: skip
            client = site.client()
            client.key = cookie.partition(";")[0].partition("=")[2]
            assert len(client.key) >= 43  # 256 bits
            assert (await client.get("/")).status == 200
            assert (await client.get("/login")).status == 303
            left = await client.post("/logout")
            assert (left.status, left.headers["Location"]) == (303, "/login")
            assert (await client.get("/")).status == 303

    asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "password", "changes", "status"),
    [
        (NAMES[Role.ADMIN], "wrong", {}, 403),
        (NAMES[Role.ADMIN], "x" * 2000, {}, 403),
        ("nobody", PASSWORD, {}, 403),
        (NAMES[Role.MAIL], PASSWORD, {}, 403),
        (NAMES[Role.ADMIN], PASSWORD, {"csrf": "0" * 64}, 403),
        (NAMES[Role.ADMIN], PASSWORD, {"cookie": "none=1"}, 403),
        (NAMES[Role.ADMIN], PASSWORD, {"next": "x" * 9000}, 413),
    ],
    ids=["wrong", "endless", "nobody", "mail only", "foreign form", "no cookie", "huge"],
)
def test_who_does_not_get_in(open_site: Any, name: str, password: str, changes: dict[str, str], status: int) -> None:
    async def run() -> None:
        async with open_site() as site:
            answer = await log_in(site, name, password, **changes)
            assert answer.status == status
            assert not [each for each in answer.cookies if each.startswith(COOKIE + "=")]
            assert 'role="alert"' in answer.text

    asyncio.run(run())


def test_guessing_ends_soon_even_with_the_right_password(open_site: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            guesses = await asyncio.gather(*(log_in(site, NAMES[Role.ADMIN], f"guess {n}") for n in range(8)))
            assert sorted(each.status for each in guesses) == [403] * 5 + [429] * 3
            answer = await log_in(site, NAMES[Role.ADMIN])
            assert answer.status == 429
            assert 0 < int(answer.headers["Retry-After"]) <= 601
            assert (await log_in(site, NAMES[Role.VIEWER])).status == 303  # others aren't locked out

    asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/jobs?find=a%20b", "/jobs?find=a%20b"),
        ("", "/"),
        ("jobs", "/"),
        ("//evil.example.com", "/"),
        ("/\\evil.example.com", "/"),
        ("https://evil.example.com", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("/\t/evil.example.com", "/"),
    ],
    ids=list("123456789"),
)
def test_a_login_leads_nowhere_else(path: str, leads_to: str) -> None:
    assert safe_path(path) == leads_to


SSO = {"web": {"user_header": "X-Forwarded-User", "proxy_secret": "s3cret", "trusted_proxies": ["127.0.0.0/8"]}}
ELSEWHERE = {"web": SSO["web"] | {"trusted_proxies": ["192.0.2.0/24"]}}
ADMIN = NAMES[Role.ADMIN]


@pytest.mark.parametrize(
    ("config", "headers", "status"),
    [
        (SSO, {"X-Forwarded-User": ADMIN, "X-Fax-Gateway-Secret": "s3cret"}, 200),
        (SSO, {"X-Forwarded-User": ADMIN.upper(), "X-Fax-Gateway-Secret": "s3cret"}, 200),
        (SSO, {"X-Forwarded-User": "stranger", "X-Fax-Gateway-Secret": "s3cret"}, 403),
        (SSO, {"X-Forwarded-User": NAMES[Role.OPERATOR], "X-Fax-Gateway-Secret": "s3cret"}, 403),
        (SSO, {"X-Forwarded-User": ADMIN, "X-Fax-Gateway-Secret": "s3cre"}, 303),
        (SSO, {"X-Forwarded-User": ADMIN}, 303),
        (SSO, {"X-Fax-Gateway-Secret": "s3cret"}, 303),
        (ELSEWHERE, {"X-Forwarded-User": ADMIN, "X-Fax-Gateway-Secret": "s3cret"}, 303),
        ({}, {"X-Forwarded-User": ADMIN, "X-Fax-Gateway-Secret": ""}, 303),
    ],
    ids=["named", "any case", "unknown", "role", "bad secret", "no secret", "no name", "not the proxy", "off"],
)
def test_single_sign_on_believes_a_trusted_proxy_with_the_secret(
    open_site: Any, config: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    async def run() -> None:
        async with open_site(config) as site:
            assert (await site.client(**headers).get("/audit")).status == status

    asyncio.run(run())


@pytest.mark.parametrize(
    ("config", "address"), [(SSO, "198.51.100.7"), (ELSEWHERE, "127.0.0.1")], ids=["a proxy", "anybody"]
)
def test_the_address_in_the_audit_log_is_the_one_before_trusted_proxies(
    open_site: Any, config: dict[str, Any], address: str
) -> None:
    async def run() -> None:
        async with open_site(config) as site:
            client = site.client(Role.OPERATOR, **{"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
            await client.post("/pause", {"activity": "submit", "pause": "yes"})
            text = (await site.client(Role.ADMIN).get("/audit")).text
            assert f"<td>{address}</td>" in text
            assert "203.0.113.9" not in text

    asyncio.run(run())
