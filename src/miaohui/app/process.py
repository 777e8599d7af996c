"""One running process: opens the database, migrates, starts the lane and the loops, serves HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from fastapi import FastAPI

from miaohui.app import anchors, migrations
from miaohui.app.http import Edge, make_app
from miaohui.app.locking import AlreadyRunning, lock_data_dir
from miaohui.app.settings import Settings
from miaohui.app.wiring import Assembly, assemble
from miaohui.kit.clock import Clock, SteadyClock
from miaohui.kit.crypto import load_vault
from miaohui.kit.db import Database
from miaohui.kit.doorbell import Doorbell, NatsDoorbell, PostgresDoorbell
from miaohui.kit.ids import IdSource
from miaohui.kit.live import LiveHub
from miaohui.kit.randomness import system_rng
from miaohui.kit.runner import JobRunner
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Wiring
from miaohui.kit.worker import PumpLoop, TimerLoop

log = structlog.get_logger()
CANCEL_AGAIN_S = 2.0
__all__ = ["AlreadyRunning", "Process", "lock_data_dir", "make_doorbell"]


def make_doorbell(settings: Settings, db: Database) -> Doorbell:
    """Return the doorbell that fits: in-process, NOTIFY on PostgreSQL, NATS where an address is set."""
    if settings.bus.startswith("nats://"):
        return NatsDoorbell(settings.bus)
    if not db.is_sqlite:
        return PostgresDoorbell(db.url.set(drivername="postgresql").render_as_string(hide_password=False))
    return Doorbell()


class Process:
    """Everything that runs under one command. `clock` is given by tests and journeys only."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.lock = lock_data_dir(settings.data_dir) if settings.database_url.startswith("sqlite") else None
        self.db = Database(settings.database_url, settings.durability, allow_unsafe=settings.allow_unsafe)
        migrations.upgrade(self.db)
        self.clock = clock or SteadyClock(anchors.load(self.db))
        if isinstance(self.clock, SteadyClock):
            anchors.save(self.db, self.clock.anchor)
        self.rt = Runtime(
            self.db, self.clock, IdSource(self.clock, settings.node), system_rng(), Wiring(),
            make_doorbell(settings, self.db), settings.data_dir,
        )  # fmt: skip
        self.rt.ports["vault"] = load_vault(settings.data_dir / "secret.key")
        self.hub = LiveHub(self.rt)
        self.rt.ports["hub"] = self.hub
        self.assembly: Assembly = assemble(self.rt, settings)
        self.tasks: list[asyncio.Task[None]] = []
        self.app = make_app(self.rt, self.assembly.authenticator, self.assembly.routers, self.lifespan)
        self.app.state.hub = self.hub
        self.app.add_middleware(Edge)
        # Outside of the edge: what the edge refuses carries the headers too.
        for middleware, options in self.assembly.middleware:
            self.app.add_middleware(middleware, **options)

    @contextlib.asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Start and stop with the HTTP server."""
        await self.start()
        try:
            yield
        finally:
            await self.stop()

    async def start(self) -> None:
        """Start the lane, the doorbell and the loops."""
        await self.rt.doorbell.start()
        self.rt.lane.start()
        loops: list[tuple[str, Callable[[], Awaitable[None]]]] = [("hub", self.hub.run)]
        if self.settings.role in ("all", "worker"):
            a = self.assembly
            loops += [("jobs", JobRunner(self.rt, a.handlers, a.periodic).run)]
            loops += [("timers", TimerLoop(self.rt, a.timers).run)]
            loops += [(f"pump-{p.name}", PumpLoop(self.rt, p).run) for p in a.pumps]
        loops += self.assembly.loops
        self.tasks = [asyncio.create_task(self._keep(name, run), name=name) for name, run in loops]
        await self.hub.started.wait()

    async def _keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run a loop for ever: a loop that dies is logged and started again, never silently gone."""
        while True:
            try:
                await run()
                return
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("process.loop_died", loop=name)
                await asyncio.sleep(1.0)

    async def stop(self) -> None:
        """Stop the loops, finish what waits in the lane, close."""
        while self.tasks:
            for task in self.tasks:
                task.cancel()
            _, going_on = await asyncio.wait(self.tasks, timeout=CANCEL_AGAIN_S)
            self.tasks = list(going_on)  # somebody's library swallowed the word: say it again
        await asyncio.get_running_loop().run_in_executor(None, self.rt.lane.stop)
        await self.rt.doorbell.stop()
        self.close()

    def close(self) -> None:
        """Close a process that never served: the command line's set-up work."""
        self.rt.readers.shutdown(wait=True)
        self.db.close()
        if self.lock is not None:
            self.lock.close()
