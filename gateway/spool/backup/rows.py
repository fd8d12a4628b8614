"""Tables as JSON lines, the same on either database, and back.

What the database itself says of its columns is followed, not this release's schema: so an older spool is written as it
is, and read into the same revision before it is upgraded.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

LEFT_OUT = frozenset({"alembic_version", "schema_version", "daemon", "writer", "web_session"})
BYTES_APART = ("content", "inline")  # in the other part
AT_ONCE = 1000  # rows


class Kind(StrEnum):
    """How a column's values stand in a line."""

    MOMENT = "moment"  # ISO 8601, UTC
    BYTES = "bytes"  # base64
    JSON = "json"  # as it is
    PLAIN = "plain"  # text, integer, boolean: as JSON has them


Encode = Callable[[Any], Any]


def tables(connection: Connection) -> list[Table]:
    """Those of a backup, each after the ones that it refers to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in LEFT_OUT]


def revision(connection: Connection) -> str:
    """Alembic's, of the database."""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def exported(connection: Connection, counts: dict[str, int]) -> Iterator[bytes]:
    """Whole lines, many in a piece; `counts` gets the number of rows of each table."""
    for table in tables(connection):
        columns = [column for column in table.columns if (table.name, column.name) != BYTES_APART]
        kinds = {column.name: _kind(column) for column in columns}
        yield _line({"table": table.name, "columns": kinds})
        encoders = [(place, ENCODERS[kind]) for place, kind in enumerate(kinds.values()) if kind in ENCODERS]
        counts[table.name] = 0
        rows = connection.execution_options(yield_per=AT_ONCE).execute(select(*columns))
        for some in rows.partitions():
            counts[table.name] += len(some)
            yield b"".join(_line(_encoded(row, encoders)) for row in some)


def imported(connection: Connection, lines: Iterable[bytes]) -> dict[str, int]:
    """Fills the empty tables of a database of the same revision; returns the number of rows of each."""
    known = {table.name: table for table in tables(connection)}
    filled: list[_Filling] = []
    for line in lines:
        value = json.loads(line)
        if isinstance(value, dict):
            if filled:
                filled[-1].finish()
            filled.append(_Filling(connection, known[value["table"]], value["columns"]))
        else:
            filled[-1].add(value)
    if filled:
        filled[-1].finish()
    return {each.table.name: each.count for each in filled}


class _Filling:
    """One table on its way in."""

    def __init__(self, connection: Connection, table: Table, columns: dict[str, str]) -> None:
        self.table = table
        self.count = 0
        self._is_server = connection.dialect.name == "postgresql"
        self._connection = connection
        self._names = list(columns)
        self._decoders = [(name, DECODERS[Kind(kind)]) for name, kind in columns.items() if Kind(kind) in DECODERS]
        self._key = next(iter(table.primary_key.columns))
        self._own = next((key.parent for key in table.foreign_keys if key.column.table is table), None)
        self._references: list[dict[str, Any]] = []
        self._waiting: list[dict[str, Any]] = []

    def add(self, values: list[Any]) -> None:
        row = dict(zip(self._names, values, strict=True))
        for name, decode in self._decoders:
            if row[name] is not None:
                row[name] = decode(row[name])
        if self._is_server:  # PostgreSQL's text can't hold what SQLite's can
            row = {name: each.replace("\0", "\ufffd") if isinstance(each, str) else each for name, each in row.items()}
        if self._own is not None and row[self._own.name] is not None:  # whom it refers to may come later
            self._references.append({"of": row[self._key.name], "to": row[self._own.name]})
            row[self._own.name] = None
        self._waiting.append(row)
        if len(self._waiting) == AT_ONCE:
            self._flush()

    def finish(self) -> None:
        self._flush()
        if self._own is not None and self._references:
            referring = update(self.table).where(self._key == bindparam("of")).values({self._own.name: bindparam("to")})
            self._connection.execute(referring, self._references)
        if self._is_server:
            self._go_on_counting()

    def _flush(self) -> None:
        if self._waiting:
            self._connection.execute(insert(self.table), self._waiting)
            self.count += len(self._waiting)
            self._waiting = []

    def _go_on_counting(self) -> None:
        """PostgreSQL counts on its own, SQLite from the largest number that is there."""
        if len(self.table.primary_key.columns) > 1 or not isinstance(self._key.type, Integer):
            return
        sequence = self._connection.execute(select(func.pg_get_serial_sequence(self.table.name, self._key.name)))
        if (name := sequence.scalar()) is not None:
            following = select(func.coalesce(func.max(self._key), 0) + 1).scalar_subquery()
            self._connection.execute(select(func.setval(name, following, False)))


def _kind(column: Column[Any]) -> Kind:
    match column.type:
        case DateTime():
            return Kind.MOMENT
        case LargeBinary():
            return Kind.BYTES
        case JSON():
            return Kind.JSON
        case _:
            return Kind.PLAIN


def _encoded(row: Iterable[Any], encoders: list[tuple[int, Encode]]) -> list[Any]:
    values = list(row)
    for place, encode in encoders:
        if values[place] is not None:
            values[place] = encode(values[place])
    return values


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogateescape") + b"\n"


def _moment(value: datetime) -> str:
    # SQLite's moments know no zone, and are UTC (columns.Moment).
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.isoformat()


ENCODERS: dict[Kind, Encode] = {Kind.MOMENT: _moment, Kind.BYTES: lambda value: base64.b64encode(value).decode()}
DECODERS: dict[Kind, Encode] = {Kind.MOMENT: datetime.fromisoformat, Kind.BYTES: base64.b64decode}
