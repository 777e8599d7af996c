"""Orders find their buyers by the ids that platforms give, whichever of the two is known first."""

from __future__ import annotations

from pathlib import Path

import pytest

import miaohui.app.tables  # noqa: F401 - registers every room's tables
from miaohui.app.wiring import wire_events
from miaohui.buyers import actions as buyers
from miaohui.buyers import queries as buyers_queries
from miaohui.buyers.model import Strength
from miaohui.channels.model import Account, Inbound, Kind, Origin, Party, Role, parts
from miaohui.inbox.actions.receive import receive_message
from miaohui.kit.crypto import Vault
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.runtime import Runtime
from miaohui.shop import actions as shop
from miaohui.shop.actions import NewAccount
from miaohui.staff import actions as staff
from miaohui.trade import actions as trade
from miaohui.trade import queries as trade_queries
from miaohui.trade.model import BuyerId, OrderFact, OrderStatus, Source
from tests.world import NOON, World

APP = "awapp0001"


class Shop:
    """A wired shop with a 抖店 account whose orders carry the open_ids of our 抖音 app (or do not)."""

    def __init__(self, world: World, open_id_app: str) -> None:
        self.world, self.vault = world, Vault(bytes(32))
        rt = Runtime(world.db, world.clock, world.ids, world.rng, world.wiring, Doorbell(), Path("."))
        rt.ports["vault"] = self.vault
        wire_events(world.wiring, rt)
        self.id = world.write(lambda tx: shop.create_shop(tx, "甲店"))
        world.write(lambda tx: staff.ensure_default_groups(tx, self.id))
        self.doudian = self._account("doudian", {"open_id_app": open_id_app})
        self.douyin = self._account("douyin_im", {})

    def _account(self, channel: str, config: dict[str, str]) -> int:
        new = NewAccount(channel, channel, config, {}, f"{channel}-key")
        return self.world.write(lambda tx: shop.add_channel_account(tx, self.vault, self.id, new))

    def order(self, number: str, open_id: str) -> int:
        fact = OrderFact(
            Source("doudian", self.doudian, NOON, True), number, OrderStatus.PAID, placed_at=NOON,
            buyer_ids=(BuyerId("douyin_open_id", open_id),),
        )  # fmt: skip
        return self.world.write(lambda tx: trade.mirror_order(tx, self.id, fact)).id

    def write(self, open_id: str, text: str = "在吗") -> int:
        account = Account(self.id, self.douyin, APP, "douyin_im")
        who = Party(Role.BUYER, open_id, "小鱼", f"app:{APP}")
        fact = Inbound("douyin_im", APP, f"k:{open_id}:{text}", Kind.MESSAGE, NOON, who, f"c:{open_id}", text,
                       origin=Origin.APP, parts=(parts.Text(text),))  # fmt: skip
        self.world.write(lambda tx: receive_message(tx, account, fact))
        return self.world.write(
            lambda tx: buyers.recognise_buyer(tx, self.id, "douyin_im", f"app:{APP}/{open_id}", "")
        )

    def orders_of(self, buyer_id: int) -> list[int]:
        found = self.world.read(lambda conn: trade_queries.list_orders_of_buyer(conn, self.id, buyer_id))
        return sorted(order["id"] for order in found)


@pytest.fixture
def linked(world: World) -> Shop:
    return Shop(world, APP)


def test_an_order_that_was_there_is_linked_when_its_buyer_begins_to_write(linked: Shop) -> None:
    order_id = linked.order("1001", "_000abc")
    assert linked.orders_of(linked.write("_000abc")) == [order_id]


def test_an_order_that_comes_later_is_linked_at_once(linked: Shop) -> None:
    buyer_id = linked.write("_000abc")
    order_id = linked.order("1001", "_000abc")
    linked.order("1002", "_000other")
    assert linked.orders_of(buyer_id) == [order_id]


def test_ids_of_another_app_never_compare(world: World) -> None:
    """channels.md §6.2: an open_id is unique within one app only."""
    strangers = Shop(world, "another-app")
    strangers.order("1001", "_000abc")
    assert strangers.orders_of(strangers.write("_000abc")) == []


def test_a_shop_that_names_no_app_links_nothing(world: World) -> None:
    silent = Shop(world, "")
    silent.order("1001", "_000abc")
    assert silent.orders_of(silent.write("_000abc")) == []


def test_orders_follow_a_merge_and_come_back_when_it_is_undone(linked: Shop) -> None:
    first, second = linked.write("_000one"), linked.write("_000two")
    mine, theirs = linked.order("1001", "_000one"), linked.order("1002", "_000two")
    fact = buyers.phone_evidence(linked.vault, "19900000000", Strength.PLATFORM, "订单")
    for open_id in ("_000one", "_000two"):
        linked.world.write(
            lambda tx, o=open_id: buyers.add_evidence(tx, linked.id, "douyin_im", f"app:{APP}/{o}", fact)
        )
    assert linked.orders_of(first) == sorted([mine, theirs])
    merges = linked.world.read(lambda conn: buyers_queries.list_merges(conn, linked.id, first))
    linked.world.write(lambda tx: buyers.undo_merge(tx, linked.id, merges[0]["id"], "不是同一个人"))
    assert (linked.orders_of(first), linked.orders_of(second)) == ([mine], [theirs])
