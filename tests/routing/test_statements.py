"""What a transaction costs: the length of the queue must not show (issue figure: freeing up → assignment)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from miaohui.kit import db
from miaohui.kit.tx import Tx
from miaohui.routing import queries, store
from miaohui.routing.store import chats, lanes
from miaohui.routing.store.chats import ChatRow
from tests.routing.desk import ANNA, Desk
from tests.world import SHOP_A


@contextmanager
def counted(desk: Desk) -> Iterator[list[str]]:
    """Collect the statements of the writing connection, hot ones included."""
    seen: list[str] = []
    connection = desk.world.db._writer.connection.driver_connection  # type: ignore[union-attr]
    connection.set_trace_callback(seen.append)
    try:
        yield seen
    finally:
        connection.set_trace_callback(None)


def fill(desk: Desk, count: int, need: str = "") -> None:
    """Put many chats into the queue of 售前, as `wait` writes them."""
    now, group_id = desk.world.clock.now() + timedelta(seconds=1), desk.groups["pre_sale"]
    first = 10**9 + (10**6 if need else 0)

    def write(tx: Tx) -> None:
        for n in range(count):
            chat = ChatRow(
                first + n, n, "product_page", "queued", group_id, None, need, now, now, now, {}, None, 0,
                None, now, None, None, 0, 1,
            )  # fmt: skip
            assert store.chats.insert(tx.conn, SHOP_A, chat)
            assert store.chats.wait(tx.conn, SHOP_A, chat)
            store.lanes.enter(tx.conn, SHOP_A, chat, [group_id])

    desk.world.write(write)


def test_freeing_up_costs_the_same_with_ten_and_with_three_thousand_waiting(desk: Desk) -> None:
    if desk.world.db.dialect != "sqlite":
        pytest.skip("statements are traced on SQLite; the statements are the same ones")
    desk.seat(ANNA, "pre_sale", capacity=1)
    costs = []
    for ahead in (0, 3000):
        current = next(iter(desk.world.read(lambda conn: store.chats.ids_of_agent(conn, SHOP_A, ANNA))), None)
        current = current if current is not None else desk.come("first")
        waiting = desk.come(f"w{ahead}")
        if ahead:
            fill(desk, ahead)
            fill(desk, ahead, need="platform_rules>=5")
        assert desk.owner(current) == ANNA
        with counted(desk) as seen:
            desk.close(current)
        assert desk.owner(waiting) == ANNA
        costs.append(len(seen))
    # One more lane (chats that need a skill Anna lacks) costs one more hop over the index.
    assert costs[1] <= costs[0] + 2, costs
    assert costs[0] <= 60


def test_the_queries_of_the_queue_walk_an_index(desk: Desk) -> None:
    if desk.world.db.dialect != "sqlite":
        pytest.skip("EXPLAIN QUERY PLAN is SQLite's")
    for sql, params in (
        (lanes._NEXT_LANE, (SHOP_A, 1, "")), (lanes._HEADS, (SHOP_A, 1, "", 0, 0, 16)),
        (chats._ANY_WAITING, (SHOP_A, "queued")), (chats._LOADS, (SHOP_A,)),
        (queries.queue._AHEAD, (SHOP_A, "queued", 1, 0, 0)),
    ):  # fmt: skip
        plan = desk.world.read(
            lambda conn, s=sql, p=params: db.raw_rows(conn, db.Sql(f"EXPLAIN QUERY PLAN {s.text}"), p)
        )
        text = " ".join(str(row[3]) for row in plan)
        assert "SEARCH" in text and "INDEX" in text and "SCAN" not in text, (
            sql.text,
            text,
        )
        assert "TEMP B-TREE" not in text, (sql.text, text)


def test_reading_the_room_takes_six_statements_however_many_people(desk: Desk) -> None:
    if desk.world.db.dialect != "sqlite":
        pytest.skip("statements are traced on SQLite")
    for user_id in range(100, 130):
        desk.seat(user_id, "pre_sale")
    with counted(desk) as seen:
        desk.world.write(lambda tx: queries.get_room(tx.conn, SHOP_A, tx.now))
    assert len([s for s in seen if s.startswith("SELECT")]) == 6
