"""The one transaction type: one request, one job, one delivery batch (house §3).

*Inline if it is SQL and must be true together with the fact; later if it touches the network or a model, or
can wait.* Feed rows and jobs are buffered and written at the end of the unit, in the same transaction.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.engine import Connection, CursorResult

from miaohui.kit import audit, feed, jobs
from miaohui.kit.bulk import BulkInsert
from miaohui.kit.clock import to_ms
from miaohui.kit.db import Sql, raw_count, raw_rows
from miaohui.kit.engines import is_open
from miaohui.kit.ids import IdSource
from miaohui.kit.randomness import Rng

Handler = Callable[["Tx", Any], None]
_SAVE, _UNDO, _RELEASE = (
    Sql("SAVEPOINT unit"), Sql("ROLLBACK TO SAVEPOINT unit"), Sql("RELEASE SAVEPOINT unit")
)  # fmt: skip


@dataclass(frozen=True)
class Actor:
    """Who does it. `kind`: user, system, buyer, channel, job, token. `id` is ours, where there is one."""

    kind: str
    id: int | None = None
    name: str = ""
    ip: str = ""


SYSTEM = Actor("system", None, "系统")


class Wiring:
    """What follows from which event, and which function does which job: filled by `app/wiring.py` only."""

    def __init__(self) -> None:
        self.inline: dict[type, list[Handler]] = defaultdict(list)
        self.later: dict[type, list[tuple[str, str]]] = defaultdict(list)

    def on(self, event_type: type, *handlers: Handler) -> None:
        """Run `handlers(tx, event)` in the same transaction, in this order."""
        self.inline[event_type].extend(handlers)

    def after(self, event_type: type, job_kind: str, queue: str = "default") -> None:
        """Store a job of `job_kind` with the event's fields in the same transaction."""
        self.later[event_type].append((job_kind, queue))


@dataclass(slots=True)
class Tx:
    """One transaction. Time, ids and randomness come from here and from nowhere else."""

    conn: Connection
    now: datetime
    actor: Actor
    wiring: Wiring
    ids: IdSource
    rng: Rng
    feed_rows: list[tuple[Any, ...]] = field(default_factory=list)
    job_rows: list[jobs.NewJob] = field(default_factory=list)
    rings: set[str] = field(default_factory=set)
    bulk_rows: list[tuple[BulkInsert, tuple[Any, ...]]] = field(default_factory=list)

    def publish(self, event: Any) -> None:
        """Tell the wired handlers: inline ones run now, later ones become jobs of this transaction."""
        kind = type(event)
        for handler in self.wiring.inline.get(kind, ()):
            handler(self, event)
        for job_kind, queue in self.wiring.later.get(kind, ()):
            fields = dataclasses.asdict(event)
            self.enqueue(job_kind, _json_ready(fields), shop_id=int(fields.get("shop_id", 0)), queue=queue)

    def feed(self, shop_id: int, topics: Sequence[str], name: str, data: Mapping[str, Any]) -> None:
        """Append one event to the live feed.

        Shape: `topics` such as `shop`, `group:7`, `conversation:12`, `agent:3`, `board`; a socket that is
        subscribed to any of them gets the event once. `data` holds JSON values; aware datetimes are allowed.
        """
        self.feed_rows.append(feed.row(shop_id, topics, name, data, to_ms(self.now)))
        self.rings.add("feed")

    def enqueue(
        self,
        kind: str,
        args: Mapping[str, Any],
        *,
        shop_id: int = 0,
        run_at: datetime | None = None,
        key: str | None = None,
        queue: str = "default",
    ) -> None:
        """Store a job. A second job with the same `key` is dropped while the first one is kept."""
        self.job_rows.append(
            jobs.NewJob(self.ids.next(), shop_id, queue, kind, args, run_at or self.now, key, self.now)
        )
        self.rings.add("jobs")

    def insert_later(self, into: BulkInsert, *values: Any) -> None:
        """Insert a row at the end of this transaction, together with those of the batch's other units.

        Nothing in the same unit may read it, and a conflict must be settled by the statement's own tail.
        """
        self.bulk_rows.append((into, values))

    def ring(self, name: str) -> None:
        """Wake the loops that wait for `name` (timers, deliveries, …) once this is committed."""
        self.rings.add(name)

    def audit(
        self,
        action: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
        *,
        shop_id: int = 0,
        result: str = "ok",
    ) -> None:
        """Append to the hash-chained audit log: who (the actor), what, on what, with which result."""
        audit.append(
            self.conn, self.now, self.actor, audit.Entry(shop_id, action, subject, dict(detail or {}), result)
        )

    def execute(self, statement: Executable, params: Any = None) -> CursorResult[Any]:
        """Run a SQLAlchemy Core statement."""
        return self.conn.execute(statement, params)

    def rows(self, sql: Sql, *params: Any) -> list[Any]:
        """Run a hot statement, return its rows as tuples."""
        return raw_rows(self.conn, sql, params)

    def run(self, sql: Sql, *params: Any) -> int:
        """Run a hot statement, return how many rows it touched."""
        return raw_count(self.conn, sql, params)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo everything inside, buffered feed rows and jobs included, when it raises; then raise on."""
        marks = len(self.feed_rows), len(self.job_rows), len(self.bulk_rows)
        raw_count(self.conn, _SAVE)
        try:
            yield
        except BaseException:
            if is_open(self.conn):  # a lost connection or a full disk has undone everything by itself
                raw_count(self.conn, _UNDO)
                raw_count(self.conn, _RELEASE)
            del self.feed_rows[marks[0] :]
            del self.job_rows[marks[1] :]
            del self.bulk_rows[marks[2] :]
            raise
        raw_count(self.conn, _RELEASE)

    def flush(self) -> None:
        """Write what was buffered."""
        write_buffers(self.conn, [self])
        self.feed_rows, self.job_rows, self.bulk_rows = [], [], []


def write_buffers(conn: Connection, units: Sequence[Tx]) -> list[feed.FeedEvent]:
    """Write what the units of one batch buffered: rows by table, then jobs, the feed last (its lock is short).

    Returns the feed's new events where their ids are known (`feed.write`).
    """
    tables: dict[BulkInsert, list[tuple[Any, ...]]] = {}
    for tx in units:
        for into, values in tx.bulk_rows:
            tables.setdefault(into, []).append(values)
    for into, rows in tables.items():
        into.write(conn, rows)
    if job_rows := [row for tx in units for row in tx.job_rows]:
        jobs.insert_many(conn, job_rows)
    feed_rows = [row for tx in units for row in tx.feed_rows]
    return feed.write(conn, feed_rows) if feed_rows else []


def _json_ready(fields: dict[str, Any]) -> dict[str, Any]:
    return {k: to_ms(v) if isinstance(v, datetime) else v for k, v in fields.items()}
