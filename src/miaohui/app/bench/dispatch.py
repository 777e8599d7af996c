"""Assignment after an agent frees up, with thousands queued and buyers still coming in.

Fifty agents are full; a conversation ends, and the figure is the time until the next buyer's assignment is
committed (FULL): the whole way through the real wiring, the writer lane and the disk, while other buyers
write a hundred messages a second. Source: issue 2, figure "assignment after an agent frees up".
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from functools import partial
from pathlib import Path
from random import Random

from miaohui.app.bench.report import Figure, median_fdatasync_ms, percentile
from miaohui.app.process import Process
from miaohui.app.prove import stand
from miaohui.channels.model import Account, Inbound, Kind, Party, Role
from miaohui.channels.model.parts import Text
from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY
from miaohui.inbox.actions import close_conversation, receive_message
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.routing import queries as routing
from miaohui.routing.events import ConversationPlaced
from miaohui.shop import queries as shop

BATCH = 100
MESSAGES_PER_S = 100


class Rush:
    """A shop at its limit: everybody full, `queued` buyers waiting."""

    def __init__(self, process: Process, agents: int) -> None:
        self.rt = process.rt
        where = stand.build(process, "http://127.0.0.1:9", agents=agents, capacity=10)
        self.shop_id, self.random, self.count = where.shop_id, Random(7), 0
        vault = self.rt.ports["vault"]
        found = self.rt.read_here(lambda conn: shop.list_live_accounts(conn, vault))[0]
        self.account = Account(self.shop_id, found.id, CLIENT_KEY, found.channel)
        self.placed_count = 0
        self.rt.wiring.on(ConversationPlaced, self._note)

    def _note(self, tx: Tx, event: ConversationPlaced) -> None:
        if event.trigger == "drained":
            self.placed_count += 1  # the same conversation may wait twice: its buyer comes back

    def line(self, buyer: int) -> Inbound:
        """Return one line of a buyer."""
        self.count += 1
        return Inbound(
            channel=self.account.channel, account_key=CLIENT_KEY, event_key=f"e{self.count}", kind=Kind.MESSAGE,
            occurred_at=self.rt.clock.now(), actor=Party(Role.BUYER, f"b{buyer}", "赵小明"),
            conversation_key=f"c{buyer}", message_key=f"m{self.count}", entry="商品详情页",
            parts=(Text("在吗，今天能发货吗"),),
        )  # fmt: skip

    def _receive(self, facts: list[Inbound], tx: Tx) -> None:
        for fact in facts:
            receive_message(tx, self.account, fact)

    async def arrive(self, buyers: range) -> None:
        """Let buyers write their first line, a hundred in a transaction."""
        for start in range(buyers.start, buyers.stop, BATCH):
            facts = [self.line(b) for b in range(start, min(start + BATCH, buyers.stop))]
            await self.rt.write(SYSTEM, partial(self._receive, facts))

    async def keep_writing(self, buyers: int) -> None:
        """Let buyers who are here write on, and every tenth time somebody new come in, until cancelled."""
        while True:
            new = self.random.random() < 0.1
            buyer = 10**6 + self.count if new else self.random.randrange(buyers)
            fact = self.line(buyer)
            await self.rt.write(SYSTEM, partial(self._receive, [fact]), hot=True)
            await asyncio.sleep(1 / MESSAGES_PER_S)

    async def free_up(self) -> float:
        """End one conversation; return the milliseconds until the next buyer's assignment was committed."""
        chats = await self.rt.read(lambda conn: routing.list_held(conn, self.shop_id))
        chat = chats[self.random.randrange(len(chats))]
        before = self.placed_count
        started = time.perf_counter()
        await self.rt.write(SYSTEM, lambda tx: close_conversation(tx, self.shop_id, chat, "agent", None))
        took = (time.perf_counter() - started) * 1000
        if self.placed_count == before:
            raise RuntimeError(f"conversation {chat} ended and nobody was assigned")
        return took


def measure(queued: int = 5_000, rounds: int = 1_000, agents: int = 50) -> list[Figure]:
    """Return the figure's p99 in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name:
        folder = Path(name)
        process = Process(stand.settings_for(folder, stand.free_port(), 9))
        rush = Rush(process, agents)
        process.rt.lane.start()
        times, waiting = asyncio.run(_run(rush, queued + agents * 10, rounds))
        process.rt.lane.stop()
        process.close()
        facts = {
            "p50_ms": round(percentile(times, 0.5), 1), "max_ms": round(max(times), 1), "n": len(times),
            "queued": waiting, "agents": agents, "messages_per_s": MESSAGES_PER_S,
            "median_fdatasync_ms": round(median_fdatasync_ms(folder), 2),
        }  # fmt: skip
        return [
            Figure(
                "assignment after an agent frees up, p99",
                percentile(times, 0.99),
                "ms",
                at_most=200,
                facts=facts,
            )
        ]


async def _run(rush: Rush, buyers: int, rounds: int) -> tuple[list[float], int]:
    await rush.arrive(range(buyers))
    counts = await rush.rt.read(lambda conn: routing.count_waiting(conn, rush.shop_id))
    noise = asyncio.create_task(rush.keep_writing(buyers))
    times = [await rush.free_up() for _ in range(rounds)]
    noise.cancel()
    return times, sum(count.count for count in counts)
