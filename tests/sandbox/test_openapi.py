"""The sandbox's own OpenAPI document, held against what is served by schemathesis, with every check that it has."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from gateway.sandbox import SandboxOptions
from gateway.sandbox.openapi import document
from gateway.sandbox.service import create_app

NOWHERE = "http://127.0.0.1:9/"  # the discard port
RUN = [
    *("--checks", "all"),
    *("--auth", "sandbox:sandbox"),
    *("--seed", "1"),
    *("--max-examples", "20"),  # of each operation: about 1200 requests in 10 s
    *("--generation-database", "none"),
    "--no-color",
]
# Only the document's own links: its guess that a bulk request makes the reports which it names is wrong.
CONFIGURATION = """
[phases.stateful.inference]
algorithms = []
"""
OPERATIONS = [
    (method.upper(), path.format(custNr="99999", jobId="ABC"))
    for path, item in document("", ["99999"])["paths"].items()
    for method in item
    if method != "parameters"
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_refuses_who_may_not_ask(open_sandbox: Any, method: str, path: str) -> None:
    async def run() -> None:
        async with open_sandbox() as client:
            asked = f"/dc1/rest/v1{path}"
            assert (await client.ask(method, asked, login=None)).status == 400
            assert (await client.ask(method, asked, login=("sandbox", "wrong"))).status == 401
            assert (await client.ask(method, asked.replace("99999", "11111"))).status == 403

    asyncio.run(run())


@pytest.mark.once
def test_schemathesis_finds_no_failure(tmp_path: Path) -> None:
    async def run() -> tuple[int, str, list[dict[str, Any]]]:
        async with serving(tmp_path / "data") as origin, ClientSession() as session:
            await session.put(f"{origin}/_sandbox/settings", json={"delays": "none"})
            async with session.get(f"{origin}/openapi.json") as answer:
                specification = narrowed(await answer.json(), datetime.now(UTC))
            status, output = await schemathesis(specification, f"{origin}/dc1/rest/v1", tmp_path)
            async with session.get(f"{origin}/_sandbox/access") as answer:
                return status, output, await answer.json()

    status, output, access = asyncio.run(run())
    assert status == 0, output
    # It came as far as a receipt, a report and a deletion: not everything was refused.
    succeeded = {(line["method"], below_fax(line["path"])) for line in access if line["status"] == 200}
    assert succeeded == {(method, below_fax(path)) for method, path in OPERATIONS}


def below_fax(path: str) -> str:
    rest = path.partition("/fax")[2]
    return "/reports/ID" if rest.startswith("/reports/") else rest


async def schemathesis(specification: dict[str, Any], url: str, directory: Path) -> tuple[int, str]:
    """Its exit status, and what it says."""
    (directory / "openapi.json").write_text(json.dumps(specification), encoding="utf-8")
    (directory / "schemathesis.toml").write_text(CONFIGURATION, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("schemathesis")), "run", "openapi.json", "--url", url, *RUN),
        cwd=directory,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(errors="replace")


def narrowed(specification: dict[str, Any], now: datetime) -> dict[str, Any]:
    """With constants where something would go out to somebody (a push), and where a schema can't say what is right.

    Report mails go out nowhere without --report-smtp, and nothing is fetched without drawing.
    """
    schemas = specification["components"]["schemas"]
    schemas["HttpStatusPush"]["properties"]["targetUrl"] = {"const": NOWHERE}
    schemas["DocumentWithReference"]["properties"]["reference"] = {"const": NOWHERE}
    header = schemas["RenderingOptions"]["properties"]["header"]
    header["pattern"] = header["pattern"].replace("%tz=[A-Za-z0-9_+/-]+", "%tz=Europe/Berlin ")
    valid = schemas["MetaData"]["properties"]["jobValid"]["anyOf"][0]["properties"]
    valid["start"] = {"enum": [(now - timedelta(hours=1)).isoformat(), None]}
    valid["end"] = {"type": ["string", "null"], "pattern": "^P[1-9][0-9]{0,2}(D|W|M)$"}
    return specification


@asynccontextmanager
async def serving(data_dir: Path) -> AsyncIterator[str]:
    """The sandbox, with the one difference below; its origin."""
    app = create_app(SandboxOptions(listen_port=0, data_dir=data_dir, render=False, seed=1))
    app.middlewares.append(a_missing_login_is_401)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@web.middleware
async def a_missing_login_is_401(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The service says 400 (Fax4A, "HTTP status codes"), which two checks don't take for a refusal."""
    answer = await handler(request)
    if answer.status == 400 and "Authorization" not in request.headers:
        answer.set_status(401)
    return answer
