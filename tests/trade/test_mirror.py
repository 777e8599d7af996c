"""Facts come late, twice, in any order; the mirror ends at the platform's truth (reliability.md F7, R3)."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from miaohui.trade.model import (
    AftersaleFact,
    AftersaleStatus,
    Arbitration,
    OrderFact,
    OrderStatus,
    ParcelFact,
    ParcelState,
    RouteNode,
    Source,
)
from miaohui.trade.model.facts import AFTERSALE_RANK, ORDER_RANK
from miaohui.trade.model.mirror import values
from miaohui.trade.model.registers import (
    Registers,
    aftersale_registers,
    order_registers,
    parcel_registers,
    value_of,
)
from tests.trade.telling import (
    NUMBER,
    aftersale,
    aftersale_facts,
    disordered,
    fact,
    fold,
    order_facts,
    shuffles,
)
from tests.world import NOON


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


def test_values_alone_are_what_people_see() -> None:
    assert values(fold(order_registers, [fact(1, OrderStatus.PAID)])) == {
        "platform_order_id": NUMBER,
        "status": "paid",
    }
