"""The doorbell: wakes whoever waits for a name (feed, jobs, timers, deliveries …) after a commit.

It carries no data and may be lost: every listener also looks by itself after a while (house §5).
In-process here; `PostgresDoorbell` and `NatsDoorbell` carry the ring to other processes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from typing import Any

import psycopg
import structlog

from miaohui.kit.engines import PATIENCE
from miaohui.kit.line import AsyncLine

log = structlog.get_logger()
CHANNEL = "miaohui"
RECONNECT_AFTER_S = 0.5
PROBE_S = 10


class Doorbell:
    """Rings inside one process. Listeners hold an `asyncio.Event` each."""

    def __init__(self) -> None:
        self._events: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Bind to the running loop; rings before that are dropped, since nobody waits yet."""
        self._loop = asyncio.get_running_loop()

    async def stop(self) -> None:
        """Let go of the loop."""
        self._loop = None

    def listen(self, *names: str) -> asyncio.Event:
        """Return an event that is set by a ring of any of `names`; the listener clears it."""
        event = asyncio.Event()
        for name in names:
            self._events[name].add(event)
        return event

    def unlisten(self, event: asyncio.Event) -> None:
        """Forget a listener."""
        for events in self._events.values():
            events.discard(event)

    def ring(self, names: Iterable[str]) -> None:
        """Ring from any thread, after the commit."""
        loop, wanted = self._loop, list(names)
        if loop is not None and wanted:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(self.ring_here, wanted)

    def ring_here(self, names: Iterable[str]) -> None:
        """Set the events; only on the loop's thread."""
        for name in names:
            for event in self._events.get(name, ()):
                event.set()

    def ring_everybody(self) -> None:
        """Set every event: after a connection was lost, nobody knows what rang meanwhile."""
        self.ring_here(list(self._events))


class PostgresDoorbell(Doorbell):
    """Carries rings between processes by LISTEN/NOTIFY: at most one NOTIFY per batch, payload = names."""

    def __init__(self, dsn: str) -> None:
        super().__init__()
        self._dsn = dsn
        self._task: asyncio.Task[None] | None = None
        self._out: asyncio.Queue[str] = asyncio.Queue()

    async def start(self) -> None:
        await super().start()
        self._task = asyncio.create_task(self._run(), name="doorbell")

    async def stop(self) -> None:
        await super().stop()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def ring(self, names: Iterable[str]) -> None:
        wanted = list(names)
        super().ring(wanted)
        if self._loop is not None and wanted and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._out.put_nowait, " ".join(wanted))

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.TaskGroup() as both:  # when one connection is lost the other one goes too
                    both.create_task(self._receive())
                    both.create_task(self._send())
            except* (psycopg.Error, OSError) as lost:
                log.warning("doorbell.lost", error=str(lost.exceptions[0])[:200])
            await asyncio.sleep(RECONNECT_AFTER_S)

    @contextlib.asynccontextmanager
    async def _line(self) -> AsyncIterator[AsyncLine]:
        """Give a connection; it is closed without a word, since nobody may be there to hear one."""
        conn = await AsyncLine.connect(self._dsn, autocommit=True, **PATIENCE)
        try:
            yield conn
        finally:
            conn.pgconn.finish()

    async def _receive(self) -> None:
        async with self._line() as conn:
            await conn.execute(f"LISTEN {CHANNEL}")
            self.ring_everybody()  # what rang while nobody listened
            while True:
                async for note in conn.notifies(timeout=PROBE_S):
                    self.ring_here(note.payload.split(" "))
                await conn.execute("SELECT 1")  # a line on which nothing comes may be a dead one

    async def _send(self) -> None:
        async with self._line() as conn:
            while True:
                names = set((await self._out.get()).split(" "))
                while not self._out.empty():
                    names |= set(self._out.get_nowait().split(" "))
                await conn.execute("SELECT pg_notify(%s, %s)", (CHANNEL, " ".join(sorted(names))))


class NatsDoorbell(Doorbell):
    """Carries rings between processes by NATS core; the server may vanish, be wiped and come back."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._client: Any = None
        self._pending: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await super().start()
        self._task = asyncio.create_task(self._connect(), name="doorbell")

    async def _connect(self) -> None:
        import nats

        async def received(message: Any) -> None:
            self.ring_here(message.data.decode().split(" "))

        async def quiet(error: Exception) -> None:
            log.warning("doorbell.error", error=str(error))

        async def back() -> None:
            self.ring_everybody()  # what rang while nobody listened

        while True:
            try:
                client = await nats.connect(
                    self._url,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.5,
                    error_cb=quiet,
                    reconnected_cb=back,
                    connect_timeout=2,
                    ping_interval=PROBE_S,
                    max_outstanding_pings=2,
                )
                await client.subscribe(CHANNEL, cb=received)
                self._client = client
                self.ring_everybody()
                return
            except Exception as error:
                log.warning("doorbell.unreachable", error=str(error))
                await asyncio.sleep(1.0)

    async def stop(self) -> None:
        await super().stop()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._client is not None:
            with contextlib.suppress(Exception):
                await self._client.close()

    def ring(self, names: Iterable[str]) -> None:
        wanted = list(names)
        super().ring(wanted)
        loop = self._loop
        if loop is not None and wanted and self._client is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._publish, wanted)

    def _publish(self, names: list[str]) -> None:
        async def publish() -> None:
            with contextlib.suppress(Exception):
                await self._client.publish(CHANNEL, " ".join(names).encode())

        task = asyncio.get_running_loop().create_task(publish())
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)
