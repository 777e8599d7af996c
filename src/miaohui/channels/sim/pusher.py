"""The push side of a simulated platform: signs, delivers, retries with the same message id, keeps a record."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from miaohui.channels.sim.chaos import Manners, copies
from miaohui.channels.sim.http import Answer, Poster

RECORDS = 20_000


@dataclass(frozen=True)
class Envelope:
    """One signed body and what is inside."""

    body: bytes
    headers: Mapping[str, str]
    ids: tuple[str, ...]


@dataclass
class Policy:
    """How the platform retries. Units: seconds. `cancel_after` failed deliveries in a row end the
    subscription (抖音 does that to an address that is long unresponsive); 0: never."""

    url: str = ""
    tries: int = 3
    pause_s: float = 1.0
    cancel_after: int = 0
    manners: Manners = field(default_factory=Manners)


@dataclass(frozen=True)
class Record:
    """One try. Units: milliseconds from the first byte sent to the answer."""

    ids: tuple[str, ...]
    attempt: int
    status: int
    ok: bool
    error: str = ""
    at_ms: float = 0.0
    took_ms: float = 0.0


class Pusher:
    """Delivers events to the subscriber's address.

    `seal(events)` makes the signed body; `is_ack(answer)` says whether the platform takes it as received.
    """

    def __init__(
        self, seal: Callable[[Sequence[Any]], Envelope], is_ack: Callable[[Answer], bool],
        timeout_s: float = 5.0, max_batch: int = 1_000,
    ) -> None:  # fmt: skip
        self.policy = Policy()
        self.records: deque[Record] = deque(maxlen=RECORDS)
        self.lost_ids: list[str] = []
        self.lost_events: list[Any] = []
        self.given_up_count = self.doubled_count = self.try_count = 0
        self.failed_in_a_row = 0
        self.is_cancelled = False
        self._seal, self._is_ack, self._timeout_s, self._max_batch = seal, is_ack, timeout_s, max_batch
        self._rng = random.Random(1)
        self._waiting: list[Any] = []
        self._poster: Poster | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def configure(self, **changes: Any) -> None:
        """Change the policy; a new address or seed starts afresh."""
        self.policy = replace(self.policy, **changes)
        if "manners" in changes:
            self._rng = random.Random(self.policy.manners.seed)
        if "url" in changes:
            self.resume()
            if self._poster is not None:
                self._poster.close()
            self._poster = Poster(self.policy.url, self._timeout_s) if self.policy.url else None

    def resume(self) -> None:
        """Subscribe again."""
        self.failed_in_a_row, self.is_cancelled = 0, False

    def push(self, event: Any) -> None:
        """Deliver an event, with the manners of the policy. Without an address it is only forgotten."""
        if self._poster is None or self.is_cancelled:
            return
        times = copies(0, self.policy.manners, self._rng)
        if not times:
            self.lost_ids.extend(self._seal([event]).ids)
            self.lost_events.append(event)
        self.doubled_count += len(times) > 1
        for delay_ms in times:
            if delay_ms == 0 and min(self.policy.manners.batch, self._max_batch) > 1:
                self._gather(event)
            else:
                self._start(self._deliver([event], delay_ms / 1000))

    @property
    def open_count(self) -> int:
        """How many deliveries are still under way."""
        return len(self._tasks) + len(self._waiting)

    async def idle(self) -> None:
        """Wait until everything is delivered or given up."""
        while self.open_count:
            await asyncio.sleep(0.005)

    def close(self) -> None:
        """Forget what is still to be delivered."""
        for task in self._tasks:
            task.cancel()
        if self._poster is not None:
            self._poster.close()

    def _gather(self, event: Any) -> None:
        self._waiting.append(event)
        if len(self._waiting) == 1:
            self._start(self._flush())

    async def _flush(self) -> None:
        await asyncio.sleep(0.01)
        waiting, self._waiting = self._waiting, []
        while waiting:
            size = self._rng.randint(1, min(self.policy.manners.batch, self._max_batch))
            batch, waiting = waiting[:size], waiting[size:]
            self._start(self._deliver(batch, 0.0))

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, events: Sequence[Any], delay_s: float) -> None:
        if delay_s:
            await asyncio.sleep(delay_s)
        envelope = self._seal(events)
        for attempt in range(1, self.policy.tries + 1):
            if self._poster is None or self.is_cancelled:
                return
            started = time.perf_counter()
            answer = await self._poster.post(envelope.body, envelope.headers)
            took_ms = (time.perf_counter() - started) * 1000
            ok = self._is_ack(answer)
            at_ms = time.time() * 1000 - took_ms
            self.records.append(
                Record(envelope.ids, attempt, answer.status, ok, answer.error, at_ms, took_ms)
            )
            self.try_count += 1
            if ok:
                self.failed_in_a_row = 0
                return
            if attempt < self.policy.tries:
                await asyncio.sleep(self.policy.pause_s)
        self.given_up_count += 1
        self.failed_in_a_row += 1
        if self.policy.cancel_after and self.failed_in_a_row >= self.policy.cancel_after:
            self.is_cancelled = True
