"""How a command gets its answer: from the daemon over its control socket, else from the spool that it opens itself."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import typer
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from gateway.cli.exits import Exit
from gateway.cli.operator import operator, sudo_user
from gateway.cli.options import Loaded, config_path, load
from gateway.cli.ownership import NotTheOwner, as_owner, become_owner
from gateway.cli.unusable import unusable
from gateway.config import control_places
from gateway.control.caller import Caller
from gateway.control.client import BrokenOff, NobodyThere, NotAllowed, connected, converse
from gateway.control.desk import Asked, Desk, Errands
from gateway.control.found import Found
from gateway.control.listening import place_of
from gateway.control.protocol import Item, Piece, Refused
from gateway.control.requests import AnyRequest, answer
from gateway.control.users import AddUser, ListUsers, RemoveUser
from gateway.spool.content import content_of
from gateway.spool.database import Work, write_once
from gateway.spool.place import Place
from gateway.spool.presence import exists
from gateway.spool.unfinished import RestoreUnfinished, refuse_unfinished

T = TypeVar("T")
I = TypeVar("I", bound=Item)  # noqa: E741 - an item

OTHER_RELEASE = "what the daemon says is not understood: it is of another release; restart it"


class Asking:
    """One request of a command. What goes wrong ends the command with a sentence and a status."""

    def __init__(
        self,
        context: typer.Context,
        config: Path | None,
        errands: Callable[[Loaded], Errands] | None = None,
        *,
        writes_elsewhere: bool = False,
    ) -> None:
        """`errands`: of a command that asks for more than the spool, for the case that no daemon is there.

        `writes_elsewhere`: what it is answered it writes with its own rights, root's too.
        """
        self._context = context
        self._config = config
        self._errands = errands or _no_errands
        self._writes_elsewhere = writes_elsewhere
        self.by_ourselves: Loaded | None = None  # where no daemon answered: what was loaded instead

    def items(self, request: AnyRequest, kind: TypeAdapter[I]) -> Iterator[I]:
        """As they come."""
        for piece in self.pieces(request, kind):
            assert not isinstance(piece, bytes)
            yield piece

    def pieces(self, request: AnyRequest, kind: TypeAdapter[I]) -> Iterator[I | bytes]:
        """The same, of an answer that has bytes too."""
        try:
            yield from self._pieces(request, kind)
        except (Refused, BrokenOff) as reason:
            raise _ended(str(reason), Exit.FAILED) from reason
        except ValidationError as error:
            raise _ended(OTHER_RELEASE, Exit.FAILED) from error
        except (NotAllowed, NotTheOwner) as reason:
            raise _ended(str(reason), Exit.NOPERM) from reason
        except SQLAlchemyError as error:
            assert self.by_ourselves is not None  # a daemon would have refused
            raise _ended(unusable(self.by_ourselves.spool, error), Exit.FAILED) from error

    def _pieces(self, request: AnyRequest, kind: TypeAdapter[I]) -> Iterator[I | bytes]:
        path = config_path(self._context, self._config)
        try:
            connection = connected(control_places(path, os.environ))
        except NobodyThere:
            for piece in self._own_answer(request):
                yield piece if isinstance(piece, bytes) else kind.validate_python(piece)
            return
        told = place_of(path) if path is not None else None
        for answered in converse(connection, request, sudo_user=sudo_user(), configuration=told):
            yield answered if isinstance(answered, bytes) else kind.validate_python(answered)

    def _own_answer(self, request: AnyRequest) -> Iterator[Piece]:
        """What the daemon would answer, on the spool itself."""
        self.by_ourselves = loaded = load(self._context, self._config)
        settings = loaded.settings.database
        if not self._writes_elsewhere:
            become_owner(loaded.spool)
        with as_owner(loaded.spool):
            _make_ready(loaded.spool, request)
        desk = Desk(
            spool=OwnSpool(loaded.spool),
            place=loaded.spool,
            contents=content_of(loaded.spool, settings.content, settings.content_dir),
            errands=self._errands(loaded),
            clock=lambda: datetime.now(UTC),
        )
        made = answer(request, desk, Caller(operator(), "command line"))

        async def following() -> Piece | None:
            return await anext(made, None)

        with asyncio.Runner() as runner:
            try:
                while True:
                    with as_owner(loaded.spool):
                        piece = runner.run(following())
                    if piece is None:
                        return
                    yield piece
            finally:
                with as_owner(loaded.spool):
                    runner.run(made.aclose())


class OwnSpool:
    """A spool that this process opens for each piece of work, and leaves alone in between."""

    def __init__(self, place: Place) -> None:
        self._place = place

    async def read(self, work: Work[T], /) -> T:
        return write_once(self._place, work)

    async def write(self, work: Work[T], /) -> T:
        return write_once(self._place, work)


def _make_ready(spool: Place, request: AnyRequest) -> None:
    """Logins may be made before the daemon's first start; everything else needs what it has left."""
    if request.do == "check" or exists(spool):  # a check says itself what is there
        return
    try:
        if isinstance(spool, Path):
            refuse_unfinished(spool)
    except RestoreUnfinished as reason:
        raise Refused(str(reason)) from reason
    if isinstance(request, AddUser):
        from gateway.spool.migrations import upgrade  # noqa: PLC0415 - a fifth of a second, once in a spool's life

        upgrade(spool)
    elif isinstance(request, RemoveUser | ListUsers):
        raise Refused(f"there is no spool {spool} yet, and no login: `fax-gateway users add NAME` makes both")
    else:
        raise Refused(f"there is no spool {spool} yet: the daemon makes it when it starts")


def _no_errands(_loaded: Loaded) -> Errands:
    def none_found() -> AsyncIterator[Found]:
        raise NotImplementedError

    def not_explained(_asked: Asked) -> AsyncIterator[Found]:
        raise NotImplementedError

    return Errands(moved=lambda: None, switched=nothing, findings=none_found, explained=not_explained)


async def nothing() -> None:
    """No daemon: what was paused is paused from its next start on."""


def _ended(said: str, status: Exit) -> typer.Exit:
    typer.echo(said, err=True)
    return typer.Exit(status)
