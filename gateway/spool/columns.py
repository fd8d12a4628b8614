"""Types of the spool's columns that both databases keep alike: moments, and what others wrote."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine


class Moment(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in the database, whose own type may know no zone (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's interface
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without time zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Foreign(TypeDecorator[str]):
    """What others wrote: of any length, with a NUL in it. PostgreSQL takes neither (§8.3), and would refuse the row."""

    impl = Text
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:  # noqa: ARG002 - SQLAlchemy's interface
        return Text() if self.length is None else String(self.length)

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None] | None:
        if dialect.name != "postgresql":
            return None
        length = self.length

        def fit(value: str | None) -> str | None:
            return value if value is None else value.replace("\0", "\N{REPLACEMENT CHARACTER}")[:length]

        return fit
