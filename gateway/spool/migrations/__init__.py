"""Schema upgrades by Alembic, expand then contract; ``versions/`` holds one file a step, numbered.

A step that only adds (expand) leaves the daemons of older releases at work. One that takes something away (contract)
says in ``oldest_daemon`` from which schema on a daemon can live without it. The database carries both numbers
(``schema_version``): so release N runs beside N-1, and N-1 can come back, until a contraction of a later release.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, delete, insert, inspect, select
from sqlalchemy.exc import OperationalError

from gateway.spool import schema
from gateway.spool.commits import LOCK_NOT_AVAILABLE
from gateway.spool.daemons import living
from gateway.spool.engines import looking_engine, migration_engine
from gateway.spool.locks import Lock, exclusively
from gateway.spool.place import Place
from gateway.spool.unfinished import refuse_unfinished

STEPS = Path(__file__).parent
TRIES = 24  # to get the locks that an upgrade needs, while daemons and backups go on


class WrongRelease(Exception):
    """The spool is not one for this release, or not yet; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """One that a spool lacks."""

    version: int
    sentence: str
    oldest_daemon: int | None  # the oldest schema whose daemons can live with it; None: it takes nothing away


@dataclass(frozen=True, slots=True)
class Version:
    """What a spool says of itself; `version` 0: it is empty."""

    version: int
    oldest_daemon: int


def upgrade(place: Place, steps: Path | None = None, *, until: str = "head") -> None:
    """Brings the spool to this release's schema; makes a SQLite file (0600) where there is none.

    With `until`, a revision, only that far: for a backup of an older release.

    A spool that a newer release has upgraded is left as it is. Raises WrongRelease where that one, or a daemon of an
    older release that still runs, can't live with what would be; RestoreUnfinished instead of making an empty one.
    """
    _make_file(place)
    engine = migration_engine(place)
    try:
        for tries in count(1):
            try:
                with engine.begin() as connection:  # all of it or nothing, on either database
                    exclusively(connection, Lock.SCHEMA)
                    _upgrade(connection, steps or STEPS, until)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE or tries == TRIES:
                    raise
            else:
                return
    finally:
        engine.dispose()


def pending(place: Place, steps: Path | None = None) -> list[Step]:
    """What ``upgrade`` would do, in its order; raises WrongRelease and RestoreUnfinished as it would."""
    if isinstance(place, Path) and not place.exists():
        refuse_unfinished(place)
        return _steps_after(0, steps or STEPS)
    with _looking_at(place) as connection:
        return _wanted(connection, steps or STEPS)


def differences(place: Place) -> list[object]:
    """What `schema` has and the migrated database at `place` hasn't, or the other way round; empty: they agree."""
    with _looking_at(place) as connection:
        return list(compare_metadata(MigrationContext.configure(connection), schema.metadata))


def newest(steps: Path | None = None) -> int:
    """The schema that this release knows."""
    return max(step.version for step in _steps_after(0, steps or STEPS))


def is_known(revision: str) -> bool:
    """Whether this release, or one before it, has made that schema."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config(STEPS)).walk_revisions()}


def _make_file(place: Place) -> None:
    if isinstance(place, Path):
        refuse_unfinished(place)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.touch(mode=0o600, exist_ok=True)


@contextmanager
def _looking_at(place: Place) -> Iterator[Connection]:
    engine = looking_engine(place)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _upgrade(connection: Connection, steps: Path, until: str) -> None:
    wanted = [step for step in _wanted(connection, steps) if until == "head" or step.version <= int(until[:4])]
    if not wanted:
        return
    oldest = max([_version(connection).oldest_daemon, *(step.oldest_daemon or 0 for step in wanted)])
    config = _config(steps)
    config.attributes["connection"] = connection
    command.upgrade(config, until)
    if not inspect(connection).has_table(schema.schema_version.name):
        return  # `until` a release of before there was one
    connection.execute(delete(schema.schema_version))
    row = {"version": wanted[-1].version, "oldest_daemon": oldest}
    connection.execute(insert(schema.schema_version).values(row))


def _wanted(connection: Connection, steps: Path) -> list[Step]:
    """The steps that are to be made; raises WrongRelease where they mustn't be."""
    stands, ours = _version(connection), newest(steps)
    if ours < stands.oldest_daemon:
        raise WrongRelease(
            f"a newer release has upgraded the spool to schema {stands.version}, which daemons of schema "
            f"{stands.oldest_daemon} and later can use; this one is of {ours}: install the newer release"
        )
    wanted = _steps_after(stands.version, steps)
    oldest = max((step.oldest_daemon or 0 for step in wanted), default=0)
    if stands.version and oldest and inspect(connection).has_table(schema.daemon.name):
        for daemon in living(connection):
            if daemon.schema < oldest:
                raise WrongRelease(
                    f"the upgrade takes away what the daemon at {daemon.host} (schema {daemon.schema}) needs: "
                    "upgrade that one first"
                )
    return wanted


def _version(connection: Connection) -> Version:
    tables = set(inspect(connection).get_table_names())
    if schema.schema_version.name in tables:
        row = connection.execute(select(schema.schema_version)).one()
        return Version(row.version, row.oldest_daemon)
    return Version(1, 1) if schema.job.name in tables else Version(0, 1)  # spools of before there was such a table


def _steps_after(version: int, steps: Path) -> list[Step]:
    scripts = ScriptDirectory.from_config(_config(steps)).walk_revisions()  # the newest first
    found = [_step(script) for script in scripts]
    return [step for step in reversed(found) if step.version > version]


def _step(script: Script) -> Step:
    oldest = getattr(script.module, "oldest_daemon", None)
    return Step(int(script.revision[:4]), (script.doc or "").strip(), oldest)


def _config(steps: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(steps))
    return config
