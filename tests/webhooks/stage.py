"""A stage for webhooks: a consumer behind the egress port, jobs and the feed follower moved by hand."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from miaohui.kit import jobs as kit_jobs
from miaohui.kit.crypto import Vault
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.egress import Ask, Reply
from miaohui.kit.runtime import Runtime
from miaohui.kit.worker import Job
from miaohui.webhooks import actions, queries
from miaohui.webhooks.actions import Endpoint
from miaohui.webhooks.jobs import HANDLERS, FeedFollower
from tests.world import SHOP_A, World


class Consumer:
    """The other side, as the egress port sees it: answers what it was told to, remembers what it got."""

    def __init__(self) -> None:
        self.got: list[Ask] = []
        self.answers: list[Any] = []

    async def send(self, ask: Ask) -> Reply:
        self.got.append(ask)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        status, extra = answer if isinstance(answer, tuple) else (answer, {})
        return Reply(status, extra, f"status {status}".encode(), ask.system)

    async def check(self, url: str) -> None:
        return None


class Stage:
    """A runtime whose jobs and feed follower are moved by hand."""

    def __init__(self, world: World) -> None:
        self.world, self.consumer, self.vault = world, Consumer(), Vault(bytes(32))
        self.rt = Runtime(world.db, world.clock, world.ids, world.rng, world.wiring, Doorbell(), Path("."))
        self.rt.ports |= {"egress": self.consumer, "vault": self.vault}
        self.rt.lane.start()
        self.follower = FeedFollower(self.rt)

    def endpoint(self, *filters: str, shop: int = SHOP_A) -> tuple[int, str]:
        new = Endpoint("https://example.com/hook", filters or ("*",))
        return self.world.write(lambda tx: actions.add_endpoint(tx, self.vault, shop, new))

    def happen(self, name: str = "trade.order_mirrored", shop: int = SHOP_A, **data: Any) -> None:
        self.world.write(lambda tx: tx.feed(shop, ["shop"], name, data))

    def follow(self) -> None:
        while asyncio.run(self.follower.step()):
            pass

    def send(self) -> int:
        """Run the jobs that are due now, until none is; return how many requests went out."""
        before = len(self.consumer.got)
        while rows := self.world.write(lambda tx: kit_jobs.claim(tx.conn, tx.now, "w", 50)):
            for row in rows:
                asyncio.run(self._run(row))
        return len(self.consumer.got) - before

    async def _run(self, row: kit_jobs.JobRow) -> None:
        job = Job(row, self.rt)
        await HANDLERS[row.kind](job, self.rt)
        if not job.finished:
            await job.finish()

    def deliveries(self, endpoint_id: int, shop: int = SHOP_A) -> list[Any]:
        return list(
            self.world.read(lambda conn: queries.list_deliveries(conn, shop, endpoint_id, limit=200))[0]
        )

    def state(self, endpoint_id: int) -> str:
        return str(self.world.read(lambda conn: queries.get_endpoint(conn, SHOP_A, endpoint_id)).state)
