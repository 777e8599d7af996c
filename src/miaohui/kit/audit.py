"""The append-only audit log: every row carries the hash of the row before it (reliability.md R14).

Changing, deleting or cutting rows breaks the chain; `verify` names the first broken row. The newest hash is
kept a second time in `kit_audit_heads`, so that cutting the end is seen too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import BigInteger, Column, Integer, Table, Text, func, insert, select, update
from sqlalchemy.engine import Connection

from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import Id, metadata

if TYPE_CHECKING:
    from miaohui.kit.tx import Actor

audit_table = Table(
    "kit_audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("shop_id", Id, nullable=False, index=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Id),
    Column("actor_name", Text, nullable=False),
    Column("ip", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
heads_table = Table(
    "kit_audit_heads",
    metadata,
    Column("name", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("hash", Text, nullable=False),
)
_GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """What happened, without the who and the when. `result`: ok, refused or failed."""

    shop_id: int
    action: str
    subject: str
    detail: dict[str, Any]
    result: str


def _digest(prev_hash: str, fields: tuple[Any, ...]) -> str:
    return hashlib.sha256(prev_hash.encode() + msgspec.json.encode(fields)).hexdigest()


def append(conn: Connection, now: datetime, actor: Actor, entry: Entry) -> int:
    """Append one row and return its number. The head row's update serialises writers on PostgreSQL."""
    moved = conn.execute(
        update(heads_table)
        .where(heads_table.c.name == "main")
        .values(count=heads_table.c.count + 1)
        .returning(heads_table.c.count, heads_table.c.hash)
    ).first()
    if moved is None:
        conn.execute(insert(heads_table).values(name="main", count=1, hash=_GENESIS))
        number, prev_hash = 1, _GENESIS
    else:
        number, prev_hash = int(moved[0]), str(moved[1])
    detail = msgspec.json.encode(entry.detail, order="deterministic").decode()
    fields = (
        number, entry.shop_id, to_ms(now), actor.kind, actor.id, actor.name, actor.ip,
        entry.action, entry.subject, detail, entry.result,
    )  # fmt: skip
    digest = _digest(prev_hash, fields)
    conn.execute(insert(audit_table).values([(*fields, prev_hash, digest)]))
    conn.execute(update(heads_table).where(heads_table.c.name == "main").values(hash=digest))
    return number


@dataclass(frozen=True)
class Verdict:
    """The result of a check: `broken_at` is the number of the first row that does not fit, or None."""

    row_count: int
    broken_at: int | None
    reason: str = ""


def verify(conn: Connection) -> Verdict:
    """Walk the whole chain. Detects any changed, removed, inserted or cut row.

    Rows may be appended meanwhile, since a reading connection sees every statement's own moment: the head of
    before must be met on the way, and the walk must not be longer than the head of after.
    """
    before = _head(conn)
    prev, number, met = _GENESIS, 0, before == (0, _GENESIS)
    for found in conn.execute(select(audit_table).order_by(audit_table.c.id)):
        *fields, prev_hash, digest = tuple(found)
        number += 1
        if fields[0] != number:
            return Verdict(number, number, "a row is missing")
        if prev_hash != prev or digest != _digest(prev, tuple(fields)):
            return Verdict(number, number, "a row was changed")
        prev = digest
        met = met or before == (number, prev)
    if not met:
        return Verdict(number, number + 1, "the end was cut")
    if number > _head(conn)[0]:
        return Verdict(number, _head(conn)[0] + 1, "a row was added past the head")
    return Verdict(number, None)


def _head(conn: Connection) -> tuple[int, str]:
    query = select(heads_table.c.count, heads_table.c.hash).where(heads_table.c.name == "main")
    head = conn.execute(query).first()
    return (int(head[0]), str(head[1])) if head else (0, _GENESIS)


def newest(
    conn: Connection,
    shop_ids: list[int],
    limit: int = 100,
    before: int | None = None,
    actions: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return the newest rows of these shops, newest first, `at` as aware UTC; `actions`: only these, if any."""
    query = (
        select(audit_table)
        .where(audit_table.c.shop_id.in_(shop_ids))
        .order_by(audit_table.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(audit_table.c.id < before)
    if actions:
        query = query.where(audit_table.c.action.in_(actions))
    return [
        {**r._mapping, "at": from_ms(r.at_ms), "detail": msgspec.json.decode(r.detail)}
        for r in conn.execute(query)
    ]


def count(conn: Connection) -> int:
    """Return how many rows the log has."""
    return int(conn.execute(select(func.count()).select_from(audit_table)).scalar_one())
