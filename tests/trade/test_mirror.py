"""Facts come late, twice, in any order; the mirror ends at the platform's truth (reliability.md F7, R3)."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from miaohui.kit import feed
from miaohui.trade import actions, queries
from miaohui.trade.events import AftersaleMirrored, OrderMirrored, ParcelMirrored
from miaohui.trade.model import (
    AftersaleFact,
    AftersaleStatus,
    Arbitration,
    BuyerId,
    OrderFact,
    OrderItemFact,
    OrderStatus,
    ParcelFact,
    ParcelState,
    RouteNode,
    Source,
)
from miaohui.trade.model.facts import AFTERSALE_RANK, ORDER_RANK
from miaohui.trade.model.mirror import kept, restored, values
from miaohui.trade.model.registers import (
    Registers,
    aftersale_registers,
    order_registers,
    parcel_registers,
    value_of,
)
from tests.world import NOON, SHOP_A, SHOP_B, World

NUMBER = "6919000112233445566"


def fact(minute: int, status: OrderStatus | None = None, *, full: bool = False, **said: Any) -> OrderFact:
    return OrderFact(Source("doudian", 9, NOON + timedelta(minutes=minute), full), NUMBER, status, **said)


def aftersale(minute: int | None, status: AftersaleStatus | None = None, **said: Any) -> AftersaleFact:
    at = None if minute is None else NOON + timedelta(minutes=minute)
    return AftersaleFact(Source("doudian", 9, at), "7001", NUMBER, status=status, **said)


minutes = st.integers(0, 6 * 60)
order_facts = st.builds(
    fact,
    minutes,
    st.none() | st.sampled_from(OrderStatus),
    full=st.booleans(),
    pay_fen=st.none() | st.integers(0, 99_999),
    seller_note=st.none() | st.sampled_from(["加急", "已改地址", "送丝巾"]),
    tracking_nos=st.none() | st.sampled_from([(), ("SF1",), ("SF1", "YT2")]),
)
aftersale_facts = st.builds(
    aftersale,
    st.none() | minutes,
    st.none() | st.sampled_from(AftersaleStatus),
    arbitration=st.none() | st.sampled_from(Arbitration),
    refund_fen=st.none() | st.integers(0, 99_999),
)
shuffles = st.randoms(use_true_random=False)


def fold(step: Any, facts: list[Any]) -> Registers:
    registers: Registers = {}
    for one in facts:
        registers = step(restored(kept(registers)), one)
    return registers


def disordered(facts: list[Any], chance: random.Random) -> list[Any]:
    mixed = [*facts, *(chance.choice(facts) for _ in range(len(facts) // 2))]
    chance.shuffle(mixed)
    return mixed


@given(st.lists(order_facts, min_size=1, max_size=12), shuffles)
def test_any_order_and_doubling_of_order_facts_gives_the_same_mirror(
    facts: list[OrderFact], chance: random.Random
) -> None:
    assert fold(order_registers, disordered(facts, chance)) == fold(order_registers, facts)


@given(st.lists(aftersale_facts, min_size=1, max_size=12), shuffles)
def test_any_order_and_doubling_of_aftersale_facts_gives_the_same_mirror(
    facts: list[AftersaleFact], chance: random.Random
) -> None:
    assert fold(aftersale_registers, disordered(facts, chance)) == fold(aftersale_registers, facts)


@given(st.lists(order_facts, min_size=1, max_size=12))
def test_an_orders_status_never_goes_backwards(facts: list[OrderFact]) -> None:
    registers: Registers = {}
    reached = 0
    for one in facts:
        registers = order_registers(registers, one)
        rank = ORDER_RANK[OrderStatus(registers["status"][0])] if "status" in registers else 0
        assert rank >= reached
        reached = rank


@given(
    st.lists(st.sampled_from(OrderStatus), min_size=1, max_size=6, unique=True),
    st.floats(0, 0.9),
    shuffles,
)
def test_lost_pushes_are_repaired_by_one_full_look(
    life: list[OrderStatus], loss: float, chance: random.Random
) -> None:
    """The truth of the platform is the last state of a life that only goes forward; a pull of it decides."""
    stages = sorted(life, key=lambda status: ORDER_RANK[status])
    pushes = [fact(10 * n, status) for n, status in enumerate(stages)]
    arrived = [push for push in pushes if chance.random() >= loss]
    truth = fact(10 * (len(stages) - 1), stages[-1], full=True, pay_fen=1990)
    arrived.insert(chance.randrange(len(arrived) + 1), truth)
    chance.shuffle(arrived)
    mirror = fold(order_registers, arrived)
    assert value_of(mirror, "status") == stages[-1].value
    assert value_of(mirror, "pay_fen") == 1990


def test_a_refused_aftersale_may_be_asked_for_again_and_success_is_final() -> None:
    again = fold(
        aftersale_registers,
        [aftersale(0, AftersaleStatus.APPLIED), aftersale(5, AftersaleStatus.REFUSED),
         aftersale(9, AftersaleStatus.APPLIED)],
    )  # fmt: skip
    assert value_of(again, "status") == "applied"
    done = fold(
        aftersale_registers,
        [aftersale(20, AftersaleStatus.SUCCEEDED), aftersale(25, AftersaleStatus.APPLIED)],
    )
    assert value_of(done, "status") == "succeeded"


def test_of_two_states_in_the_same_second_the_later_stage_counts() -> None:
    """抖店 times are whole seconds: 'agreed' and 'goods sent back' may carry the same one."""
    both = [aftersale(5, AftersaleStatus.RETURNING), aftersale(5, AftersaleStatus.RETURNED)]
    assert value_of(fold(aftersale_registers, both), "status") == "returned"
    assert value_of(fold(aftersale_registers, both[::-1]), "status") == "returned"
    assert AFTERSALE_RANK[AftersaleStatus.RETURNED] > AFTERSALE_RANK[AftersaleStatus.RETURNING]


def test_an_arbitration_push_without_a_time_fills_a_gap_but_undoes_nothing() -> None:
    """Tags 212–218 carry no time (channels.md §1.3): they may tell something new, never overrule."""
    fresh = aftersale(None, arbitration=Arbitration.IN_PROGRESS)
    assert value_of(fold(aftersale_registers, [fresh]), "arbitration") == "in_progress"
    known = aftersale(30, arbitration=Arbitration.FOR_SELLER)
    for facts in ([known, fresh], [fresh, known]):
        assert value_of(fold(aftersale_registers, facts), "arbitration") == "for_seller"


def test_a_parcel_that_was_signed_for_stays_signed_for() -> None:
    def seen(*nodes: RouteNode) -> ParcelFact:
        return ParcelFact(Source("doudian", 9, NOON), NUMBER, "SF1", nodes=nodes)

    signed = RouteNode(NOON + timedelta(hours=40), "已签收，签收人：本人", ParcelState.SIGNED)
    late = RouteNode(NOON + timedelta(hours=41), "快件在【嘉兴转运中心】扫描", ParcelState.IN_TRANSIT)
    mirror = fold(parcel_registers, [seen(signed), seen(late)])
    assert value_of(mirror, "newest_node")["state"] == "signed"


# ---- with the database


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


def test_values_alone_are_what_people_see() -> None:
    assert values(fold(order_registers, [fact(1, OrderStatus.PAID)])) == {
        "platform_order_id": NUMBER,
        "status": "paid",
    }
