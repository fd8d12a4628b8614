"""What a command says of a spool that can't be used: which one, what its database said, and what to do."""

from pathlib import Path

from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError, SQLAlchemyError

from gateway.spool.place import Place
from gateway.spool.unfinished import RestoreUnfinished


def unusable(place: Place, error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = " ".join(str(cause).split())
    # As SQLite and PostgreSQL say that there is no such table, or no such column.
    if isinstance(error, ProgrammingError) or said.startswith("no such"):
        return _lacking(place) or f"{place} can't be used: {said}"
    return f"{place} can't be used: {said}; {_hint(place, error)}"


def _lacking(place: Place) -> str | None:
    from gateway.spool.migrations import WrongRelease, pending  # noqa: PLC0415 - a fifth of a second

    try:
        lacks = bool(pending(place))
    except (WrongRelease, RestoreUnfinished) as reason:
        return str(reason)
    except SQLAlchemyError:
        return None
    if not lacks:
        return None
    return f"{place} has not the schema of this release: `fax-gateway db upgrade` brings it there"


def _hint(place: Place, error: SQLAlchemyError) -> str:
    if not isinstance(place, Path):
        return "see whether the server takes connections, and database.url"
    if isinstance(error, OperationalError):  # a lock, the disk
        return "mend that, or try again"
    return "where it is damaged: docs/operations.md, backup and restore"
