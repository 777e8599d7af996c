"""A desk wired like the application, on a clock that the test holds: what the sync test records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from miaohui.app.http import make_app
from miaohui.app.wiring import wire_events
from miaohui.channels.model import Inbound
from miaohui.inbox.actions.facts import apply_fact
from miaohui.kit.tx import SYSTEM, Actor
from miaohui.routing import actions as routing
from miaohui.routing.actions import PresenceChange
from miaohui.routing.model import Presence
from miaohui.routing.routes import router as routing_router
from miaohui.shop.actions import create_shop
from miaohui.sla.jobs import TIMERS as SLA_TIMERS
from miaohui.sla.routes import router as sla_router
from miaohui.staff import actions as staff
from miaohui.staff.actions.agents import AgentDraft
from tests.door import caller
from tests.inbox.desk import Desk
from tests.inbox.parts import line
from tests.world import ALICE, BOB, SHOP_A, World

BOSS = caller(ALICE, "owner")
AGENT = Actor("user", BOB, "u2")


class Shop:
    """Buyers, two agents and everything that follows from what they do."""

    def __init__(self, world: World, folder: Path) -> None:
        self.desk = Desk(world, folder)
        self.world = world
        wire_events(world.wiring, self.desk.rt)
        self.floor = make_app(self.desk.rt, self.desk.auth, [routing_router, sla_router])
        self.talks = self.desk.app
        world.write(lambda tx: create_shop(tx, "店铺", shop_id=SHOP_A))
        self.groups = world.write(lambda tx: staff.ensure_default_groups(tx, SHOP_A))
        group = self.groups["pre_sale"]
        for user_id in (ALICE, BOB):
            draft = AgentDraft(user_id, f"u{user_id}", (group,), 10)
            world.write(lambda tx, d=draft: staff.add_agent(tx, SHOP_A, d))
        self.be(BOB, Presence.ONLINE)
        self._count, self._seen, self.steps = 0, self.newest(), []

    def be(self, user_id: int, presence: Presence) -> None:
        change = PresenceChange(presence)
        self.world.write(
            lambda tx: routing.set_presence(tx, SHOP_A, user_id, change),
            Actor("user", user_id, f"u{user_id}"),
        )

    def do(self, fn: Callable[[Any], Any], actor: Actor = AGENT) -> Any:
        return self.world.write(fn, actor)

    def fact(self, text: str = "在吗", buyer: str = "b1", **more: Any) -> Inbound:
        """A buyer's delivery now."""
        self._count += 1
        key = more.pop("key", f"k{self._count}")
        return line(text, key, buyer, account=self.desk.account, at=self.world.clock.now(), **more)

    def arrive(self, fact: Inbound) -> str:
        return str(self.world.write(lambda tx: apply_fact(tx, self.desk.account, fact)))

    def one(self, sql: str) -> int:
        return int(self.world.read(lambda conn: conn.exec_driver_sql(sql).scalar_one()))

    def call(self, method: str, path: str, **options: Any) -> Any:
        answer = self.desk.call(method, path, BOSS, **options)
        assert answer.status < 300, (path, answer.body)
        return answer.body

    def fire(self, seconds: float) -> None:
        """Let time pass and the reply clocks run."""
        self.world.clock.advance(seconds)
        for source in SLA_TIMERS:
            while (due := self.world.read(source.next_due)) is not None and due <= self.world.clock.now():
                if not self.world.write(source.fire, SYSTEM):
                    break

    # ---- what is recorded

    def newest(self) -> int:
        return self.one("SELECT coalesce(max(id), 0) FROM kit_feed")

    def note(self, name: str) -> None:
        """Keep what an action told and what a fresh fetch shows after it."""
        sql = f"SELECT id, name, at_ms, data FROM kit_feed WHERE id > {self._seen} ORDER BY id"
        rows = self.world.read(lambda conn: conn.exec_driver_sql(sql).all())
        self._seen = self.newest()
        events = [
            {"type": "event", "id": r[0], "shop_id": SHOP_A, "name": r[1], "at_ms": r[2], "data": json.loads(r[3])}
            for r in rows
        ]  # fmt: skip
        self.steps.append({"action": name, "events": events, **self.fresh()})

    def fresh(self) -> dict[str, Any]:
        """Return what a page that has just been opened is told."""
        boxes = ("open", "mine", "unassigned", "waiting", "overdue", "snoozed", "closed")
        lists = {box: self.call("GET", f"/api/conversations?box={box}&limit=100")["items"] for box in boxes}
        ids = sorted({row["id"] for items in lists.values() for row in items})
        opened = {str(i): self.call("GET", f"/api/conversations/{i}?limit=200") for i in ids}
        now = int(self.world.clock.now().timestamp() * 1000)
        self.desk.app = self.floor
        room, today = self.call("GET", "/api/presence"), self.call("GET", "/api/sla/today")
        calls = self.call("GET", "/api/reserve-calls")["items"]
        self.desk.app = self.talks
        return {"now_ms": now, "lists": lists, "opened": opened, "room": room, "today": today, "calls": calls}

    def close(self) -> None:
        self.desk.close()
