"""kill -9 at any instant: what was acknowledged is stored once, shown once, sent once (reliability.md F1).

The parent imports the program but opens nothing; each child is forked, opens the database, serves, and is
killed after 10–600 ms. A second process drives 64 keep-alive clients that re-send what was not acknowledged,
and agents who answer through the API. The platform is the simulator, a program of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.app import serve
from miaohui.app.bench.report import Figure, percentile
from miaohui.app.process import Process
from miaohui.app.prove import load, stand
from miaohui.app.settings import Settings
from miaohui.kit import audit
from miaohui.kit.db import Database
from miaohui.kit.randomness import Rng

CLIENTS = 64
START_LIMIT_S = 10.0
UNSETTLED = (
    "SELECT count(*) FROM inbox_deliveries WHERE state = 'waiting'",
    "SELECT count(*) FROM inbox_messages WHERE state IN ('queued', 'sending')",
)


def serve_until_killed(settings: Settings, log: str) -> None:
    """Run the real server in this process; its log lines go to the file `log`."""
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(handle, 2)
    serve.set_up_logs("json")
    process = Process(settings)
    serve.run_server(process, settings)


def measure(kills: int = 200, acknowledged: int = 50_000, seed: int = 0, url: str = "") -> list[Figure]:
    """Return the figures of the kill loop. `acknowledged`: the load goes on until so many are. `url`: an empty
    database elsewhere, instead of SQLite in a folder of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="miaohui-kill-") as name,
        stand.platform(Path(name)) as platform_port,
    ):
        settings = stand.settings_for(Path(name), stand.free_port(), platform_port)
        settings.database = url
        return _Proof(Path(name), platform_port, settings, (kills, acknowledged), Rng(seed)).run()


class _Proof:
    def __init__(
        self, folder: Path, platform_port: int, settings: Settings, size: tuple[int, int], rng: Rng
    ) -> None:
        self.folder, self.platform_port, self.settings = folder, platform_port, settings
        self.port, self.rng = settings.port, rng
        self.kills, self.wanted = size
        self.context = multiprocessing.get_context("fork")
        self.starts: list[float] = []

    def run(self) -> list[Figure]:
        """Set up, kill, let it settle, judge."""
        started = time.perf_counter()
        stand.ask(self.platform_port, "/sim/limits", {"is_strict": False})
        process = Process(self.settings)
        self.stand = stand.build(process, f"http://127.0.0.1:{self.platform_port}")
        stand.connect(process)
        process.close()
        stop = self.context.Event()
        done = str(self.folder / "load.json")
        driver = self.context.Process(
            target=load.drive, args=(self.port, self.stand, CLIENTS, self.wanted, stop, done)
        )
        driver.start()
        for _ in range(self.kills):
            child = self._start()
            time.sleep(self.rng.uniform(0.010, 0.600))
            os.kill(child.pid or 0, signal.SIGKILL)
            child.join()
        child = self._start()
        stop.set()
        driver.join(900)
        drain_s = self._settle()
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        told = json.loads(Path(done).read_text())
        return self._judge(told, time.perf_counter() - started, drain_s)

    def _start(self) -> Any:
        child = self.context.Process(
            target=serve_until_killed, args=(self.settings, str(self.folder / "server.log"))
        )
        child.start()
        self.starts.append(stand.wait_for_port(self.port, START_LIMIT_S))
        return child

    def _settle(self) -> float:
        """Wait until nothing waits any more; return how long it took."""
        started = time.perf_counter()
        db = Database(self.settings.database_url)
        while time.perf_counter() - started < 120:
            with db.read() as conn:
                if not any(conn.exec_driver_sql(q).scalar() for q in UNSETTLED):
                    break
            time.sleep(0.1)
        db.close()
        return time.perf_counter() - started

    def _judge(self, told: dict[str, Any], total_s: float, drain_s: float) -> list[Figure]:
        found = stored(self.settings.database_url)
        received: Any = stand.ask(self.platform_port, "/sim/received", {})
        sends = [str(r["content"]["text"]["text"]) for r in received["items"]]
        acked, keys, shown = set(told["acked"]), found.keys, found.shown
        facts = {
            "kills": self.kills, "seconds": round(total_s, 1), "drain_s": round(drain_s, 1),
            "re_sent": told["re_sent"], "failed_deliveries": found.failed_count,
            "restart_p50_s": round(percentile(self.starts, 0.5), 3), "restart_max_s": round(max(self.starts), 3),
        }  # fmt: skip
        wrongly_shown = len(shown) - len(set(shown)) + abs(len(set(shown)) - len(keys))
        limit = 150.0 if self.kills >= 200 else None
        return [
            Figure("acknowledged deliveries", len(acked), "messages", at_least=self.wanted, facts=facts),
            Figure("acknowledged but lost", len(acked - set(keys)), "messages", at_most=0),
            Figure("stored twice", len(keys) - len(set(keys)), "rows", at_most=0),
            Figure("shown twice or not at all", wrongly_shown, "events", at_most=0),
            *_replies(set(told["accepted"]), found.replies, sends),
            Figure("database or audit chain damaged", int(not found.is_sound), "", at_most=0),
            Figure("whole proof", total_s, "s", at_most=limit),
        ]


@dataclass(frozen=True)
class Stored:
    """What is in the database: buyers' message keys, message ids in the feed, replies with their state."""

    keys: list[str]
    shown: list[int]
    replies: dict[str, str]
    failed_count: int
    is_sound: bool


def stored(database_url: str) -> Stored:
    """Read what a database holds in the end."""
    db = Database(database_url)
    with db.read() as conn:
        keys = conn.exec_driver_sql("SELECT message_key FROM inbox_messages WHERE role = 'buyer'").scalars()
        shown = conn.exec_driver_sql(
            "SELECT data FROM kit_feed WHERE name = 'inbox.message_received'"
        ).scalars()
        replies = conn.exec_driver_sql("SELECT client_id, state FROM inbox_messages WHERE role = 'agent'")
        failed = conn.exec_driver_sql("SELECT count(*) FROM inbox_deliveries WHERE state = 'failed'")
        found = Stored(
            [str(key) for key in keys],
            [int(json.loads(data)["message"]["id"]) for data in shown],
            {str(client): str(state) for client, state in replies},
            int(failed.scalar() or 0),
            _is_sound(conn),
        )
    db.close()
    return found


def _is_sound(conn: Connection) -> bool:
    healthy = conn.dialect.name != "sqlite" or conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    return healthy and audit.verify(conn).broken_at is None


def _replies(accepted: set[str], replies: dict[str, str], sends: list[str]) -> list[Figure]:
    states = {state: list(replies.values()).count(state) for state in set(replies.values())}
    sent = set(sends)
    unsent = [c for c in accepted if replies.get(c) == "delivered" and c not in sent]
    facts = {"accepted": len(accepted), "states": states}
    return [
        Figure(
            "replies that reached their buyers",
            len(sent),
            "replies",
            at_least=max(1, len(accepted) // 10),
        ),
        Figure("replies accepted but lost", len(accepted - set(replies)), "replies", at_most=0, facts=facts),
        Figure(
            "replies sent twice",
            len(sends) - len(sent),
            "replies",
            at_most=0,
            facts={"sent": len(sends)},
        ),
        Figure("replies marked delivered that never went out", len(unsent), "replies", at_most=0),
    ]
