"""Facts told in tests: of one order and one after-sale, at a minute, by anybody."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from miaohui.trade.model import (
    AftersaleFact,
    AftersaleStatus,
    Arbitration,
    OrderFact,
    OrderStatus,
    Source,
)
from miaohui.trade.model.mirror import kept, restored
from miaohui.trade.model.registers import (
    Registers,
)
from tests.world import NOON

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
