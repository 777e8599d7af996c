"""Whatever schema an installation comes from, its rows are the same after the upgrade (F16, R26)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import BigInteger, Float, Integer, LargeBinary, MetaData, Numeric, Table, insert, select
from sqlalchemy.engine import Connection

from miaohui.app import migrations
from miaohui.kit.db import Database

OLDER = [name for name in migrations.revisions() if name != migrations.HEAD]
NOT_OURS = ("alembic", "inbox_search", "sqlite")
ROWS = 3


def upgrade_to(db: Database, revision: str) -> None:
    """Make the schema of an older program."""
    from alembic import command

    with db.write() as conn:
        command.upgrade(migrations.config(conn), revision)


def value_for(column: Any, number: int) -> Any:
    """Return a value of the column's type, another one for each row."""
    if isinstance(column.type, Integer | BigInteger):
        return 1_000 + number
    if isinstance(column.type, Numeric | Float):
        return number + 0.5
    if isinstance(column.type, LargeBinary):
        return bytes([number, 0, 255])
    return f'{{"{column.name}":{number},"字":"数据"}}'


def fill(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Put rows into every table of this schema; return them as they are read back."""
    schema = MetaData()
    schema.reflect(conn)
    tables = [table for table in schema.sorted_tables if not table.name.startswith(NOT_OURS)]
    for table in tables:
        for number in range(1, ROWS + 1):
            conn.execute(insert(table).values({c.name: value_for(c, number) for c in table.columns}))
    return {table.name: read(conn, table) for table in tables}


def read(conn: Connection, table: Table) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in conn.execute(select(table)))


# The first one goes through every later change; those between begin in the middle of the same way.
FROM = [pytest.param(name, marks=[pytest.mark.proof] if number else []) for number, name in enumerate(OLDER)]


@pytest.mark.parametrize("revision", FROM)
def test_every_row_of_an_older_schema_survives_the_upgrade(bare_url: str, revision: str) -> None:
    db = Database(bare_url)
    upgrade_to(db, revision)
    with db.write() as conn:
        before = fill(conn)
        shapes = {name: [c["name"] for c in _columns(conn, name)] for name in before}
    assert len(before) > 80
    assert migrations.upgrade(db)
    schema = MetaData()
    with db.read() as conn:
        schema.reflect(conn)
        for name, rows in before.items():
            table = schema.tables[name]
            kept = sorted(tuple(row) for row in conn.execute(select(*(table.c[c] for c in shapes[name]))))
            assert kept == rows, name
    db.close()


def _columns(conn: Connection, table: str) -> Any:
    from sqlalchemy import inspect

    return inspect(conn).get_columns(table)
