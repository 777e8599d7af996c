"""Trade over HTTP: what people see, who may, and that another shop's things are not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from miaohui.trade import actions
from miaohui.trade.model import (
    AftersaleFact,
    AftersaleStatus,
    Arbitration,
    OrderFact,
    OrderItemFact,
    OrderStatus,
    ParcelFact,
    ParcelState,
    ProductFact,
    RouteNode,
    SkuFact,
    Source,
)
from miaohui.trade.routes import router
from tests.door import ALICE_OWNER, BOB_AGENT, CHARLIE_OUTSIDER, Door, caller
from tests.world import NOON, SHOP_A, World

PULLED = Source("doudian", 9, NOON, True)


@pytest.fixture
def door(world: World) -> Iterator[Door]:
    made = Door(world, router)
    yield made
    made.close()


@pytest.fixture
def order_id(world: World) -> int:
    fact = OrderFact(
        PULLED, "6919000112233445566", OrderStatus.SHIPPED, pay_fen=23_900, placed_at=NOON - timedelta(hours=20),
        receiver_name_mask="赵**", receiver_ciphers={"name": "#cipher#"},
        items=(OrderItemFact("1", OrderStatus.SHIPPED, product_name="连衣裙", room_id="7401", pay_fen=23_900),),
        parcels=(ParcelFact(PULLED, "6919000112233445566", "SF1", "shunfeng", "顺丰速运", None,
                            (RouteNode(NOON, "派送中", ParcelState.DELIVERING),)),),
    )  # fmt: skip
    aftersale = AftersaleFact(
        PULLED, "7001", "6919000112233445566", status=AftersaleStatus.APPLIED, applied_at=NOON,
        status_deadline=NOON + timedelta(hours=5), arbitration=Arbitration.IN_PROGRESS, refund_fen=100,
    )  # fmt: skip
    world.write(lambda tx: actions.mirror_aftersale(tx, SHOP_A, aftersale))
    return world.write(lambda tx: actions.mirror_order(tx, SHOP_A, fact)).id


def test_an_order_is_shown_with_items_aftersales_and_route_in_chinese(door: Door, order_id: int) -> None:
    body = door.call("GET", f"/api/orders/{order_id}", as_=BOB_AGENT).body
    assert (body["status"], body["status_zh"], body["pay_fen"]) == ("shipped", "已发货", 23_900)
    assert body["items"][0]["room_id"] == "7401"
    assert (body["aftersales"][0]["status_zh"], body["aftersales"][0]["waits_for_us"]) == ("待商家同意", True)
    assert body["parcels"][0]["nodes"][0]["state_zh"] == "派送中"


def test_ciphertext_never_leaves_the_server(door: Door, order_id: int) -> None:
    for path in (f"/api/orders/{order_id}", "/api/orders", "/api/buyers/5/orders"):
        assert "cipher" not in str(door.call("GET", path).body)


def test_another_shops_order_is_not_there(door: Door, order_id: int) -> None:
    missing = door.call("GET", "/api/orders/12345", as_=CHARLIE_OUTSIDER)
    theirs = door.call("GET", f"/api/orders/{order_id}", as_=CHARLIE_OUTSIDER)
    assert (missing.status, missing.code) == (theirs.status, theirs.code) == (404, "kit.not_found")
    assert door.call("GET", "/api/orders", as_=CHARLIE_OUTSIDER).body["items"] == []
    assert door.call("POST", f"/api/orders/{order_id}/refresh", as_=CHARLIE_OUTSIDER).status == 404


def test_a_viewer_reads_and_does_not_ask_the_platform(door: Door, order_id: int) -> None:
    viewer = caller(8, "viewer")
    assert door.call("GET", f"/api/orders/{order_id}", as_=viewer).status == 200
    assert door.call("POST", f"/api/orders/{order_id}/refresh", as_=viewer).code == "kit.forbidden"
    assert door.call("GET", "/api/orders", as_=None).status == 401


def test_refreshing_asks_about_the_order_its_parcel_and_its_aftersale(door: Door, order_id: int) -> None:
    answer = door.call("POST", f"/api/orders/{order_id}/refresh", as_=BOB_AGENT)
    assert (answer.status, answer.body["asked_count"]) == (202, 3)


def test_lists_filter_and_refuse_a_foreign_cursor(door: Door, order_id: int) -> None:
    assert len(door.call("GET", "/api/orders?status=shipped").body["items"]) == 1
    assert door.call("GET", "/api/orders?status=paid").body["items"] == []
    assert door.call("GET", "/api/orders?status=nonsense").status == 422
    assert door.call("GET", "/api/orders?cursor=drop-table").code == "kit.invalid"
    assert door.call("GET", "/api/orders?cursor=99999999999999999999-1").code == "kit.invalid"


def test_arbitrated_and_urgent_aftersales_are_found(door: Door, order_id: int) -> None:
    assert len(door.call("GET", "/api/aftersales?arbitrated=true").body["items"]) == 1
    due = door.call("GET", "/api/aftersales/due").body["items"]
    assert [row["platform_aftersale_id"] for row in due] == ["7001"]
    soon = (NOON + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert door.call("GET", f"/api/aftersales/due?before={soon}").body["items"] == []
    aftersale_id = due[0]["id"]
    assert door.call("GET", f"/api/aftersales/{aftersale_id}").body["arbitration_zh"] == "平台处理中"
    assert door.call("POST", f"/api/aftersales/{aftersale_id}/refresh").body["asked_count"] == 1
    assert door.call("GET", f"/api/aftersales/{aftersale_id}", as_=CHARLIE_OUTSIDER).status == 404


def test_products_come_with_price_and_stock_and_are_found_by_title(door: Door, world: World) -> None:
    product = ProductFact(
        PULLED, "3700012", "法式碎花连衣裙", price_fen=23_900, attributes={"面料": "雪纺"},
        skus=(SkuFact("1790001", "奶油杏 M", 23_900, 12),),
    )  # fmt: skip
    for _ in range(2):
        world.write(lambda tx: actions.mirror_product(tx, SHOP_A, product))
    found = door.call("GET", "/api/products?q=碎花", as_=BOB_AGENT).body["items"]
    assert found[0]["attributes"] == {"面料": "雪纺"}
    assert (found[0]["skus"][0]["price_fen"], found[0]["skus"][0]["stock_count"]) == (23_900, 12)
    assert door.call("GET", "/api/products?q=羽绒服").body["items"] == []
    assert door.call("GET", "/api/products", as_=CHARLIE_OUTSIDER).body["items"] == []


def test_the_state_of_reconciling_is_shown(door: Door, world: World) -> None:
    look = actions.Look(SHOP_A, 9, "orders", NOON - timedelta(days=7), NOON)
    world.write(lambda tx: actions.note_page(tx, look, None, 8, 3))
    row = door.call("GET", "/api/trade/reconciles", as_=ALICE_OWNER).body["items"][0]
    assert (row["stream"], row["fact_count"], row["repaired_count"]) == ("orders", 8, 3)
