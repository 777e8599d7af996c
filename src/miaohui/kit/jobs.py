"""Work done later: one table with lease, heartbeat and fencing; delayed and periodic jobs; dead letters.

A job's database effects commit in the same transaction as `done`, fenced by the attempt number: a worker that
lost its lease cannot finish. Source: stack.md §3 (the only design that survived kill -9 in both modes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Integer, Table, Text
from sqlalchemy.engine import Connection

from miaohui.kit.bulk import BulkInsert
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import Id, Sql, metadata, partial_index, raw_count, raw_rows
from miaohui.kit.ids import first_id_at

MAX_ATTEMPTS = 8
LEASE_S = 10.0
NO_SHOP = 0  # jobs of the installation itself: backups, upkeep

jobs_table = Table(
    "kit_jobs",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("shop_id", Id, nullable=False),
    Column("queue", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("args", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("run_at_ms", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("lease_until_ms", BigInteger),
    Column("worker", Text),
    Column("key", Text, unique=True),
    Column("error", Text),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("finished_at_ms", BigInteger),
    partial_index("ix_kit_jobs_due", "state = 'queued'", "run_at_ms"),
    partial_index("ix_kit_jobs_leased", "state = 'running'", "lease_until_ms"),
    partial_index("ix_kit_jobs_dead", "state = 'dead'", "shop_id", "id"),
)

_INSERT = BulkInsert(
    "INSERT INTO kit_jobs"
    " (id, shop_id, queue, kind, args, state, run_at_ms, attempt, max_attempts, key, created_at_ms)",
    "(?, ?, ?, ?, ?, 'queued', ?, 0, ?, ?, ?)",
    "ON CONFLICT DO NOTHING",
)
_RETURNING = " RETURNING id, shop_id, queue, kind, args, attempt, max_attempts, run_at_ms, created_at_ms"
_CLAIM_SQLITE = Sql(
    "UPDATE kit_jobs SET state = 'running', attempt = attempt + 1, worker = ?, lease_until_ms = ?"
    " WHERE id IN (SELECT id FROM kit_jobs WHERE state = 'queued' AND run_at_ms <= ?"
    " ORDER BY run_at_ms LIMIT ?)" + _RETURNING
)
_CLAIM_POSTGRES = Sql(_CLAIM_SQLITE.text.replace("LIMIT ?)", "LIMIT ? FOR UPDATE SKIP LOCKED)"))
_RELEASE_EXPIRED = Sql(
    "UPDATE kit_jobs SET state = CASE WHEN attempt >= max_attempts THEN 'dead' ELSE 'queued' END,"
    " error = 'the worker stopped before it finished (lease expired)', worker = NULL, lease_until_ms = NULL"
    " WHERE state = 'running' AND lease_until_ms <= ?"
)
_HEARTBEAT = Sql("UPDATE kit_jobs SET lease_until_ms = ? WHERE id = ? AND attempt = ? AND state = 'running'")
_OURS = " WHERE id = ? AND attempt = ? AND state = 'running'"
_DONE = Sql(
    "UPDATE kit_jobs SET state = 'done', finished_at_ms = ?, lease_until_ms = NULL, error = NULL" + _OURS
)
_RETRY = Sql(
    "UPDATE kit_jobs SET state = ?, run_at_ms = ?, error = ?, worker = NULL, lease_until_ms = NULL" + _OURS
)
_NEXT = Sql(
    "SELECT min(at) FROM (SELECT min(run_at_ms) AS at FROM kit_jobs WHERE state = 'queued'"
    " UNION ALL SELECT min(lease_until_ms) FROM kit_jobs WHERE state = 'running') AS next"
)
_PURGE = Sql(
    "DELETE FROM kit_jobs WHERE id IN (SELECT id FROM kit_jobs WHERE id < ? AND state = 'done'"
    " AND finished_at_ms < ? ORDER BY id LIMIT ?)"
)
_CANCEL = Sql("DELETE FROM kit_jobs WHERE key = ? AND state = 'queued'")


class LostLease(Exception):
    """Another worker took the job over; this one's effects are rolled back."""


@dataclass(frozen=True)
class JobRow:
    """A claimed job. `attempt` is the fencing number of this claim."""

    id: int
    shop_id: int
    queue: str
    kind: str
    args: dict[str, Any]
    attempt: int
    max_attempts: int
    run_at: datetime
    created_at: datetime


@dataclass(frozen=True)
class NewJob:
    """A job to be stored. `key` makes it unique until it is purged."""

    id: int
    shop_id: int
    queue: str
    kind: str
    args: Mapping[str, Any]
    run_at: datetime
    key: str | None
    created_at: datetime


def insert_many(conn: Connection, rows: list[NewJob]) -> None:
    """Store buffered jobs; a key that is already there wins over the new one."""
    values = []
    for r in rows:
        args = msgspec.json.encode(dict(r.args)).decode()
        created, run_at = to_ms(r.created_at), to_ms(r.run_at)
        values.append((r.id, r.shop_id, r.queue, r.kind, args, run_at, MAX_ATTEMPTS, r.key, created))
    _INSERT.write(conn, values)


def claim(conn: Connection, now: datetime, worker: str, limit: int, lease_s: float = LEASE_S) -> list[JobRow]:
    """Take up to `limit` due jobs for `worker`, jobs with an expired lease included."""
    now_ms = to_ms(now)
    raw_count(conn, _RELEASE_EXPIRED, (now_ms,))
    sql = _CLAIM_SQLITE if conn.dialect.name == "sqlite" else _CLAIM_POSTGRES
    rows = raw_rows(conn, sql, (worker, now_ms + int(lease_s * 1000), now_ms, limit))
    found = [
        JobRow(r[0], r[1], r[2], r[3], msgspec.json.decode(r[4]), r[5], r[6], from_ms(r[7]), from_ms(r[8]))
        for r in rows
    ]
    return sorted(found, key=lambda job: (job.run_at, job.id))


def heartbeat(conn: Connection, job: JobRow, now: datetime, lease_s: float = LEASE_S) -> bool:
    """Extend the lease; False when the job belongs to somebody else by now."""
    return raw_count(conn, _HEARTBEAT, (to_ms(now) + int(lease_s * 1000), job.id, job.attempt)) == 1


def finish(conn: Connection, job: JobRow, now: datetime) -> None:
    """Mark the job done. Raises: LostLease when this claim is no longer the valid one."""
    if raw_count(conn, _DONE, (to_ms(now), job.id, job.attempt)) != 1:
        raise LostLease(f"job {job.id} attempt {job.attempt}")


def retry(conn: Connection, job: JobRow, run_at: datetime, error: str) -> str:
    """Put a failed job back for `run_at`, or bury it after its last attempt; return its state."""
    state = "dead" if job.attempt >= job.max_attempts else "queued"
    raw_count(conn, _RETRY, (state, to_ms(run_at), error[:4000], job.id, job.attempt))
    return state


def bury(conn: Connection, job: JobRow, now: datetime, error: str) -> None:
    """Put a job that can never succeed into the dead letters at once."""
    raw_count(conn, _RETRY, ("dead", to_ms(now), error[:4000], job.id, job.attempt))


def backoff_s(attempt: int, jitter: float) -> float:
    """Return the pause before the next attempt: 1, 2, 4 … 300 s, times 1–1.25 by `jitter` in 0–1."""
    return float(min(300.0, 2.0 ** max(0, attempt - 1))) * (1 + jitter / 4)


def next_due(conn: Connection) -> datetime | None:
    """Return when the next job or lease falls due, or None."""
    found = raw_rows(conn, _NEXT)[0][0]
    return None if found is None else from_ms(int(found))


def cancel(conn: Connection, key: str) -> bool:
    """Remove a job that has not started; False when it is running, done or unknown."""
    return raw_count(conn, _CANCEL, (key,)) == 1


def purge_done(conn: Connection, before: datetime, limit: int) -> int:
    """Delete jobs that were finished before `before`, at most `limit`; return how many."""
    return raw_count(conn, _PURGE, (first_id_at(before), to_ms(before), limit))


def lease_end(now: datetime, lease_s: float = LEASE_S) -> datetime:
    """Return when a claim made now lapses without a heartbeat."""
    return now + timedelta(seconds=lease_s)


# ---- dead letters: seen and replayed by people


def list_dead(conn: Connection, shop_ids: list[int] | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """Return the dead jobs of these shops (`NO_SHOP` = the installation's own; None = all), newest first."""
    columns = [c for c in jobs_table.c if c.name not in ("worker", "lease_until_ms")]
    query = (
        jobs_table.select().with_only_columns(*columns).where(jobs_table.c.state == "dead")
        .order_by(jobs_table.c.id.desc()).limit(limit)
    )  # fmt: skip
    if shop_ids is not None:
        query = query.where(jobs_table.c.shop_id.in_(shop_ids))
    return [dict(r._mapping) for r in conn.execute(query)]


def discard_dead(conn: Connection, job_id: int, shop_ids: list[int]) -> dict[str, Any] | None:
    """Delete a dead job for good and return what it was; None when there is no such dead job in these shops."""
    t = jobs_table.c
    found = conn.execute(
        jobs_table.delete()
        .where(t.id == job_id, t.state == "dead", t.shop_id.in_(shop_ids))
        .returning(t.kind, t.attempt, t.error)
    ).first()
    return None if found is None else dict(found._mapping)


def replay_dead(conn: Connection, job_id: int, shop_ids: list[int], now: datetime) -> bool:
    """Queue a dead job again with fresh attempts; False when there is no such dead job in these shops."""
    done = conn.execute(
        jobs_table.update()
        .where(jobs_table.c.id == job_id, jobs_table.c.state == "dead", jobs_table.c.shop_id.in_(shop_ids))
        .values(state="queued", attempt=0, run_at_ms=to_ms(now), error=None, finished_at_ms=None)
    )
    return done.rowcount == 1
