"""INSERT ... ON CONFLICT, which SQLAlchemy has for each database alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


@dataclass(frozen=True, slots=True)
class Upsert:
    """A statement for either database, made once: ``for_(connection)`` gives the one that fits."""

    sqlite: Insert
    postgresql: Insert

    @classmethod
    def or_nothing(cls, table: Table) -> Self:
        """A row that is there already stays as it is."""
        return cls(
            sqlite.insert(table).on_conflict_do_nothing(),
            postgresql.insert(table).on_conflict_do_nothing(),
        )

    @classmethod
    def or_replace(cls, table: Table, keys: Sequence[str], columns: Collection[str]) -> Self:
        """A row with these `keys` that is there already gets the new values of `columns`."""
        lite, server = sqlite.insert(table), postgresql.insert(table)
        return cls(
            lite.on_conflict_do_update(index_elements=keys, set_={name: lite.excluded[name] for name in columns}),
            server.on_conflict_do_update(index_elements=keys, set_={name: server.excluded[name] for name in columns}),
        )

    def for_(self, connection: Connection) -> Insert:
        return self.postgresql if connection.dialect.name == "postgresql" else self.sqlite
