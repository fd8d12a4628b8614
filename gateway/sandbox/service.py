"""The HTTP server: the API at three base URLs, and the control surface under ``/_sandbox``."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from aiohttp import web

from gateway.sandbox.api import Api, Handler, error_body
from gateway.sandbox.control import Control
from gateway.sandbox.options import SandboxOptions
from gateway.sandbox.state import State

log = structlog.get_logger()

# The settings' own limit is checked by the API; this one only guards the process.
LARGEST_BODY = 1024 * 1024 * 1024  # bytes


def clock() -> datetime:
    return datetime.now(UTC)


async def serve(options: SandboxOptions, *, ready: Callable[[int], None]) -> None:
    """Runs until cancelled; `ready` gets the port. Raises OSError where it can't listen."""
    runner = web.AppRunner(create_app(options), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.listen_host, options.listen_port)
        await site.start()
        ready(int(runner.addresses[0][1]))
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def create_app(options: SandboxOptions) -> web.Application:
    options.data_dir.mkdir(parents=True, exist_ok=True)
    state = State(options, clock)
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_errors_as_bodies])
    app.add_routes([*Api(state).routes(), *Control(state).routes()])

    async def start(_: web.Application) -> None:
        await state.machine.start()

    async def close(_: web.Application) -> None:
        await state.machine.close()

    app.on_startup.append(start)
    app.on_cleanup.append(close)
    return app


@web.middleware
async def _errors_as_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """An unknown path, an unknown method and our own mistakes answer with the service's error body too."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        answer = error_body(error.status, error.reason)
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except ConnectionError:
        raise  # the client is gone
    except Exception:
        log.exception("request_failed", method=request.method, path=request.path)
        return error_body(500, "The sandbox failed; its log says why")
