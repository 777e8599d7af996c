"""Keeps the clock's anchor over restarts of the process within one boot of the machine."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text, delete, insert, select

from miaohui.kit.clock import Anchor
from miaohui.kit.db import Database, metadata

anchors_table = Table(
    "kit_anchors",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("boot_id", Text, nullable=False),
    Column("boot_ns", BigInteger, nullable=False),
    Column("wall_ms", BigInteger, nullable=False),
)


def load(db: Database) -> Anchor | None:
    """Return the anchor of the last start, if any. On PostgreSQL the servers' own time service is trusted."""
    if not db.is_sqlite:
        return None
    with db.read() as conn:
        found = conn.execute(
            select(anchors_table.c.boot_id, anchors_table.c.boot_ns, anchors_table.c.wall_ms)
        ).first()
    return Anchor(*found) if found else None


def save(db: Database, anchor: Anchor) -> None:
    """Keep the anchor in force."""
    with db.write() as conn:
        conn.execute(delete(anchors_table))
        conn.execute(
            insert(anchors_table).values(
                id=1, boot_id=anchor.boot_id, boot_ns=anchor.boot_ns, wall_ms=anchor.wall_ms
            )
        )
