"""Tables of `routing`. One row of `routing_chats` per open conversation is its one owner, or its place in a
queue: a conversation cannot be owned twice, and an agent's load is a count over an index, never a counter."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, Integer, Table, Text, text

from miaohui.kit.db import Id, Json, UtcTime, id_column, metadata


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


presences = Table(
    "routing_presences",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("presence", Text, nullable=False),
    Column("since_at", UtcTime, nullable=False),
    Column("alive_until_at", UtcTime),  # the page's last heartbeat plus the grace; None while offline
    Column("unreachable_at", UtcTime),
    Column("offline_at", UtcTime),  # a lost person is set offline then
    Column("last_placed_at", UtcTime),
    # The timer loop looks over all shops for what is next, so these two lead with the time.
    Index("ix_routing_presences_alive", "alive_until_at", **_where("alive_until_at IS NOT NULL")),
    Index("ix_routing_presences_offline", "offline_at", **_where("offline_at IS NOT NULL")),
)
spans = Table(
    "routing_state_spans",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("user_id", Id, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("reason", Text, nullable=False),
    Column("by_user_id", Id),
    Index("ix_routing_state_spans_person", "shop_id", "user_id", "started_at"),
    Index("uq_routing_state_spans_open", "shop_id", "user_id", unique=True, **_where("ended_at IS NULL")),
)
chats = Table(
    "routing_chats",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("conversation_id", Id, primary_key=True),
    Column("buyer_id", Id, nullable=False),
    Column("entry", Text, nullable=False),
    Column("state", Text, nullable=False),  # queued, offline_message, placed
    Column("group_id", Id, nullable=False),
    Column("agent_id", Id),
    Column("need", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("queued_at", UtcTime),
    Column("rank_at", UtcTime),
    Column("boosts", Json, nullable=False),
    Column("overflow_at", UtcTime),
    Column("overflow_step", Integer, nullable=False),
    Column("placed_at", UtcTime),
    Column("awaiting_since_at", UtcTime),
    Column("first_answer_at", UtcTime),
    Column("retransfer_at", UtcTime),
    Column("moves", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    # An agent's load and unanswered chats, from the index alone.
    Index("ix_routing_chats_load", "shop_id", "agent_id", "awaiting_since_at", **_where("agent_id IS NOT NULL")),
    # A group's queue in order: position, list.
    Index(
        "ix_routing_chats_queue", "shop_id", "state", "group_id", "rank_at", "conversation_id",
        **_where("agent_id IS NULL"),
    ),
    Index("ix_routing_chats_overflow", "overflow_at", **_where("overflow_at IS NOT NULL")),  # timer: all shops
    Index("ix_routing_chats_retransfer", "retransfer_at", **_where("retransfer_at IS NOT NULL")),  # timer
)  # fmt: skip
# Which groups may take a waiting chat: its own, and those it overflowed into. `need` splits a group's queue
# into lanes, so that whoever lacks a skill never has to step over the chats that need it.
lanes = Table(
    "routing_lanes",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("conversation_id", Id, primary_key=True),
    Column("group_id", Id, primary_key=True),
    Column("state", Text, nullable=False),
    Column("need", Text, nullable=False),
    Column("rank_at", UtcTime, nullable=False),
    Column("position", Integer, nullable=False),
    Index("ix_routing_lanes_order", "shop_id", "state", "group_id", "need", "rank_at", "conversation_id"),
)
exclusions = Table(
    "routing_exclusions",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("conversation_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("until_at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_routing_exclusions_until", "until_at"),  # timer: all shops
)
served = Table(
    "routing_served",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("buyer_id", Id, primary_key=True),
    Column("agent_id", Id, nullable=False),
    Column("served_at", UtcTime, nullable=False),
)
decisions = Table(
    "routing_decisions",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("agent_id", Id),
    Column("previous_agent_id", Id),
    Column("group_id", Id, nullable=False),
    Column("queued_at", UtcTime),  # set when the chat came out of a queue
    Column("by_user_id", Id),
    Column("note", Text, nullable=False),
    Column("detail", Json, nullable=False),
    Index("ix_routing_decisions_conversation", "shop_id", "conversation_id", "id"),
    Index("ix_routing_decisions_departures", "shop_id", "group_id", "at", **_where("queued_at IS NOT NULL")),
)
# A call to somebody of the reserve 机动人力 and what came of it (spec §2.6). `detail`: who was not called, and why.
reserve_calls = Table(
    "routing_reserve_calls",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("user_id", Id, nullable=False),
    Column("group_id", Id, nullable=False),
    Column("state", Text, nullable=False),  # called, accepted, declined, expired, ended
    Column("called_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("answered_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("reason", Text, nullable=False),
    Column("waited_s", Integer, nullable=False),
    Column("waiting_count", Integer, nullable=False),
    Column("detail", Json, nullable=False),
    Index("ix_routing_reserve_calls_person", "shop_id", "user_id", "id"),
    Index("ix_routing_reserve_calls_open", "shop_id", "state", **_where("state IN ('called', 'accepted')")),
)
# When a shop's queue is to be looked at for the reserve; a row exists only while something waits or is called.
reserve_watch = Table(
    "routing_reserve_watch",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("look_at", UtcTime, nullable=False),
    Column("quiet_since_at", UtcTime),
    Index("ix_routing_reserve_watch_look", "look_at"),  # timer: all shops
)
settings = Table(
    "routing_settings",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("value", Json, nullable=False),
    Column("effective_at", UtcTime, nullable=False),
    Column("author_id", Id),
    Column("reason", Text, nullable=False),
)
# A shop whose backlog is longer than one transaction should drain: the pump goes on.
backlogs = Table(
    "routing_backlogs",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("since_at", UtcTime, nullable=False),
)
