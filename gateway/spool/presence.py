"""What is at a place, for commands that don't open it: a spool at all, and a daemon that has it."""

from pathlib import Path

from sqlalchemy import inspect

from gateway.spool.daemons import living
from gateway.spool.database import write_once
from gateway.spool.lock import is_locked
from gateway.spool.place import Place
from gateway.spool.schema import daemon


def exists(place: Place) -> bool:
    """Whether a spool has been made there. Raises what the database's driver raises where it can't be asked."""
    if isinstance(place, Path):
        return place.exists()
    return write_once(place, lambda connection: inspect(connection).has_table(daemon.name))


def is_in_use(place: Place) -> bool:
    """Whether a daemon has the spool at `place`, which ``exists``."""
    if isinstance(place, Path):
        return is_locked(place)
    return bool(write_once(place, living))
