"""The hash-chained audit log (R14): any change, removal, insertion or cut shows, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, update
from tests.world import World

from miaohui.kit import audit

ROWS, HEADS = audit.audit_table, audit.heads_table


def _fill(world: World, count: int) -> None:
    for n in range(count):
        world.write(lambda tx, n=n: tx.audit("did", f"thing:{n}", {"n": n, "名": "值"}, shop_id=n % 2))


def test_an_empty_and_a_whole_chain_hold(world: World) -> None:
    assert world.read(audit.verify) == audit.Verdict(0, None)
    _fill(world, 5)
    assert world.read(audit.verify) == audit.Verdict(5, None)


@pytest.mark.parametrize(
    "column",
    ["shop_id", "at_ms", "actor_kind", "actor_id", "actor_name", "ip", "action", "subject", "detail", "result",
     "prev_hash", "hash"],
)  # fmt: skip
def test_a_change_of_any_column_shows(world: World, column: str) -> None:
    _fill(world, 4)
    numeric = column in ("shop_id", "at_ms", "actor_id")
    changed = update(ROWS).where(ROWS.c.id == 3).values({column: 99 if numeric else "x"})
    world.write(lambda tx: tx.execute(changed))
    assert world.read(audit.verify).broken_at == 3


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(1, 6), min_size=1))
def test_no_set_of_rows_can_be_removed(removed: set[int]) -> None:
    world = World()
    _fill(world, 6)
    world.write(lambda tx: tx.execute(delete(ROWS).where(ROWS.c.id.in_(removed))))
    assert world.read(audit.verify).broken_at == min(removed)
    world.close()


def test_a_row_added_behind_the_head_shows_even_with_a_right_hash(world: World) -> None:
    _fill(world, 3)

    def forge(tx: Any) -> None:
        tx.audit("forged", "thing:9")
        old = tx.execute(select(ROWS.c.hash).where(ROWS.c.id == 3)).scalar_one()
        tx.execute(update(HEADS).values(count=3, hash=old))

    world.write(forge)
    assert world.read(audit.verify) == audit.Verdict(4, 4, "a row was added past the head")


def test_emptying_the_log_shows(world: World) -> None:
    _fill(world, 3)
    world.write(lambda tx: tx.execute(delete(ROWS)))
    assert world.read(audit.verify).broken_at == 1


def test_rows_written_while_the_chain_is_walked_are_no_break(
    tmp_path: Path, test_url: Callable[[Path], str]
) -> None:
    world = World(test_url(tmp_path))
    _fill(world, 3)
    pending = iter(range(3))

    def between(*_args: Any) -> None:
        for n in pending:
            world.write(lambda tx, n=n: tx.audit("meanwhile", f"thing:{n}"))
            return

    event.listen(world.db.read_engine, "after_cursor_execute", between)
    assert world.read(audit.verify).broken_at is None
    assert list(pending) == []
    assert world.read(audit.verify) == audit.Verdict(6, None)
    world.close()


def test_rows_of_other_shops_are_not_listed(world: World) -> None:
    _fill(world, 6)
    assert [row["subject"] for row in world.read(lambda conn: audit.newest(conn, [1], 2))] == [
        "thing:5",
        "thing:3",
    ]
    older = world.read(lambda conn: audit.newest(conn, [1], 9, before=4))
    assert [row["detail"] for row in older] == [{"n": 1, "名": "值"}]
