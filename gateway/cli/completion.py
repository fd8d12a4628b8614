"""What the shell offers behind a command: jobs and logins that the daemon names. Where none answers, nothing."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError

from gateway.config import ConfigError, control_places, find_config
from gateway.control.client import BrokenOff, NobodyThere, NotAllowed, connected, converse
from gateway.control.jobs import ListJobs, ShownJob
from gateway.control.protocol import Item, Refused, Request
from gateway.control.users import ListUsers, User

I = TypeVar("I", bound=Item)  # noqa: E741 - an item

MOST = 50
PATIENCE = 1.0  # seconds that somebody waits for a key


def job_ids(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    wanted = ListJobs(ids=(incomplete,) if incomplete else (), limit=MOST)
    return [(job.id, _told(job)) for job in _asked(context, wanted, TypeAdapter(ShownJob))]


def user_names(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    found = _asked(context, ListUsers(), TypeAdapter(User))
    return [(user.name, user.role.value) for user in found if user.name.startswith(incomplete.casefold())]


def _told(job: ShownJob) -> str:
    return " ".join([job.state.value, *(recipient.number for recipient in job.recipients[:1])])


def _asked(context: typer.Context, request: Request, kind: TypeAdapter[I]) -> Iterator[I]:
    try:
        connection = connected(control_places(find_config(_config(context), os.environ), os.environ))
        connection.settimeout(PATIENCE)
        for answered in converse(connection, request):
            yield kind.validate_python(answered)
    except (ConfigError, NobodyThere, NotAllowed, BrokenOff, Refused, ValidationError):
        return


def _config(context: typer.Context) -> Path | None:
    """``--config``, before or after the command's name."""
    above: Any = context
    while above is not None:
        named = above.params.get("config")
        if named is not None:
            return Path(named)
        above = above.parent
    return None
