"""Rows gathered over a batch: all of them, in order, once; those of a unit that failed are not written."""

import pytest
from sqlalchemy import Column, Table, Text, select
from tests.world import World

from miaohui.kit.bulk import BulkInsert
from miaohui.kit.db import Id, metadata
from miaohui.kit.tx import Tx

words = Table(
    "kit_test_words",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("word", Text, unique=True),
)
INTO = BulkInsert("INSERT INTO kit_test_words (word)", "(?)", "ON CONFLICT (word) DO NOTHING")


def stored(world: World) -> list[str]:
    return world.read(lambda conn: list(conn.execute(select(words.c.word).order_by(words.c.id)).scalars()))


@pytest.mark.parametrize("count", [1, 3, 4, 17, 64, 341])
def test_every_row_is_written_in_order(world: World, count: int) -> None:
    wanted = [f"w{n:04d}" for n in range(count)]
    world.write(lambda tx: [tx.insert_later(INTO, word) for word in wanted])
    assert stored(world) == wanted


def test_a_conflict_inside_the_group_and_with_the_table_is_settled(world: World) -> None:
    world.write(lambda tx: tx.insert_later(INTO, "a"))
    world.write(lambda tx: [tx.insert_later(INTO, word) for word in ("a", "b", "b", "c")])
    assert stored(world) == ["a", "b", "c"]


def test_rows_of_a_failed_savepoint_are_not_written(world: World) -> None:
    def mixed(tx: Tx) -> None:
        tx.insert_later(INTO, "kept")
        with pytest.raises(ValueError), tx.savepoint():
            tx.insert_later(INTO, "undone")
            raise ValueError

    world.write(mixed)
    assert stored(world) == ["kept"]
