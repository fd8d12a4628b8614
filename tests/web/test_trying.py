"""Try a mail, a test fax, the policy, the settings, the covers."""

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp

from gateway.config import load_settings
from gateway.spool.logins import Role


def upload(client: Any, raw: bytes, *, token: str | None = None, **fields: str) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("csrf", client.token if token is None else token)
    form.add_field("mail", raw, filename="<b>mail</b>.eml", content_type="message/rfc822")
    for name, value in fields.items():
        form.add_field(name, value)
    return form


def test_a_mail_is_tried_and_its_pages_are_for_its_uploader(open_site: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            client = site.client(Role.OPERATOR)
            answer = await client.ask("POST", "/try", data=upload(client, b"<script>x", to="+4989123456, +4989123457"))
            assert answer.status == 200
            assert "+49 89 123457" in answer.text
            assert "a warning" in answer.text
            (place,) = set(re.findall(r'src="(/try/[^"]+)"', answer.text))
            assert (await client.get(place)).status == 200
            assert (await client.get(place.replace("/1.png", "/2.png"))).status == 404
            assert (await client.get(place.replace("/0/", "/7/"))).status == 404
            assert (await site.client(Role.ADMIN).get(place)).status == 404
            assert (await client.ask("POST", "/try", data=upload(client, b"x", token="0" * 64))).status == 403

    asyncio.run(run())


def test_a_refusal_is_shown_as_the_client_would_read_it(open_site: Any) -> None:
    async def run() -> None:
        async with open_site(refuses="554 5.6.1 <bild>.xyz can't be faxed") as site:
            client = site.client(Role.OPERATOR)
            answer = await client.ask("POST", "/try", data=upload(client, b"x"))
            assert answer.status == 422
            assert "554 5.6.1 &lt;bild&gt;.xyz" in answer.text
            fax = {"to": "1", "sender": "jana@example.com", "once": "a" * 32}
            answer = await client.post("/test", fax)
            assert answer.status == 422
            assert "554 5.6.1 &lt;bild&gt;.xyz" in answer.text

    asyncio.run(run())


def test_a_refusal_in_german(open_site: Any) -> None:
    async def run() -> None:
        async with open_site(refuses="554 5.6.1 Befund.pdf is a damaged PDF") as site:
            client = site.client(Role.OPERATOR, **{"Accept-Language": "de"})
            answer = await client.ask("POST", "/try", data=upload(client, b"x"))
            assert "554 5.6.1 Befund.pdf ist ein beschädigtes PDF" in answer.text
            none = await client.ask("POST", "/try", data=upload(client, b""))
            assert "Wählen Sie eine Mail" in none.text

    asyncio.run(run())


def test_a_file_that_is_too_large_or_missing(open_site: Any) -> None:
    async def run() -> None:
        async with open_site({"smtp": {"max_message_bytes": 70_000}}) as site:
            client = site.client(Role.OPERATOR)
            assert (await client.ask("POST", "/try", data=upload(client, b"x" * 70_001))).status == 413
            assert (await client.ask("POST", "/try", data=upload(client, b""))).status == 400
            assert (await client.post("/try", {"to": "1"})).status == 400
            big = await client.post("/test", {"text": "x" * 300_000})
            assert big.status == 413
            assert (await client.ask("POST", "/test", data=b"{}")).status == 415
            many = await client.post("/jobs/ask", {f"f{number}": "" for number in range(2500)})
            assert many.status == 400

    asyncio.run(run())


def test_a_test_fax_that_is_sent_twice_is_the_same_mail_twice(open_site: Any) -> None:
    async def run() -> None:
        async with open_site({"hostname": "fax.example.com"}, jobs=["f" * 32]) as site:
            client = site.client(Role.OPERATOR)
            once = re.search(r'name="once" value="(\w{32})"', (await client.get("/test")).text)
            assert once is not None
            fax = {"to": "089 123456", "sender": "jana@example.com", "once": once[1], "text": "Hallo\nWelt"}
            for _ in range(2):
                answer = await client.post("/test", fax)
                assert (answer.status, answer.headers["Location"]) == (303, f"/jobs/{'f' * 32}")
            (raw, sender, to), (again, _, _) = site.sent
            assert raw == again
            assert (sender, to) == ("jana@example.com", "089 123456")
            assert f"Message-ID: <{once[1]}@fax.example.com>\r\n".encode() in raw
            for wrong in ({"sender": "nobody"}, {"sender": "a@b\r\nBcc: c@d"}, {"to": ""}, {"once": "x"}):
                assert (await client.post("/test", fax | wrong)).status == 400
            assert len(site.sent) == 2

    asyncio.run(run())


def test_the_policy_names_its_rule_and_profile(open_site: Any) -> None:
    config = {
        "numbers": {"allow": ["+49"], "deny": ["+4989999"]},
        "aliases": {"wards": ["+4989123456", "+4989123457"]},
        "profile": [{"match": "*@sales.example.com", "numbers": {"allow": ["+43"]}}],
    }

    async def run() -> None:
        async with open_site(config) as site:
            client = site.client(Role.OPERATOR)
            for query, expected in (
                ("sender=a@example.com&to=089123456", ["+49 89 123456", "numbers.<wbr>allow</code> <code>+49", "none"]),
                ("sender=a@sales.example.com&to=089123456", ["Refused", "*@sales.example.com"]),
                (
                    "sender=A@SALES.example.com&to=%2B43123456789",
                    ["profile.<wbr>0.<wbr>numbers.<wbr>allow</code> <code>+43"],
                ),
                ("sender=a@example.com&to=089999456", ["Refused", "numbers.<wbr>deny</code> <code>+4989999"]),
                ("to=089123456", ["Refused", "report.<wbr>to", "decides"]),
                ("sender=a@example.com&to=112", ["Refused", "550 5."]),
                ("sender=a@example.com&to=anna", ["Refused"]),
                ("sender=a@example.com&to=postmaster", ["no fax"]),
                ("sender=a@example.com&to=wards", ["+49 89 123456", "+49 89 123457", "may be faxed to"]),
                ("sender=a@example.com&to=wards&client=198.51.100.1", ["smtp.<wbr>relay_<wbr>networks", "Refused"]),
                ("sender=a@example.com&to=wards&client=198.51.100.1&user=anna", ["may be faxed to"]),
            ):
                text = (await client.get(f"/policy?{query}")).text
                assert [each for each in expected if each not in text] == [], query

    asyncio.run(run())


def test_settings_are_shown_without_secrets(open_site: Any) -> None:
    config = {
        "limits": {"pages": 7},
        "retarus": {"password": "hidden-one"},
        "notify": {"smarthost_password": "hidden-two"},
        "profile": [{"match": "*@sales.example.com", "csid": "+49 89 1", "limits": {"pages": 3}}],
    }

    async def run() -> None:
        async with open_site(config) as site:
            text = (await site.client(Role.OPERATOR).get("/settings")).text
            assert "hidden-" not in text
            assert "*@sales.example.com" in text
            assert "limits.pages" in text
            assert re.search(r'class="changed"><code>pages</code></dt><dd><code>7</code>', text)
            assert "hidden" not in (await site.client(Role.OPERATOR, **{"Accept-Language": "de"}).get("/settings")).text


def test_each_setting_says_where_it_comes_from(open_site: Any, tmp_path: Path) -> None:
    (tmp_path / "fax.toml").write_text('[numbers]\nallow = ["+49"]\n[aliases]\nlabor = "+4989123456"\n', "utf-8")
    settings = load_settings(tmp_path / "fax.toml", {"FAX_GATEWAY__QUOTAS__FAXES_PER_DAY": "20"}, None)

    async def run() -> None:
        async with open_site(settings) as site:
            text = (await site.client(Role.OPERATOR).get("/settings")).text.replace("<wbr>", "")
            assert re.search(rf'<code>\["\+49"\]</code>[^§]{{0,90}}>{tmp_path}/fax.toml<', text.replace("&#34;", '"'))
            assert re.search(r"<code>faxes_per_day</code></dt><dd><code>20</code>.{0,90}FAX_GATEWAY__QUOTAS__", text)
            assert re.search(r"<code>labor</code></dt><dd><span class=\"number\">\+49 89 123456<", text)
            assert re.search(r"<code>pages</code></dt><dd><code>500</code>[^/]*default<", text)

    asyncio.run(run())


def test_every_cover_is_shown(open_site: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            client = site.client(Role.OPERATOR)
            for name in ("default", "formal", "minimal"):
                for language in ("en", "de"):
                    assert (await client.get(f"/covers?name={name}&language={language}")).status == 200
                    assert (await client.get(f"/covers/{name}.png?language={language}")).status == 200
            assert len(set(site.desk.drawer.asked)) == 6
            assert (await client.get("/covers/nothing.png")).status == 404

    asyncio.run(run())
