"""Many browsers on one server: each follows the feed, comes back when it is cut off, and counts what it heard."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from miaohui.app.prove import stand


@dataclass
class Member:
    """One browser. `heard`: message ids in the order in which they came; `live_at`: of the last welcome."""

    token: str
    heard: list[int] = field(default_factory=list)
    last_id: int | None = None
    live_at: float = 0.0
    tries: int = 0
    resyncs: int = 0


class Herd:
    """`size` browsers in one thread. They wait `pause_s` times chance before they come back (0: all at once)."""

    def __init__(self, port: int, where: stand.Stand, size: int, pause_s: float) -> None:
        self.port, self.pause_s, self._rng = port, pause_s, Random(1)
        self.members = [Member(where.tokens[0]) for _ in range(size)]
        self.may_come = True  # False: who is cut off stays away for now
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Send everybody home."""
        self._over.set()
        self._thread.join(20)

    def live_since(self, moment: float) -> int:
        """Return how many were welcomed after `moment` (seconds of time.monotonic)."""
        return sum(one.live_at > moment for one in self.members)

    def has_heard(self, count: int) -> bool:
        """Tell whether everybody has heard at least so many messages."""
        return all(len(one.heard) >= count for one in self.members)

    def heard_by_everybody(self, ids: set[int]) -> bool:
        """Tell whether everybody has heard exactly these messages, each once."""
        return all(len(one.heard) == len(ids) and set(one.heard) == ids for one in self.members)

    async def _all(self) -> None:
        tasks = [asyncio.create_task(self._live(one)) for one in self.members]
        while not self._over.is_set():
            await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _live(self, one: Member) -> None:
        address = f"ws://127.0.0.1:{self.port}/api/live"
        headers = {"Authorization": f"Bearer {one.token}"}
        while True:
            one.tries += 1
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                async with connect(
                    address, additional_headers=headers, max_size=None, compression=None, open_timeout=20,
                    ping_interval=None,
                ) as line:  # fmt: skip
                    await self._follow(one, line)
            while not self.may_come:
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.2 + self.pause_s * self._rng.random())

    async def _follow(self, one: Member, line: ClientConnection) -> None:
        await line.send(json.dumps({"type": "hello", "topics": ["shop"], "since": one.last_id}))
        async for text in line:
            self._take(one, json.loads(text))

    def _take(self, one: Member, told: dict[str, Any]) -> None:
        match told["type"]:
            case "welcome":
                one.live_at = time.monotonic()
                if one.last_id is None:
                    one.last_id = told["last_id"]
            case "resync":
                one.resyncs += 1
            case "event":
                one.last_id = told["id"]
                if told["name"] == "inbox.message_received":
                    one.heard.append(int(told["data"]["message"]["id"]))
