"""Tables of this room; private to it. Hot statements are written by hand (every message runs them)."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from miaohui.kit.db import Id, Sql, UtcTime, id_column, metadata

_OPEN = text("ended_at IS NULL")

sessions = Table(
    # One stay of a buyer: from opening to closing. First response and queue wait are kept apart here.
    "sla_sessions",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("agent_id", Id),
    Column("group_id", Id),
    Column("opened_at", UtcTime, nullable=False),
    Column("assigned_at", UtcTime),
    Column("first_reply_at", UtcTime),
    Column("last_reply_at", UtcTime),
    Column("ended_at", UtcTime),
    Index(
        "uq_sla_sessions_open", "shop_id", "conversation_id", unique=True,
        sqlite_where=_OPEN, postgresql_where=_OPEN,
    ),
)  # fmt: skip

clocks = Table(
    # One open clock per conversation. `next_at` is the earliest deadline that has not been handled yet.
    "sla_clocks",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("session_id", Id, nullable=False),
    Column("agent_id", Id),
    Column("group_id", Id),
    Column("anchor_message_id", Id, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("counts_from_at", UtcTime, nullable=False),
    Column("target_s", Integer, nullable=False),
    Column("reason_zh", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("warn_at", UtcTime, nullable=False),
    Column("popup_at", UtcTime, nullable=False),
    Column("next_at", UtcTime),
    Column("warned_at", UtcTime),
    Column("popped_at", UtcTime),
    Column("breached_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("how", Text),
    Column("answered_by_message_id", Id),
    Column("answered_by_agent_id", Id),
    Index(
        "uq_sla_clocks_open", "shop_id", "conversation_id", unique=True,
        sqlite_where=_OPEN, postgresql_where=_OPEN,
    ),
    # The sweep looks at every shop at once, so this index does not start with the shop.
    Index(
        "ix_sla_clocks_next", "next_at",
        sqlite_where=text("next_at IS NOT NULL"), postgresql_where=text("next_at IS NOT NULL"),
    ),
    Index("ix_sla_clocks_burning", "shop_id", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_sla_clocks_agent", "shop_id", "agent_id", "counts_from_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_sla_clocks_history", "shop_id", "conversation_id", "id"),
)  # fmt: skip

waits = Table(
    # The buyer messages that an open clock waits on, in order; gone when it ends.
    "sla_waits",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("clock_id", Id, nullable=False),
    Column("occurred_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("shop_id", "message_id"),
    Index("ix_sla_waits_clock", "shop_id", "clock_id", "received_at"),
)

retargets = Table(
    "sla_retargets",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("clock_id", Id, nullable=False),
    Column("old_target_s", Integer, nullable=False),
    Column("new_target_s", Integer, nullable=False),
    Column("old_due_at", UtcTime, nullable=False),
    Column("new_due_at", UtcTime, nullable=False),
    Column("why_zh", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_sla_retargets_clock", "shop_id", "clock_id", "id"),
)

rounds = Table(
    # Facts of finished rounds, as the platform counts them (domain.md §2.6).
    "sla_rounds",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("clock_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("on_date", Text, nullable=False),
    Column("agent_id", Id),
    Column("group_id", Id),
    Column("anchor_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime, nullable=False),
    Column("response_ms", Integer),
    Column("counted_ms", Integer, nullable=False),
    Column("excluded", Text, nullable=False),
    Column("target_s", Integer, nullable=False),
    Column("late_ms", Integer, nullable=False),
    Column("queue_wait_ms", Integer),
    Column("first_response_ms", Integer),
    Index("ix_sla_rounds_day", "shop_id", "on_date", "agent_id"),
    Index("uq_sla_rounds_clock", "shop_id", "clock_id", unique=True),
)

DAY_COUNTERS = (
    "round_count", "sum_ms", "answered_count", "unanswered_count", "excluded_count", "breached_count",
    "first_response_count", "first_response_ms", "queue_wait_count", "queue_wait_ms",
)  # fmt: skip

days = Table(
    # Counters of a local day; agent 0 is the whole shop. Always equal to the sum of the round facts.
    "sla_days",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("on_date", Text, nullable=False),
    Column("agent_id", Id, nullable=False),
    *(Column(name, Id, nullable=False) for name in DAY_COUNTERS),
    PrimaryKeyConstraint("shop_id", "on_date", "agent_id"),
)

JOIN_OPEN_CLOCK = Sql(
    "INSERT INTO sla_waits (shop_id, message_id, clock_id, occurred_at, received_at)"
    " SELECT shop_id, ?, id, ?, ? FROM sla_clocks"
    " WHERE shop_id = ? AND conversation_id = ? AND ended_at IS NULL ON CONFLICT DO NOTHING"
)
HAS_OPEN_CLOCK = Sql(
    "SELECT 1 FROM sla_clocks WHERE shop_id = ? AND conversation_id = ? AND ended_at IS NULL"
)
OPEN_SESSION = Sql(
    "SELECT id, agent_id, group_id, opened_at, assigned_at, first_reply_at, last_reply_at FROM sla_sessions"
    " WHERE shop_id = ? AND conversation_id = ? AND ended_at IS NULL"
)
INSERT_SESSION = Sql(
    "INSERT INTO sla_sessions (id, shop_id, conversation_id, agent_id, group_id, opened_at, assigned_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
INSERT_CLOCK = Sql(
    "INSERT INTO sla_clocks (id, shop_id, conversation_id, session_id, agent_id, group_id, anchor_message_id,"
    " started_at, counts_from_at, target_s, reason_zh, source, due_at, warn_at, popup_at, next_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
INSERT_WAIT = Sql(
    "INSERT INTO sla_waits (shop_id, message_id, clock_id, occurred_at, received_at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
NEXT_DUE = Sql("SELECT min(next_at) FROM sla_clocks WHERE next_at IS NOT NULL")
_DUE = (
    "SELECT id, shop_id, conversation_id, agent_id, group_id, target_s, next_at, warn_at, popup_at, due_at,"
    " warned_at, popped_at, breached_at FROM sla_clocks WHERE next_at IS NOT NULL AND next_at <= ?"
    " ORDER BY next_at LIMIT ?"
)
DUE = Sql(_DUE)
DUE_LOCKED = Sql(_DUE + " FOR UPDATE SKIP LOCKED")
FIRE = Sql(
    "UPDATE sla_clocks SET warned_at = ?, popped_at = ?, breached_at = ?, next_at = ?"
    " WHERE id = ? AND next_at = ? AND ended_at IS NULL"
)
SLOW_OF_NOBODY = Sql(
    "SELECT conversation_id, started_at FROM sla_clocks"
    " WHERE shop_id = ? AND agent_id IS NULL AND ended_at IS NULL AND popup_at <= ?"
)
SLOW_OF_AGENT = Sql(
    "SELECT conversation_id, started_at FROM sla_clocks"
    " WHERE shop_id = ? AND agent_id = ? AND ended_at IS NULL AND popup_at <= ?"
)
END_CLOCK = Sql(
    "UPDATE sla_clocks SET ended_at = ?, how = ?, answered_by_message_id = ?, answered_by_agent_id = ?,"
    " next_at = NULL WHERE id = ? AND ended_at IS NULL"
)
DROP_WAITS = Sql("DELETE FROM sla_waits WHERE shop_id = ? AND clock_id = ?")
OPEN_CLOCK_COLUMNS = (
    "id", "shop_id", "conversation_id", "session_id", "agent_id", "group_id", "anchor_message_id", "target_s",
    "started_at", "counts_from_at", "due_at", "warned_at", "popped_at", "breached_at",
)  # fmt: skip
OPEN_CLOCK = Sql(
    f"SELECT {', '.join(OPEN_CLOCK_COLUMNS)} FROM sla_clocks"
    " WHERE shop_id = ? AND conversation_id = ? AND ended_at IS NULL"
)
WAITS_OF_CLOCK = Sql(
    "SELECT message_id, occurred_at, received_at FROM sla_waits WHERE shop_id = ? AND clock_id = ?"
)
GIVE_CLOCK = Sql("UPDATE sla_clocks SET agent_id = ?, group_id = ? WHERE id = ? AND ended_at IS NULL")
GIVE_SESSION = Sql(
    "UPDATE sla_sessions SET agent_id = ?, group_id = ?, assigned_at = coalesce(assigned_at, ?) WHERE id = ?"
)
NOTE_REPLY = Sql(
    "UPDATE sla_sessions SET first_reply_at = coalesce(first_reply_at, ?), last_reply_at = ? WHERE id = ?"
)
END_SESSION = Sql(
    "UPDATE sla_sessions SET ended_at = ? WHERE shop_id = ? AND conversation_id = ? AND ended_at IS NULL"
)
ROUND_COLUMNS = (
    "id", "shop_id", "clock_id", "conversation_id", "on_date", "agent_id", "group_id", "anchor_at", "ended_at",
    "response_ms", "counted_ms", "excluded", "target_s", "late_ms", "queue_wait_ms", "first_response_ms",
)  # fmt: skip
INSERT_ROUND = Sql(
    f"INSERT INTO sla_rounds ({', '.join(ROUND_COLUMNS)}) VALUES ({', '.join('?' for _ in ROUND_COLUMNS)})"
)
ADD_DAY = Sql(
    f"INSERT INTO sla_days (shop_id, on_date, agent_id, {', '.join(DAY_COUNTERS)})"
    f" VALUES (?, ?, ?, {', '.join('?' for _ in DAY_COUNTERS)})"
    " ON CONFLICT (shop_id, on_date, agent_id) DO UPDATE SET "
    + ", ".join(f"{name} = sla_days.{name} + excluded.{name}" for name in DAY_COUNTERS)
    + f" RETURNING {', '.join(DAY_COUNTERS)}"
)
