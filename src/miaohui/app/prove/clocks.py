"""Reply clocks over kill -9 and steps of the wall clock: none early, none twice, none missed (F8, R11).

The real server process, restarted after every kill, lives in a world whose wall clock is stepped by ±8 hours
(libfaketime moves it by a file; boot time stays true). The parent lives in the true world and watches the
database: what it sees cannot be explained away by a clock that the server itself believes in.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from miaohui.app.bench.report import Figure, percentile
from miaohui.app.process import Process
from miaohui.app.prove import stand
from miaohui.app.prove.nursery import Nursery
from miaohui.kit.clock import Clock, to_ms
from miaohui.kit.randomness import Rng
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.sla.store import clocks as table

STEP_S = 28_800
PER_SECOND = 60
LIFE_S = (0.2, 1.2)
A_KILL_TAKES_S = 1.2  # a life and a start; clocks fall due for as long as servers are killed
START_LIMIT_S = 20.0
END_LIMIT_S = 10.0
WHOLE_LIMIT_S = 240.0


def measure(kills: int = 100, clocks: int = 10_000, seed: int = 0) -> list[Figure]:
    """Return what `kills` kills and as many steps of the wall clock did to `clocks` open clocks."""
    with tempfile.TemporaryDirectory(prefix="miaohui-clocks-") as name:
        folder = Path(name)
        library = _faketime()
        step_file = folder / "step"
        step_file.write_text("+0\n")
        nursery = Nursery(
            folder,
            {
                "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(step_file), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            },
        )  # fmt: skip
        try:
            return _Proof(folder, nursery, step_file, (kills, clocks), Rng(seed)).run()
        finally:
            nursery.close()


def _faketime() -> str:
    """Return the library's path. Raises: ImportError, saying what to install."""
    import libfaketime

    found = sorted(Path(libfaketime.__file__).parent.glob("vendor/libfaketime/src/libfaketime.so*"))
    if not found:
        raise ImportError("the package libfaketime has no library here; this proof runs on Linux")
    return str(found[0])


@dataclass(frozen=True)
class Up:
    """A span in which a server ran. Units: true milliseconds since 1970."""

    from_ms: int
    until_ms: int


class _Proof:
    def __init__(
        self, folder: Path, nursery: Nursery, step_file: Path, size: tuple[int, int], rng: Rng
    ) -> None:
        self.folder, self.nursery, self.step_file, self.rng = folder, nursery, step_file, rng
        self.kills, self.clock_count = size
        self.settings = stand.settings_for(folder, stand.free_port(), 9)
        self.ups: list[Up] = []
        self.seen: dict[int, int] = {}
        self.told: list[int] = []
        self.read_up_to = 0
        self.steps: list[str] = ["+0"]

    def run(self) -> list[Figure]:
        """Open the clocks, kill and step, wait for the last deadline, judge."""
        started = time.perf_counter()
        process = Process(self.settings)
        where = stand.build(process, "http://127.0.0.1:9", agents=2)
        self.true: Clock = process.clock
        seconds = 2.0 + A_KILL_TAKES_S * self.kills
        firing = min(self.clock_count // 2, int(seconds * PER_SECOND))
        process.rt.lane.run_here(lambda tx: self._open(tx, where.shop_id, firing, seconds), SYSTEM)
        process.close()
        begun_ms = to_ms(self.true.now())
        for _ in range(self.kills):
            self._life(self.rng.uniform(*LIFE_S))
        left_s = max(0.0, seconds + 3.0 - (to_ms(self.true.now()) - begun_ms) / 1000)
        self._life(left_s + 3.0)
        limit = WHOLE_LIMIT_S if self.kills >= 100 else None
        return [
            *self._judge(firing),
            Figure("whole proof", time.perf_counter() - started, "s", at_most=limit),
        ]

    def _open(self, tx: Tx, shop_id: int, firing: int, seconds: float) -> None:
        """Write open clocks straight into the room's table: some fall due while we watch, the others in 4 hours,
        where a step of 8 hours reaches them."""
        first, far = tx.now + timedelta(seconds=1), tx.now + timedelta(hours=4)
        rows = []
        for n in range(self.clock_count):
            due = first + timedelta(seconds=n * seconds / firing) if n < firing else far
            rows.append(
                {
                    "id": n + 1, "shop_id": shop_id, "conversation_id": 10_000_000 + n, "session_id": n + 1,
                    "anchor_message_id": n + 1, "started_at": tx.now, "counts_from_at": tx.now,
                    "target_s": 20, "reason_zh": "晚间 ≤20 秒", "source": "prove", "due_at": due,
                    "warn_at": tx.now, "popup_at": tx.now, "warned_at": tx.now, "popped_at": tx.now,
                    "next_at": due,
                }
            )  # fmt: skip
        tx.execute(insert(table), rows)

    # ---- the lives of the server

    def _life(self, seconds: float) -> None:
        """Start a server, step the wall clock somewhere in its life or while it is down, kill it."""
        if self.rng.random() < 0.5:
            self._step()
        pid = self._start()
        up_ms, ends = to_ms(self.true.now()), time.monotonic() + seconds
        steps_at = time.monotonic() + self.rng.uniform(0, seconds)
        while time.monotonic() < ends:
            if time.monotonic() >= steps_at:
                self._step()
                steps_at = ends
            self._look()
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        self.ups.append(Up(up_ms, to_ms(self.true.now())))
        _wait_until_gone(pid)
        self._look()

    def _start(self) -> int:
        """Start a server and wait until it listens; return its process id. Raises: RuntimeError, with its log."""
        pid = self.nursery.start(self.settings)
        try:
            stand.wait_for_port(self.settings.port, START_LIMIT_S)
        except TimeoutError as error:
            log = self.folder / "server.log"
            raise RuntimeError(f"{error}: {log.read_text()[-2000:] if log.exists() else ''}") from error
        return pid

    def _step(self) -> None:
        """Step the wall clock by eight hours, forwards or backwards."""
        step = self.rng.choice([s for s in ("+0", f"+{STEP_S}", f"-{STEP_S}") if s != self.steps[-1]])
        self.steps.append(step)
        # In one go: a server that reads an empty file ends itself.
        fresh = self.step_file.with_suffix(".new")
        fresh.write_text(step + "\n")
        fresh.replace(self.step_file)

    def _look(self) -> None:
        """Note what was told since the last look, and when we saw it in true time."""
        with contextlib.closing(self._database()) as conn:
            sql = "SELECT id, data FROM kit_feed WHERE id > ? AND name = 'sla.clock_breached' ORDER BY id"
            rows = conn.execute(sql, (self.read_up_to,)).fetchall()
            now_ms = to_ms(self.true.now())
        for event_id, data in rows:
            self.read_up_to, clock_id = event_id, int(json.loads(data)["clock_id"])
            self.told.append(clock_id)
            self.seen.setdefault(clock_id, now_ms)

    def _database(self) -> sqlite3.Connection:
        path = self.settings.data_dir / "miaohui.db"
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)

    # ---- the verdict

    def _judge(self, firing: int) -> list[Figure]:
        self._look()
        with contextlib.closing(self._database()) as conn:
            due = dict(conn.execute("SELECT id, due_at FROM sla_clocks").fetchall())
            sql = "SELECT id, breached_at FROM sla_clocks WHERE breached_at IS NOT NULL"
            fired = dict(conn.execute(sql).fetchall())
        now_ms, told = to_ms(self.true.now()), self.told
        owed = {clock_id for clock_id, at in due.items() if at <= now_ms}
        early = [c for c, at in fired.items() if at < due[c] or self.seen.get(c, now_ms) < due[c]]
        late = [self._late_ms(due[c], at) for c, at in fired.items()]
        drift = [self.seen[c] - fired[c] for c in self.seen if c in fired]
        facts = {
            "kills": self.kills, "steps_of_8_h": len(self.steps) - 1, "open": self.clock_count,
            "due_while_watched": firing, "due_while_down": self._count_down(due, owed),
            "p50_ms": percentile(late, 0.5), "p99_ms": percentile(late, 0.99),
        }  # fmt: skip
        truth = {"least_ms": min(drift), "what": "true time at sight minus the server's own time of firing"}
        return [
            Figure("clocks fired early", len(early), "clocks", at_most=0, facts=facts),
            Figure("clocks fired twice", len(told) - len(set(told)), "clocks", at_most=0),
            Figure("clocks missed", len(owed - (set(told) & set(fired))), "clocks", at_most=0),
            Figure("clocks fired that are not due", len((set(told) | set(fired)) - owed), "clocks", at_most=0),
            Figure("lateness without the time the server was down, max", max(late) / 1000, "s", at_most=1.0),
            Figure("the server's clock against true time", max(map(abs, drift)) / 1000, "s", at_most=5.0, facts=truth),
        ]  # fmt: skip

    def _late_ms(self, due_ms: int, fired_ms: int) -> float:
        """Return how late a clock fired, not counting the time in which no server was ready."""
        down, ready = 0, 0
        for up in self.ups:
            # A server fires before its port is open: its readiness counts from the earlier of the two.
            since = min(up.from_ms, fired_ms) if fired_ms <= up.until_ms and fired_ms > ready else up.from_ms
            down += max(0, min(since, fired_ms) - max(ready, due_ms))
            ready = up.until_ms
        return float(max(0, fired_ms - due_ms - down))

    def _count_down(self, due: dict[int, int], owed: set[int]) -> int:
        return sum(not any(up.from_ms <= due[c] <= up.until_ms for up in self.ups) for c in owed)


def _wait_until_gone(pid: int) -> None:
    """Wait for a killed server's end: its port closes before it lets go of the lock on its folder.

    Raises: TimeoutError.
    """
    ends = time.monotonic() + END_LIMIT_S
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > ends:
            raise TimeoutError(f"the killed server {pid} is still there")
        time.sleep(0.005)
