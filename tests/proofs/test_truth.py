"""The chaos proof's judge sees what is wrong: each kind of damage to a mirror is found (reliability.md F7)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text

from miaohui.app import tables  # noqa: F401 -- registers every room's tables
from miaohui.app.prove.compare import compare, list_backwards
from miaohui.app.prove.platforms import Platforms
from miaohui.channels.sim.doudian.simulator import DoudianSimulator
from miaohui.channels.sim.douyin_im.simulator import DouyinSimulator
from miaohui.channels.sim.http import Request
from miaohui.kit.randomness import Rng
from miaohui.kit.tx import Tx
from miaohui.trade import actions as trade
from miaohui.trade.model import doudian
from tests.world import SHOP_A, World


class Near:
    """A simulator's control API without the network."""

    def __init__(self, simulator: Any) -> None:
        self.simulator = simulator

    def do(self, path: str, given: dict[str, Any] | None = None) -> dict[str, Any]:

        body = json.dumps(given or {}).encode()
        name, _, query = path.partition("?")
        asked = dict(pair.split("=") for pair in query.split("&") if pair)
        request = Request("POST" if given is not None else "GET", f"/sim/{name}", asked, {}, body)
        answer = asyncio.run(self.simulator.handle(request))
        assert answer.status == 200, answer.body
        return json.loads(answer.body)  # type: ignore[no-any-return]


def played(acts: int = 120) -> Platforms:
    """Two platforms that have lived a while; the clock moves so that no two steps share a second."""
    play = Platforms(Near(DoudianSimulator()), Near(DouyinSimulator()), Rng(5), 8)  # type: ignore[arg-type]
    for _ in range(acts):
        play.move_clocks(2)
        play.act()
    return play


def mirrored(world: World, play: Platforms) -> None:
    """Take in what the platform's lists tell."""
    shop = play.doudian.simulator.shop  # type: ignore[attr-defined]

    def take_in(tx: Tx) -> None:
        for row in shop.orders.values():
            trade.take_in_fact(tx, SHOP_A, doudian.order_from_detail(1, row))  # type: ignore[arg-type]
        for row in shop.aftersales.values():
            trade.take_in_fact(tx, SHOP_A, doudian.aftersale_from_list(1, row))  # type: ignore[arg-type]

    world.write(take_in)


@pytest.fixture
def play(world: World) -> Platforms:
    made = played()
    mirrored(world, made)
    return made


def test_what_the_lists_tell_is_the_whole_truth(world: World, play: Platforms) -> None:
    found = world.read(lambda conn: compare(conn, play.truth))
    assert found.differences == [] and found.fields > 500
    assert len(play.truth.orders) > 20 and len(play.truth.aftersales) >= 10
    assert world.read(lambda conn: list_backwards(conn, play.truth)) == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE trade_orders SET status = 'paid' WHERE status = 'completed'",
        "UPDATE trade_orders SET registers = replace(registers, '浙江省', '江苏省')",
        "DELETE FROM trade_order_items WHERE id = (SELECT min(id) FROM trade_order_items)",
        "UPDATE trade_aftersales SET arbitration = 'for_seller' WHERE arbitration = 'none'",
        "DELETE FROM trade_aftersales WHERE id = (SELECT max(id) FROM trade_aftersales)",
        "DELETE FROM trade_parcels WHERE id = (SELECT max(id) FROM trade_parcels)",
        "UPDATE trade_orders SET platform_order_id = 'x' WHERE id = (SELECT max(id) FROM trade_orders)",
    ],
)
def test_every_damage_is_found(world: World, play: Platforms, damage: str) -> None:
    world.write(lambda tx: tx.execute(text(damage)))
    assert world.read(lambda conn: compare(conn, play.truth)).differences


def test_a_message_that_never_came_is_missed_and_a_lost_one_is_not(world: World, play: Platforms) -> None:
    play.say(3)
    found = world.read(lambda conn: compare(conn, play.truth))
    assert len(found.differences) == 3
    play.truth.lost_messages |= set(play.truth.messages)
    assert not world.read(lambda conn: compare(conn, play.truth)).differences


def test_a_status_that_goes_back_and_forth_is_seen(world: World, play: Platforms) -> None:
    order = next(one for one in play.truth.orders.values() if len(one.history) > 2)
    shown = {"order_id": 1, "platform_order_id": order.id, "status": "unpaid"}
    world.write(lambda tx: tx.feed(SHOP_A, ["shop"], "trade.order_mirrored", shown))
    assert len(world.read(lambda conn: list_backwards(conn, play.truth))) == 1
