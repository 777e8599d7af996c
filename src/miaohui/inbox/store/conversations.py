"""Conversations and the rows that say how they changed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from miaohui.inbox.model import FAR_MS
from miaohui.kit.db import Id, Json, Sql, UtcTime, id_column, metadata

OPEN = text("status = 'open'")
CLOSED = text("status = 'closed'")

conversations = Table(
    "inbox_conversations",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("channel", Text, nullable=False),
    Column("peer", Text, nullable=False),  # who is at the other end of this account: one open talk each
    Column("conversation_key", Text, nullable=False),
    Column("buyer_id", Id, nullable=False),
    Column("buyer_platform_id", Text, nullable=False),
    Column("buyer_name_zh", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("refs", Json, nullable=False),
    Column("status", Text, nullable=False),  # follows from closures and reopenings
    Column("group_id", Id),
    Column("agent_id", Id),
    Column("priority", Integer, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("due_ms", BigInteger, nullable=False),  # FAR_MS: nothing is due; kept by `sla`
    Column("waiting_ms", BigInteger, nullable=False),  # FAR_MS: the buyer waits for nothing
    Column("recency_ms", BigInteger, nullable=False),  # minus the time of the last message: sorts downwards
    Column("snoozed_until", UtcTime),
    Column("last_message_id", Id),
    Column("last_role", Text, nullable=False),
    Column("last_text", Text, nullable=False),
    Column("unread_count", Integer, nullable=False),
    Column("message_count", Integer, nullable=False),
    Column("buyer_read_ms", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Index("uq_inbox_conversations_open", "shop_id", "account_id", "peer", unique=True,
          sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_inbox_conversations_list", "shop_id", "due_ms", "waiting_ms", "recency_ms", "id",
          sqlite_where=OPEN, postgresql_where=OPEN),
    # Ends with what the counts of the boxes need, so that they are read from the index alone.
    Index("ix_inbox_conversations_mine", "shop_id", "agent_id", "due_ms", "waiting_ms", "recency_ms", "id",
          "snoozed_until", "group_id",
          sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_inbox_conversations_closed", "shop_id", "recency_ms", "id",
          sqlite_where=CLOSED, postgresql_where=CLOSED),
    Index("ix_inbox_conversations_buyer", "shop_id", "buyer_id", "id"),
    Index("ix_inbox_conversations_peer", "shop_id", "account_id", "peer", "id"),
)  # fmt: skip

assignments = Table(
    "inbox_assignments",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("agent_id", Id),
    Column("group_id", Id),
    Column("previous_agent_id", Id),
    Column("previous_group_id", Id),
    Column("reason", Text, nullable=False),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
    Index("ix_inbox_assignments_conversation", "shop_id", "conversation_id", "id"),
)
closures = Table(
    "inbox_closures",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("agent_id", Id),
    Column("reason", Text, nullable=False),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
    Index("ix_inbox_closures_conversation", "shop_id", "conversation_id", "id"),
)
reopenings = Table(
    "inbox_reopenings",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
    Index("ix_inbox_reopenings_conversation", "shop_id", "conversation_id", "id"),
)
priorities = Table(
    "inbox_priorities",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("previous", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
    Index("ix_inbox_priorities_conversation", "shop_id", "conversation_id", "id"),
)
entries = Table(
    "inbox_entries",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("peer", Text, nullable=False),
    Column("conversation_id", Id),
    Column("event_key", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("refs", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("uq_inbox_entries_key", "shop_id", "account_id", "event_key", unique=True),
    Index("ix_inbox_entries_peer", "shop_id", "account_id", "peer", "id"),
)
ratings = Table(
    "inbox_ratings",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("event_key", Text, nullable=False),
    Column("agent_id", Id),
    Column("stars", Integer, nullable=False),
    Column("comment", Text, nullable=False),
    Column("tags", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("uq_inbox_ratings_key", "shop_id", "account_id", "event_key", unique=True),
    Index("ix_inbox_ratings_conversation", "shop_id", "conversation_id", "id"),
)

# ---- hot statements

FIND_OPEN = Sql(
    "SELECT id, buyer_id, waiting_ms, recency_ms, entry, group_id FROM inbox_conversations"
    " WHERE shop_id = ? AND account_id = ? AND peer = ? AND status = 'open'"
)
ROW_COLUMNS = (
    "id, buyer_id, buyer_name_zh, channel, account_id, entry, status, group_id, agent_id, priority, due_ms,"
    " waiting_ms, recency_ms, last_role, last_text, unread_count, message_count, snoozed_until, opened_at,"
    " closed_at, buyer_read_ms, version, peer"
)
READ_ROW = Sql(f"SELECT {ROW_COLUMNS} FROM inbox_conversations WHERE id = ? AND shop_id = ?")
FIND_LAST_CLOSED = Sql(
    "SELECT id, closed_at, buyer_name_zh FROM inbox_conversations"
    " WHERE shop_id = ? AND account_id = ? AND peer = ? AND status = 'closed' ORDER BY id DESC LIMIT 1"
)
FIND_LAST_ENTRY = Sql(
    "SELECT entry, refs FROM inbox_entries"
    " WHERE shop_id = ? AND account_id = ? AND peer = ? AND at >= ? ORDER BY id DESC LIMIT 1"
)
INSERT_CONVERSATION = Sql(
    "INSERT INTO inbox_conversations (id, shop_id, account_id, channel, peer, conversation_key, buyer_id,"
    " buyer_platform_id, buyer_name_zh, entry, refs, status, group_id, agent_id, priority, opened_at, due_ms,"
    " waiting_ms, recency_ms, last_role, last_text, unread_count, message_count, buyer_read_ms, version)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', NULL, NULL, 0, ?, " + str(FAR_MS) + ","
    " " + str(FAR_MS) + ", ?, '', '', 0, 0, 0, 1)"
)
REOPEN = Sql(
    "UPDATE inbox_conversations SET status = 'open', closed_at = NULL, agent_id = ?, version = version + 1"
    " WHERE id = ? AND shop_id = ? AND status = 'closed'"
)
AFTER_BUYER = Sql(
    "UPDATE inbox_conversations SET waiting_ms = ?, recency_ms = ?, last_message_id = ?, last_role = 'buyer',"
    " last_text = ?, unread_count = unread_count + 1, message_count = message_count + 1,"
    " version = version + 1 WHERE id = ? RETURNING snoozed_until"
)
AFTER_OTHER = Sql(
    "UPDATE inbox_conversations SET recency_ms = ?, last_message_id = ?, last_role = ?, last_text = ?,"
    " message_count = message_count + 1, version = version + 1 WHERE id = ?"
)
COUNT_ONLY = Sql(
    "UPDATE inbox_conversations SET message_count = message_count + 1, version = version + 1 WHERE id = ?"
)
ANSWERED = Sql(
    "UPDATE inbox_conversations SET waiting_ms = " + str(FAR_MS) + ", unread_count = 0, version = version + 1"
    " WHERE id = ? AND shop_id = ?"
)
SET_DUE = Sql(
    "UPDATE inbox_conversations SET due_ms = ?, version = version + 1"
    " WHERE id = ? AND shop_id = ? AND due_ms <> ?"
)
FIND_LAST_OF_PEER = Sql(
    "SELECT id, agent_id FROM inbox_conversations"
    " WHERE shop_id = ? AND account_id = ? AND peer = ? ORDER BY id DESC LIMIT 1"
)
NOTE_READ = Sql(
    "UPDATE inbox_conversations SET buyer_read_ms = ?, version = version + 1 WHERE id = ? AND buyer_read_ms < ?"
)
