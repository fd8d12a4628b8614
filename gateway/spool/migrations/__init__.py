"""Schema upgrades by Alembic, expand then contract; ``versions/`` holds one file a step."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine

from gateway.spool.schema import metadata


def upgrade(path: Path, revision: str = "head") -> None:
    """Brings the SQLite spool at `path` to this release's schema; makes it (0600) where there is none.

    With `revision` only that far, for a backup of an older release.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_new = not path.exists()
    path.touch(mode=0o600, exist_ok=True)
    config = _config()
    engine = create_engine(_url(path))
    try:
        if is_new:
            with engine.connect() as connection:  # before the first table, or it has no effect
                connection.exec_driver_sql("PRAGMA auto_vacuum = INCREMENTAL")
                connection.exec_driver_sql("VACUUM")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        engine.dispose()


def differences(path: Path) -> list[object]:
    """What `schema` has and the migrated database at `path` hasn't, or the other way round; empty when they agree."""
    engine = create_engine(_url(path))
    try:
        with engine.connect() as connection:
            return list(compare_metadata(MigrationContext.configure(connection), metadata))
    finally:
        engine.dispose()


def is_known(revision: str) -> bool:
    """Whether this release, or one before it, has made that schema."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _url(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))
