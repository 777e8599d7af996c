"""Slow hashes never take the desk with them (R13, R29; stack: two at a time in threads)."""

from __future__ import annotations

import asyncio
import threading

from tests.access.conftest import CHEAP, PASSWORD, Desk, code_of

from miaohui.access import queries
from miaohui.kit.passwords import Cost, Passwords


class Watched(Passwords):
    """Real hashes, counted; they wait until `go` so that all of them overlap."""

    def __init__(self) -> None:
        super().__init__(Cost(memory_kib=64, rounds=1))
        self.go, self._lock = threading.Event(), threading.Lock()
        self.running = self.most = 0
        self.threads: set[str] = set()

    def matches(self, password_hash: str | None, password: str) -> bool:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
            self.threads.add(threading.current_thread().name)
        self.go.wait(10)
        try:
            return super().matches(password_hash, password)
        finally:
            with self._lock:
                self.running -= 1


def test_two_hashes_run_at_a_time_in_threads_and_a_long_queue_is_refused(desk: Desk) -> None:
    desk.person("alice", "owner")

    async def scenario() -> None:
        desk.door.passwords = watched = Watched()

        async def attempt(n: int) -> str:
            body = {"login": f"name{n}", "password": PASSWORD}
            return code_of(await desk.browser(f"198.51.100.{n}").post("/api/session", json=body))

        waiting = [asyncio.create_task(attempt(n)) for n in range(40)]
        while sum(task.done() for task in waiting) < 8:
            await asyncio.sleep(0)
        assert (await desk.browser().get("/healthz")).status_code == 200  # the desk goes on
        watched.go.set()
        codes = await asyncio.gather(*waiting)
        assert codes.count("kit.too_many_requests") == 8
        assert codes.count("access.login_failed") == 32
        assert watched.most == 2
        assert threading.current_thread().name not in watched.threads

    desk.run(scenario)


def test_a_hash_of_an_older_cost_is_renewed_by_the_next_log_in(desk: Desk) -> None:
    alice = desk.person("alice", "owner")

    async def scenario() -> None:
        desk.door.passwords = stronger = Passwords(Cost(memory_kib=128, rounds=1))
        await desk.log_in("alice")
        user = await desk.rt.read(lambda conn: queries.get_user(conn, alice))
        assert user.password_hash is not None
        assert not stronger.is_outdated(user.password_hash)
        assert CHEAP.is_outdated(user.password_hash)
        await desk.log_in("alice")

    desk.run(scenario)
