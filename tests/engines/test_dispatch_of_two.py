"""Two processes dispatch in the same shop at once (PostgreSQL): the gate keeps every promise."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from miaohui.channels.model import Inbound, Kind, Party, Role
from miaohui.channels.model.parts import Text
from miaohui.inbox.actions.conversation import close_conversation
from miaohui.inbox.actions.receive import receive_message
from miaohui.kit.db import Database
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.errors import Refusal
from miaohui.kit.ids import IdSource
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM, Actor
from miaohui.routing import actions
from tests.routing.desk import ACCOUNT, ANNA, BEN, Desk
from tests.world import SHOP_A, World


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def second(desk: Desk, node: int) -> Runtime:
    """Return another process's runtime on the same database, its lane started."""
    world = desk.world
    url = world.db.url.render_as_string(hide_password=False)
    ids = IdSource(world.clock, node)
    rt = Runtime(Database(url), world.clock, ids, world.rng, world.wiring, Doorbell(), Path("."))
    rt.lane.start()
    return rt


def fact(desk: Desk, n: int) -> Inbound:
    return Inbound(
        channel="douyin", account_key="key-a", event_key=f"x-{n}", kind=Kind.MESSAGE,
        occurred_at=desk.world.clock.now(), actor=Party(Role.BUYER, f"x-{n}", "赵"), conversation_key=f"x-{n}",
        message_key=f"x-{n}", entry="商品详情页", parts=(Text("在吗"),),
    )  # fmt: skip


def test_two_processes_never_exceed_a_capacity_and_never_own_a_chat_twice(desk: Desk) -> None:
    desk.rules(shrink=False)
    desk.seat(ANNA, "pre_sale", capacity=5)
    desk.seat(BEN, "pre_sale", capacity=3)
    lanes = [second(desk, 1), second(desk, 2)]

    async def open_all() -> list[int]:
        found = await asyncio.gather(
            *(
                lanes[n % 2].write(SYSTEM, lambda tx, n=n: receive_message(tx, ACCOUNT, fact(desk, n)))
                for n in range(40)
            )
        )
        return [received.conversation_id for received in found]

    chats = asyncio.run(open_all())
    assert desk.loads() == {ANNA: 5, BEN: 3} and len(desk.waiting()) == 32

    async def close_and_claim() -> list[object]:
        placed = [chat for chat, owner in desk.owners().items() if owner is not None]
        wanted = desk.waiting()[-1]
        closing = [
            lanes[n % 2].write(SYSTEM, lambda tx, c=c: close_conversation(tx, SHOP_A, c, "agent", None))
            for n, c in enumerate(placed)
        ]
        claims = [
            lanes[n % 2].write(Actor("user", who), lambda tx, w=who: actions.claim(tx, SHOP_A, wanted, w))
            for n, who in enumerate([ANNA, BEN] * 4)
        ]
        return await asyncio.gather(*closing, *claims, return_exceptions=True)

    results = asyncio.run(close_and_claim())
    assert all(r is None or isinstance(r, int | Refusal) for r in results), results
    loads = desk.loads()
    assert loads[ANNA] <= 5 and loads[BEN] <= 3 and sum(loads.values()) == 8
    assert len(desk.waiting()) == len(chats) - 16
    for rt in lanes:
        rt.lane.stop()
        rt.db.close()
