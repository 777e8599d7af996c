"""A row that is there already is left alone, and the caller is told; the same on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Integer, Table, Text, UniqueConstraint, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from tests.world import World

from miaohui.kit.db import Sql, insert_new, metadata, raw_rows

things = Table(
    "test_new_things",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text),
    UniqueConstraint("name"),
)


def test_a_taken_key_is_told_and_the_row_stays(world: World) -> None:
    told = [
        world.write(lambda tx, n=n, name=name: insert_new(tx.conn, things, id=n, name=name))
        for n, name in ((1, "a"), (2, "a"), (1, "b"), (3, "c"))
    ]
    assert told == [True, False, False, True]
    rows = world.read(lambda conn: conn.execute(select(things).order_by(things.c.id)).all())
    assert [tuple(row) for row in rows] == [(1, "a"), (3, "c")]


def test_a_hot_statements_failure_is_told_like_any_others(world: World) -> None:
    """F3: the lane must know a full disk from a bug; parameters may be personal and are not repeated."""
    insert = Sql("INSERT INTO test_new_things (id, name) VALUES (?, ?)")
    world.write(lambda tx: tx.run(insert, 1, "secret-a"))
    with pytest.raises(IntegrityError) as failed:
        world.write(lambda tx: tx.run(insert, 1, "secret-b"))
    assert "secret-b" not in str(failed.value)
    with pytest.raises(DBAPIError):
        world.read(lambda conn: raw_rows(conn, Sql("SELECT nothing FROM nowhere")))
