"""Rows written past SQLAlchemy's execution are the rows that it would have written, and fail as they would have."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, insert, make_url, select
from sqlalchemy.exc import IntegrityError

from gateway.spool import schema
from gateway.spool.insertion import Insertion

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ACCOUNT = {"send_url": "https://example.com/ha", "datacenters": {"dc1": "ä"}, "customer_number": "1", "username": "u"}


def account(number: int) -> dict[str, Any]:
    return {"id": f"{number:064}", **ACCOUNT}


def read(number: int, at: datetime) -> dict[str, Any]:
    return {"account_id": f"{number:064}", "datacenter": "dc1", "read_at": at}


def test_every_type_is_written_as_it_is_read(open_spool: Any) -> None:
    accounts, reads = Insertion(insert(schema.account)), Insertion(insert(schema.list_read))
    berlin = NOON.astimezone(timezone(timedelta(hours=1)))

    def write(connection: Connection) -> tuple[Any, Any]:
        accounts(connection, [account(1), account(2)])
        reads(connection, [read(1, NOON), read(2, berlin)])
        reads(connection, [])
        found = connection.execute(select(schema.account.c.datacenters)).scalars().all()
        return found, connection.execute(select(schema.list_read.c.read_at)).scalars().all()

    async def scenario() -> None:
        async with open_spool() as spool:
            assert await spool.database.write(write) == ([ACCOUNT["datacenters"]] * 2, [NOON, NOON])

    asyncio.run(scenario())


def test_what_the_database_refuses_is_an_error_of_sqlalchemys(open_spool: Any) -> None:
    accounts = Insertion(insert(schema.account))

    async def scenario() -> None:
        async with open_spool() as spool:
            with pytest.raises(IntegrityError):
                await spool.database.write(lambda connection: accounts(connection, [account(1), account(1)]))

    asyncio.run(scenario())


def test_a_database_whose_parameters_have_names_gets_them_by_name() -> None:
    class Recorded:
        dialect = make_url("postgresql+psycopg://").get_dialect()()

        def exec_driver_sql(self, sql: str, rows: list[Any]) -> None:
            assert "%(account_id)s" in sql
            assert rows == [read(1, NOON)]

    Insertion(insert(schema.list_read))(Recorded(), [read(1, NOON)])  # type: ignore[arg-type]
