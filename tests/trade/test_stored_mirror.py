"""The mirror in its tables: told once, converging, nothing personal in clear (reliability.md F7, R3, R8)."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from miaohui.kit import feed
from miaohui.trade import actions, queries
from miaohui.trade.events import AftersaleMirrored, OrderMirrored, ParcelMirrored
from miaohui.trade.model import (
    AftersaleStatus,
    BuyerId,
    OrderFact,
    OrderItemFact,
    OrderStatus,
    ParcelFact,
    ParcelState,
    RouteNode,
    Source,
)
from tests.trade.telling import NUMBER, aftersale, disordered, fact, order_facts, shuffles
from tests.world import NOON, SHOP_A, SHOP_B, World


@settings(max_examples=15, deadline=None)
@given(st.lists(order_facts, min_size=1, max_size=6), shuffles)
def test_the_stored_mirror_is_the_same_whatever_the_order(
    facts: list[OrderFact], chance: random.Random
) -> None:
    with_items = [
        OrderFact(**{**vars(one), "items": (OrderItemFact("s1", one.status, pay_fen=one.pay_fen),)})
        for one in facts
    ]
    shown = []
    for sequence in (with_items, disordered(with_items, chance)):
        world = World()
        for one in sequence:
            world.write(lambda tx, one=one: actions.mirror_order(tx, SHOP_A, one))
        page = world.read(lambda conn: queries.find_order_by_number(conn, SHOP_A, "doudian", NUMBER))
        assert page is not None
        drop = {"id", "mirrored_at", "pulled_at"}
        items = [{k: v for k, v in item.items() if k != "id"} for item in page["items"]]
        shown.append({**{k: v for k, v in page.items() if k not in drop}, "items": items})
        world.close()
    assert shown[0] == shown[1]


def test_the_same_fact_twice_is_told_once(world: World) -> None:
    told = world.record(OrderMirrored)
    for _ in range(3):
        world.write(lambda tx: actions.mirror_order(tx, SHOP_A, fact(1, OrderStatus.PAID, pay_fen=9_900)))
    assert len(told) == 1
    assert (told[0].status, told[0].previous_status) == ("paid", None)
    names = [event.name for event in world.read(lambda conn: feed.read(conn, 0))]
    assert names == ["trade.order_mirrored"]


def test_reading_the_same_order_again_within_minutes_writes_nothing(world: World) -> None:
    """The overlap of reconciling reads the same rows every minute; the writer lane must not feel it."""
    parcel = ParcelFact(Source("doudian", 9, NOON, True), NUMBER, "SF1")
    item = OrderItemFact("1", OrderStatus.SHIPPED)
    order = fact(1, OrderStatus.SHIPPED, full=True, items=(item,), parcels=(parcel,))
    world.write(lambda tx: actions.mirror_order(tx, SHOP_A, order))
    written: list[str] = []
    event.listen(world.db.write_engine, "before_cursor_execute", lambda *args: written.append(args[2]))
    world.clock.advance(60)
    world.write(lambda tx: actions.mirror_order(tx, SHOP_A, order))
    assert [text for text in written if not text.startswith(("SELECT", "BEGIN", "SAVEPOINT"))] == []
    world.clock.advance(600)
    world.write(lambda tx: actions.mirror_order(tx, SHOP_A, order))
    found = world.read(lambda conn: queries.find_order_by_number(conn, SHOP_A, "doudian", NUMBER))
    assert found is not None and found["pulled_at"] == world.clock.now()


def test_a_late_older_fact_changes_nothing_and_is_not_told(world: World) -> None:
    world.write(lambda tx: actions.mirror_order(tx, SHOP_A, fact(9, OrderStatus.SHIPPED)))
    told = world.record(OrderMirrored)
    world.write(lambda tx: actions.mirror_order(tx, SHOP_A, fact(1, OrderStatus.PAID)))
    assert told == []
    order = world.read(lambda conn: queries.find_order_by_number(conn, SHOP_A, "doudian", NUMBER))
    assert order is not None
    assert order["status"] == "shipped"


def test_two_shops_with_the_same_number_do_not_see_each_other(world: World) -> None:
    mine = world.write(lambda tx: actions.mirror_order(tx, SHOP_A, fact(1, OrderStatus.PAID)))
    theirs = world.write(lambda tx: actions.mirror_order(tx, SHOP_B, fact(1, OrderStatus.CANCELLED)))
    assert mine.id != theirs.id
    assert world.read(lambda conn: queries.find_order(conn, SHOP_A, theirs.id)) is None


def test_nothing_personal_is_kept_in_clear(world: World) -> None:
    said = fact(
        1, OrderStatus.PAID, full=True, receiver_name_mask="赵小明", receiver_phone_mask="18612340001",
        receiver_address_mask="文三路138号东方通信大厦3幢502室", buyer_note="打我电话 18612340001 谢谢",
        receiver_ciphers={"name": "##cipher##"},
    )  # fmt: skip
    world.write(lambda tx: actions.mirror_order(tx, SHOP_A, said))
    order = world.read(lambda conn: queries.find_order_by_number(conn, SHOP_A, "doudian", NUMBER))
    assert order is not None
    assert order["receiver_name_mask"] == "赵**"
    assert order["receiver_phone_mask"] == "186****0001"
    assert "138" not in order["receiver_address_mask"] and "502" not in order["receiver_address_mask"]
    assert "12340001" not in order["buyer_note"]
    assert "receiver_ciphers" not in order


def test_an_order_tells_the_buyer_ids_it_carries(world: World) -> None:
    told = world.record(OrderMirrored)
    ids = (BuyerId("doudian_open_id", "1@#abc"), BuyerId("douyin_open_id", "_000xyz"))
    world.write(
        lambda tx: actions.mirror_order(tx, SHOP_A, fact(1, OrderStatus.PAID, full=True, buyer_ids=ids))
    )
    assert told[0].buyer_ids == (("doudian_open_id", "1@#abc"), ("douyin_open_id", "_000xyz"))


def test_an_aftersale_before_its_order_is_found_with_it_later(world: World) -> None:
    told = world.record(AftersaleMirrored)
    world.write(lambda tx: actions.mirror_aftersale(tx, SHOP_A, aftersale(3, AftersaleStatus.APPLIED)))
    done = world.write(lambda tx: actions.mirror_order(tx, SHOP_A, fact(1, OrderStatus.PAID)))
    detail = world.read(lambda conn: queries.get_order_detail(conn, SHOP_A, done.id))
    assert [one["platform_aftersale_id"] for one in detail["aftersales"]] == ["7001"]
    assert told[0].previous_status is None


def test_a_route_grows_and_is_shown_newest_first(world: World) -> None:
    told = world.record(ParcelMirrored)
    first = RouteNode(NOON, "【杭州】快递员已揽收 电话13912345678", ParcelState.COLLECTED, "杭州")
    second = RouteNode(NOON + timedelta(hours=9), "到达【南京转运中心】", ParcelState.IN_TRANSIT, "南京")
    for nodes in ((second,), (first, second), (first,)):
        parcel = ParcelFact(Source("doudian", 9, NOON), NUMBER, "SF1", carrier_name="顺丰速运", nodes=nodes)
        world.write(lambda tx, parcel=parcel: actions.mirror_parcel(tx, SHOP_A, parcel))
    parcels = world.read(lambda conn: queries.list_parcels_of_order(conn, SHOP_A, "doudian", NUMBER))
    assert [node["state"] for node in parcels[0]["nodes"]] == ["in_transit", "collected"]
    assert "13912345678" not in parcels[0]["nodes"][1]["text"]
    assert parcels[0]["state"] == "in_transit"
    assert len(told) == 1


def test_a_parcel_whose_number_was_changed_is_shown_as_replaced(world: World) -> None:
    """Tag 104: the seller corrected the waybill; the old one keeps its route."""
    for minute, number in ((1, "SF1"), (9, "SF2")):
        parcel = ParcelFact(Source("doudian", 9, NOON, True), NUMBER, number)
        order = fact(minute, OrderStatus.SHIPPED, full=True, tracking_nos=(number,), parcels=(parcel,))
        done = world.write(lambda tx, order=order: actions.mirror_order(tx, SHOP_A, order))
    shown = world.read(lambda conn: queries.get_order_detail(conn, SHOP_A, done.id))["parcels"]
    assert [(one["tracking_no"], one["is_replaced"]) for one in shown] == [("SF1", True), ("SF2", False)]
