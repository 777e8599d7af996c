"""Orders belong to buyers on evidence only; every link says why (channels.md §6.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import event

from miaohui.trade import actions, queries
from miaohui.trade.events import OrderLinked
from miaohui.trade.model import (
    AftersaleFact,
    AftersaleStatus,
    BuyerId,
    OrderFact,
    OrderItemFact,
    OrderStatus,
    ParcelFact,
    Source,
)
from tests.world import NOON, SHOP_A, SHOP_B, World

DOUYIN = BuyerId("douyin_open_id", "_000abc")


def mirrored(
    world: World, number: str, *, shop: int = SHOP_A, buyer: BuyerId | None = DOUYIN, minute: int = 0
) -> int:
    fact = OrderFact(
        Source("doudian", 9, NOON, True), number, OrderStatus.PAID, placed_at=NOON + timedelta(minutes=minute),
        items=(OrderItemFact(f"{number}-1", OrderStatus.PAID, product_name="连衣裙"),),
        buyer_ids=() if buyer is None else (buyer,),
    )  # fmt: skip
    return world.write(lambda tx: actions.mirror_order(tx, shop, fact)).id


def test_orders_of_an_identity_are_linked_once_with_their_evidence(world: World) -> None:
    first, second = mirrored(world, "1001"), mirrored(world, "1002", minute=5)
    mirrored(world, "1003", buyer=BuyerId("doudian_open_id", "_000abc"))
    told = world.record(OrderLinked)
    for _ in range(2):
        world.write(lambda tx: actions.link_orders_of_identity(tx, SHOP_A, "douyin_open_id", "_000abc", 77))
    assert sorted(event.order_id for event in told) == [first, second]
    orders = world.read(lambda conn: queries.list_orders_of_buyer(conn, SHOP_A, 77))
    assert [order["id"] for order in orders] == [second, first]
    assert {order["evidence"] for order in orders} == {"douyin_open_id=_000abc"}


def test_the_first_evidence_stands_until_buyers_merge(world: World) -> None:
    order_id = mirrored(world, "1001")
    assert world.write(lambda tx: actions.link_buyer(tx, SHOP_A, order_id, 77, "order card"))
    assert not world.write(lambda tx: actions.link_buyer(tx, SHOP_A, order_id, 88, "another"))
    assert world.write(lambda tx: actions.follow_merged_buyers(tx, SHOP_A, 88, 77)) == 1
    assert [o["id"] for o in world.read(lambda conn: queries.list_orders_of_buyer(conn, SHOP_A, 88))] == [
        order_id
    ]


def test_an_order_card_links_by_number_within_its_shop_only(world: World) -> None:
    mirrored(world, "1001", shop=SHOP_B)
    assert not world.write(
        lambda tx: actions.link_order_of_number(tx, SHOP_A, "doudian", "1001", 77, "order card")
    )
    assert world.write(
        lambda tx: actions.link_order_of_number(tx, SHOP_B, "doudian", "1001", 77, "order card")
    )


def test_an_order_of_another_shop_cannot_be_linked(world: World) -> None:
    theirs = mirrored(world, "1001", shop=SHOP_B)
    assert not world.write(lambda tx: actions.link_buyer(tx, SHOP_A, theirs, 77, "guess"))


def test_a_buyers_orders_carry_their_aftersales_in_three_statements(world: World) -> None:
    for n in range(6):
        mirrored(world, f"10{n}", minute=n)
        fact = AftersaleFact(Source("doudian", 9, NOON), f"70{n}", f"10{n}", status=AftersaleStatus.APPLIED)
        world.write(lambda tx, fact=fact: actions.mirror_aftersale(tx, SHOP_A, fact))
    world.write(lambda tx: actions.link_orders_of_identity(tx, SHOP_A, "douyin_open_id", "_000abc", 77))
    statements: list[Any] = []
    event.listen(world.db.read_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    orders = world.read(lambda conn: queries.list_orders_of_buyer(conn, SHOP_A, 77))
    assert len([text for text in statements if text.startswith("SELECT")]) == 3
    assert [order["aftersales"][0]["platform_aftersale_id"] for order in orders] == [
        f"70{n}" for n in range(5, -1, -1)
    ]


def test_orders_are_found_by_number_and_by_parcel_page_by_page(world: World) -> None:
    for n in range(5):
        mirrored(world, f"69190{n}", minute=n // 2)
    parcel = ParcelFact(Source("doudian", 9, NOON), "691903", "SF140001")
    world.write(lambda tx: actions.mirror_parcel(tx, SHOP_A, parcel))
    found = world.read(lambda conn: queries.list_orders(conn, SHOP_A, text="SF140001"))
    assert [order["platform_order_id"] for order in found.items] == ["691903"]
    seen: list[str] = []
    cursor = None
    while True:
        page = world.read(
            lambda conn, c=cursor: queries.list_orders(conn, SHOP_A, text="6919", cursor=c, limit=2)
        )
        seen += [order["platform_order_id"] for order in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ["691904", "691903", "691902", "691901", "691900"]


def test_the_orders_of_a_day_are_the_measure_of_the_tier(world: World) -> None:
    """Spec §1.3: the tier follows from the measured orders a day."""
    for n in range(3):
        mirrored(world, f"10{n}", minute=n * 60)
    count = world.read(
        lambda conn: queries.count_orders_of_day(conn, SHOP_A, NOON, NOON + timedelta(minutes=90))
    )
    assert count == 2


def test_the_most_urgent_aftersale_comes_first_and_ended_ones_do_not_come(world: World) -> None:
    """domain.md §3.3: the platform's own deadline is what counts."""
    for number, hours, status in (("a", 9, AftersaleStatus.APPLIED), ("b", 3, AftersaleStatus.RETURNED),
                                  ("c", 1, AftersaleStatus.SUCCEEDED), ("d", 40, AftersaleStatus.APPLIED)):  # fmt: skip
        fact = AftersaleFact(
            Source("doudian", 9, NOON),
            number,
            "1001",
            status=status,
            status_deadline=NOON + timedelta(hours=hours),
        )
        world.write(lambda tx, fact=fact: actions.mirror_aftersale(tx, SHOP_A, fact))
    due = world.read(lambda conn: queries.list_due_aftersales(conn, SHOP_A, NOON + timedelta(hours=24)))
    assert [row["platform_aftersale_id"] for row in due] == ["b", "a"]
