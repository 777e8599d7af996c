"""Tables of insight: rounds, sessions, hourly roll-ups, live marks, dated policies, changes that were tried."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from miaohui.insight.model.rollup import MEASURES
from miaohui.kit.db import Id, Json, UtcTime, id_column, metadata

turns = Table(
    "insight_turns",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("platform", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("anchor_ms", BigInteger, nullable=False),
    Column("answered_ms", BigInteger),
    Column("response_ms", BigInteger, nullable=False),
    Column("asks_n", Integer, nullable=False),
    Column("asks_3m_n", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("closing", Integer, nullable=False),
    Column("scoped", Integer, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("shop_id", "session_id", "seq"),
    Index(None, "shop_id", "anchor_ms"),
    sqlite_with_rowid=False,
)
sessions = Table(
    "insight_sessions",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("buyer", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("agents", Text, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("human_ms", BigInteger),
    Column("ended_ms", BigInteger, nullable=False),
    Column("buyer_n", Integer, nullable=False),
    Column("agent_n", Integer, nullable=False),
    Column("robot_n", Integer, nullable=False),
    Column("perfunctory_n", Integer, nullable=False),
    Column("turns_n", Integer, nullable=False),
    Column("missed_n", Integer, nullable=False),
    Column("sum_ms", BigInteger, nullable=False),
    Column("first_response_ms", BigInteger),
    Column("queue_ms", BigInteger),
    Column("intent", Text, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("rating", Integer),
    Column("scoped", Integer, nullable=False),
    Column("first_text", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "session_id"),
    Index(None, "shop_id", "started_ms"),
    sqlite_with_rowid=False,
)
session_orders = Table(
    "insight_session_orders",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "session_id", "order_id"),
    sqlite_with_rowid=False,
)
rollups = Table(
    "insight_rollups",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("platform", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("hour_ms", BigInteger, nullable=False),
    Column("scoped", Integer, nullable=False),
    *[Column(name, BigInteger, nullable=False) for name in MEASURES],
    PrimaryKeyConstraint("shop_id", "hour_ms", "platform", "agent", "scoped"),
    sqlite_with_rowid=False,
)
# Live messages in the least form that rounds can be built from again; imported ones are read where they are.
marks = Table(
    "insight_marks",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("seq", Id, nullable=False),
    Column("role", Text, nullable=False),
    Column("marks", Integer, nullable=False),
    Column("sender", Text),
    Column("text", Text),
    Column("buyer_key", Text),
    Column("order_id", Text),
    Column("product_id", Text),
    Column("entry", Text),
    Column("rating", Integer),
    Column("platform", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "session_id", "at_ms", "seq"),
    sqlite_with_rowid=False,
)
# Sessions that live messages touched and that are to be counted; empty most of the time.
touched = Table(
    "insight_touched",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("session_id", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "session_id"),
    sqlite_with_rowid=False,
)
# Dated policies: round_rules, credit_rules, rule_settings, definitions, exemptions, targets.
policies = Table(
    "insight_policies",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("effective_from", Text, nullable=False),
    Column("value", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_at", UtcTime, nullable=False),
    Column("set_by", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "kind", "effective_from"),
)
changes = Table(
    "insight_changes",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("rule", Text, nullable=False),
    Column("changed_on", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("noted_at", UtcTime, nullable=False),
    Column("noted_by", Text, nullable=False),
    Index(None, "shop_id", "rule"),
)
