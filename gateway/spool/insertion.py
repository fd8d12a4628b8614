"""Rows on their way into a table, with what SQLAlchemy finds out of the statement found out once.

It looks into a statement, its columns and their types anew each time that it executes it. For what a mail writes before
its 250 that takes as long as all else that the database does.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.dml import Insert

from gateway.spool.upsert import Upsert

Row = Mapping[str, Any]


class Insertion:
    """Executes `statement`, an INSERT of one of our tables, for rows that all have the same columns."""

    def __init__(self, statement: Insert | Upsert) -> None:
        self._statement = statement
        self._prepared: dict[tuple[str, ...], _Prepared] = {}

    def __call__(self, connection: Connection, rows: Sequence[Row]) -> None:
        if not rows:
            return
        shape = (connection.dialect.name, *rows[0])
        prepared = self._prepared.get(shape)
        if prepared is None:
            statement = self._statement.for_(connection) if isinstance(self._statement, Upsert) else self._statement
            prepared = self._prepared[shape] = _Prepared(statement, connection.dialect, list(rows[0]))
        connection.exec_driver_sql(prepared.sql, [prepared.bound(row) for row in rows])


class _Prepared:
    """The SQL of one database, and how its values are handed to the driver."""

    def __init__(self, statement: Insert, dialect: Dialect, columns: list[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        self.sql = str(compiled)
        self._by_position = bool(compiled.positional)
        self._values = [(name, _binder(statement, dialect, name)) for name in compiled.positiontup or columns]

    def bound(self, row: Row) -> Any:
        if self._by_position:
            return tuple([row[name] if bind is None else bind(row[name]) for name, bind in self._values])
        return {name: row[name] if bind is None else bind(row[name]) for name, bind in self._values}


def _binder(statement: Insert, dialect: Dialect, column: str) -> Callable[[Any], Any] | None:
    return statement.table.c[column].type.dialect_impl(dialect).bind_processor(dialect)
