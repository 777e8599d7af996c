"""Power loss at any instant: nothing acknowledged is lost, nothing corrupt, inbox and outbox never split (F2).

The real program (deliveries, pump, replies, jobs) runs through its writer lane on a disk that records every
write and sync. Then the disk is rebuilt as it may look if power fails before a random operation, with every
unsynced sector kept or lost by chance, opened by plain SQLite, and held against what was acknowledged.
"""

from __future__ import annotations

import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.app import migrations
from miaohui.app.bench.report import Figure
from miaohui.app.process import Process
from miaohui.app.prove import recorded_disk, stand
from miaohui.app.prove.recorded_disk import ApswConnection, Record, rebuild
from miaohui.app.settings import Settings
from miaohui.channels.model import RawRequest
from miaohui.channels.model.parts import Text
from miaohui.inbox import actions as inbox
from miaohui.inbox.jobs import book_of
from miaohui.inbox.model import ReplyDraft
from miaohui.kit import audit, jobs
from miaohui.kit.db import Database
from miaohui.kit.lane import Unit
from miaohui.kit.randomness import Rng
from miaohui.kit.tx import SYSTEM, Tx

GROUP = 6
KEEPS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass
class Recording:
    """The disk before, what happened to it, and nothing else."""

    base: dict[str, bytes]
    operations: list[tuple[Any, ...]]


def record(folder: Path, rounds: int, seed: int, durability: str) -> Recording:
    """Run the workload on a recorded disk and return the recording."""
    settings = Settings(data_dir=folder, durability=durability, log_format="json")
    process = Process(settings)
    where = stand.build(process, "http://127.0.0.1:9", agents=3)
    process.close()
    path = folder / "miaohui.db"
    disk_log = Record()
    vfs = recorded_disk.register(disk_log, f"recorded-{seed}-{durability}")
    process = Process(settings)
    process.db.close()
    base = {file.name: file.read_bytes() for file in folder.glob("miaohui.db*") if file.suffix != ".db-shm"}
    process.rt.db = process.rt.lane.db = Database(
        settings.database_url, settings.durability,
        connect_sqlite=lambda: _small_wal(ApswConnection(path, f"recorded-{seed}-{durability}")),
    )  # fmt: skip
    _Workload(process, where, disk_log, Rng(seed)).run(rounds)
    process.rt.db.close()
    process.close()
    del vfs
    return Recording(base, disk_log.operations)


def _small_wal(conn: ApswConnection) -> ApswConnection:
    """Have checkpoints happen often, so that power fails in the middle of some."""
    conn.execute("PRAGMA wal_autocheckpoint=60")
    return conn


class _Workload:
    def __init__(self, process: Process, where: stand.Stand, log: Record, rng: Rng) -> None:
        self.rt, self.where, self.log, self.rng = process.rt, where, log, rng
        self.pump = next(p.step for p in process.assembly.pumps if p.name == "inbox.deliveries")
        self.count = 0

    def run(self, rounds: int) -> None:
        """Commit `rounds` groups, acknowledging each as soon as the lane would."""
        for _ in range(rounds):
            self._group([self._store() for _ in range(self.rng.randint(1, GROUP))])
            self._group([(None, self.pump)])
            self._group([self._reply()])
            self._group([(None, self._finish_jobs)])
            if self.rng.random() < 0.2:
                self._group([(None, lambda tx: tx.audit("prove.step", f"step:{self.count}"))])

    def _group(self, wanted: list[tuple[Any, Callable[[Tx], Any]]]) -> None:
        units = [Unit(fn, SYSTEM, hot=True) for _, fn in wanted]
        self.rt.lane.run_batch(units)
        for (ack, _), unit in zip(wanted, units, strict=True):
            if unit.error is not None:
                raise unit.error
            if ack is not None:
                self.log.ack(ack)

    def _store(self) -> tuple[Any, Callable[[Tx], Any]]:
        self.count += 1
        message_id = f"p-{self.count}"
        body, sign = stand.delivery(
            message_id, self.count % 5, f"第{self.count}句", 1_790_000_000_000 + self.count
        )
        raw = RawRequest(
            "POST", self.where.hook_path, {"x-douyin-signature": sign, "msg-id": message_id}, {}, body
        )

        def store(tx: Tx) -> None:
            account = book_of(self.rt).by_key(tx.conn, self.where.hook_path.rsplit("/", 1)[1])
            assert account is not None
            inbox.store_delivery(tx, account, raw)

        return ("delivery", message_id), store

    def _reply(self) -> tuple[Any, Callable[[Tx], Any]]:
        client_id = f"client-{self.count:06d}-{self.rng.randint(0, 10**9)}"

        def answer(tx: Tx) -> None:
            found = tx.conn.exec_driver_sql(
                "SELECT id, agent_id FROM inbox_conversations ORDER BY random() LIMIT 1"
            ).one()
            draft = ReplyDraft((Text(f"答 {client_id}"),))
            inbox.reply(tx, self.where.shop_id, int(found[0]), draft, found[1], client_id)

        return ("reply", client_id), answer

    def _finish_jobs(self, tx: Tx) -> None:
        for row in jobs.claim(tx.conn, tx.now, "prove", 2):
            if row.kind == "inbox.deliver_reply":
                jobs.retry(tx.conn, row, tx.now, "later")
            else:
                jobs.finish(tx.conn, row, tx.now)


def measure(states: int = 1_000, rounds: int = 110, seed: int = 0) -> list[Figure]:
    """Return what `states` power failures on FULL did; on NORMAL, what it would have lost, for comparison."""
    figures = []
    for durability, count in (("full", states), ("normal", max(20, states // 10))):
        with tempfile.TemporaryDirectory(prefix="miaohui-power-") as name:
            figures += _judge(record(Path(name), rounds, seed, durability), durability, count, seed)
    return figures


def _judge(recording: Recording, durability: str, states: int, seed: int) -> list[Figure]:
    rng = random.Random(seed)
    found = {"lost": 0, "corrupt": 0, "split": 0, "states_with_loss": 0}
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="miaohui-power-") as name:
        for n in range(states):
            cut = rng.randrange(1, len(recording.operations) + 1)
            done = recording.operations[:cut]
            folder = Path(name) / str(n % 4)
            folder.mkdir(exist_ok=True)
            for old in folder.iterdir():
                old.unlink()
            rebuild(recording.base, done, rng, KEEPS[n % len(KEEPS)]).write_to(folder)
            lost, corrupt, split = check(folder / "miaohui.db", [op[1] for op in done if op[0] == "ack"])
            found["lost"] += lost
            found["corrupt"] += corrupt
            found["split"] += split
            found["states_with_loss"] += lost > 0
    acks = sum(op[0] == "ack" for op in recording.operations)
    syncs = sum(op[0] == "s" for op in recording.operations)
    facts: Mapping[str, Any] = {
        "states": states, "operations": len(recording.operations), "syncs": syncs, "acknowledged": acks,
        "seconds": round(time.perf_counter() - started, 1),
    }  # fmt: skip
    if durability != "full":
        share = found["states_with_loss"] / states
        return [
            Figure(
                "NORMAL, for comparison: states that lost something acknowledged",
                share * 100,
                "%",
                facts={**facts, **found},
            )
        ]
    return [
        Figure("power-loss states examined", states, "states", at_least=states, facts=dict(facts)),
        Figure("acknowledged but lost", found["lost"], "facts", at_most=0),
        Figure("corrupt databases", found["corrupt"], "states", at_most=0),
        Figure("inbox and outbox split", found["split"], "facts", at_most=0),
    ]


def check(path: Path, acked: list[tuple[str, str]]) -> tuple[int, int, int]:
    """Open a disk after a power failure with plain SQLite; return (lost, corrupt, split)."""
    conn = sqlite3.connect(path)
    try:
        if conn.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            return 0, 1, 0
        lost = _count_lost(conn, acked)
        split = _count_split(conn)
    except sqlite3.DatabaseError:
        return 0, 1, 0
    finally:
        conn.close()
    db = Database(f"sqlite:///{path}", allow_unsafe=True)
    with db.read() as reader:
        broken = _is_chain_broken(reader)
    same_schema = migrations.current(db) == migrations.HEAD
    db.close()
    return lost, int(broken or not same_schema), split


def _is_chain_broken(conn: Connection) -> bool:
    return audit.verify(conn).broken_at is not None


def _count_lost(conn: sqlite3.Connection, acked: list[tuple[str, str]]) -> int:
    stored = {
        json.loads(r[0])["headers"]["msg-id"] for r in conn.execute("SELECT request FROM inbox_deliveries")
    }
    replies = {r[0] for r in conn.execute("SELECT client_id FROM inbox_messages WHERE role = 'agent'")}
    return sum(1 for kind, name in acked if name not in (stored if kind == "delivery" else replies))


def _count_split(conn: sqlite3.Connection) -> int:
    """Count facts whose other half is missing: a handled delivery without its message, a message without its
    feed event, a queued reply whose conversation has no delivery job."""
    questions = (
        "SELECT count(*) FROM inbox_deliveries d WHERE state = 'done' AND NOT EXISTS (SELECT 1 FROM inbox_messages m"
        " WHERE m.message_key = json_extract(d.request, '$.headers.msg-id'))",
        "SELECT count(*) FROM inbox_messages m WHERE role = 'buyer' AND NOT EXISTS (SELECT 1 FROM kit_feed f"
        " WHERE f.name = 'inbox.message_received' AND json_extract(f.data, '$.message.id') = m.id)",
        "SELECT count(*) FROM inbox_messages m WHERE state = 'queued' AND NOT EXISTS (SELECT 1 FROM kit_jobs j"
        " JOIN inbox_messages o ON o.id = json_extract(j.args, '$.message_id') WHERE j.kind = 'inbox.deliver_reply'"
        " AND o.conversation_id = m.conversation_id)",
    )
    return sum(int(conn.execute(q).fetchone()[0]) for q in questions)
