"""A row that is there already is left alone, and the caller is told; the same on both engines."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text, UniqueConstraint, select
from tests.world import World

from miaohui.kit.db import insert_new, metadata

things = Table(
    "kit_test_things",
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
