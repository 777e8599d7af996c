"""Messages, what happened to them afterwards, and the search index."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import DDL, BigInteger, Column, Index, Integer, Table, Text, event, text

from miaohui.kit.db import Id, Json, Sql, UtcTime, id_column, metadata

PENDING = text("state IN ('queued', 'sending')")
KEYED = text("client_id IS NOT NULL")

messages = Table(
    "inbox_messages",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("event_key", Text),  # None for our own; else unique for ever
    Column("message_key", Text),  # the platform's id of it
    Column("role", Text, nullable=False),  # buyer, agent, bot, system
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("parts", Text, nullable=False),
    Column("refs", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("occurred_ms", BigInteger, nullable=False),  # the platform's order: occurred_ms, seq_hint, id
    Column("seq_hint", BigInteger, nullable=False),
    Column("received_ms", BigInteger, nullable=False),  # the order of arrival: received_ms, id
    Column("agent_id", Id),
    Column("client_id", Text),
    Column("state", Text, nullable=False),
    Column("state_reason", Text),
    Column("edited_ms", BigInteger),  # follow from inbox_edits and inbox_recalls
    Column("recalled_ms", BigInteger),
    Column("digest", BigInteger, nullable=False),
    Column("row_hash", BigInteger, nullable=False),
    Index("uq_inbox_messages_event", "shop_id", "account_id", "event_key", unique=True),
    Index("uq_inbox_messages_client", "shop_id", "conversation_id", "client_id", unique=True,
          sqlite_where=KEYED, postgresql_where=KEYED),
    Index("ix_inbox_messages_order", "shop_id", "conversation_id", "occurred_ms", "seq_hint", "id"),
    Index("ix_inbox_messages_key", "shop_id", "account_id", "message_key"),
    Index("ix_inbox_messages_pending", "shop_id", "conversation_id", "id",
          sqlite_where=PENDING, postgresql_where=PENDING),
)  # fmt: skip

edits = Table(
    "inbox_edits",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("event_key", Text, nullable=False),
    Column("old_text", Text, nullable=False),
    Column("old_parts", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("uq_inbox_edits_key", "shop_id", "message_id", "event_key", unique=True),
)
recalls = Table(
    "inbox_recalls",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("message_id", Id),  # None while the message itself has not arrived yet
    Column("message_key", Text, nullable=False),
    Column("by_role", Text, nullable=False),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
    Index("uq_inbox_recalls_key", "shop_id", "account_id", "message_key", unique=True),
    Index("ix_inbox_recalls_message", "shop_id", "message_id"),
)
conflicts = Table(
    "inbox_conflicts",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("event_key", Text, nullable=False),
    Column("digest", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("parts", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("uq_inbox_conflicts_digest", "shop_id", "message_id", "digest", unique=True),
)
attempts = Table(
    "inbox_send_attempts",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("outcome", Text, nullable=False),  # sending, delivered, refused, unknown, retry
    Column("scene", Text, nullable=False),  # the channel's door it went through: counts against its quota
    Column("detail", Json, nullable=False),
    Index("ix_inbox_send_attempts_message", "shop_id", "message_id", "id"),
)
read_marks = Table(
    "inbox_read_marks",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("conversation_id", Id, primary_key=True),
    Column("reader", Text, primary_key=True),  # buyer, or agent:<user id>
    Column("message_id", Id),
    Column("at", UtcTime, nullable=False),
)
openings = Table(
    "inbox_openings",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("account_id", Id, primary_key=True),
    Column("peer", Text, primary_key=True),
    Column("act", Text, primary_key=True),  # enter, auth: what else than a message opens a send window
    Column("at", UtcTime, nullable=False),
    Column("until", UtcTime),
)
facts = Table(
    "inbox_facts",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("account_id", Id, primary_key=True),
    Column("event_key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

COLUMNS = (
    "id, shop_id, conversation_id, account_id, event_key, message_key, role, kind, text, parts, refs, origin,"
    " occurred_ms, seq_hint, received_ms, agent_id, client_id, state, digest, row_hash"
)
INSERT_MESSAGE = Sql(
    f"INSERT INTO inbox_messages ({COLUMNS}) VALUES ({', '.join('?' * 20)})"
    " ON CONFLICT (shop_id, account_id, event_key) DO NOTHING"
)
FIND_BY_EVENT = Sql(
    "SELECT id, conversation_id, digest FROM inbox_messages"
    " WHERE shop_id = ? AND account_id = ? AND event_key = ?"
)
FIND_BY_KEY = Sql(
    "SELECT id, conversation_id, state FROM inbox_messages"
    " WHERE shop_id = ? AND account_id = ? AND message_key = ? ORDER BY id LIMIT 1"
)
FIND_BY_CLIENT = Sql(
    "SELECT id, digest, state FROM inbox_messages WHERE shop_id = ? AND conversation_id = ? AND client_id = ?"
)
FIND_BY_ID = Sql(
    "SELECT id, conversation_id, state, message_key FROM inbox_messages"
    " WHERE id = ? AND shop_id = ? AND account_id = ? AND role IN ('agent', 'bot')"
)
RECENT_SENDS = Sql(
    "SELECT id, conversation_id, state, message_key, parts, occurred_ms FROM inbox_messages"
    " WHERE shop_id = ? AND conversation_id = ? AND occurred_ms >= ? AND role IN ('agent', 'bot')"
    " AND state IN ('sending', 'unknown', 'delivered') ORDER BY occurred_ms, id LIMIT 50"
)
READ_KIND = Sql("SELECT kind FROM inbox_messages WHERE id = ? AND shop_id = ?")
READ_TEXT = Sql("SELECT text, parts, role FROM inbox_messages WHERE id = ? AND shop_id = ?")
READ_OUTGOING = Sql(
    "SELECT conversation_id, agent_id, role, state, text, client_id, kind, state_reason FROM inbox_messages"
    " WHERE id = ? AND shop_id = ?"
)
EDIT_MESSAGE = Sql(
    "UPDATE inbox_messages SET text = ?, parts = ?, edited_ms = ? WHERE id = ? AND shop_id = ?"
)
SET_PARTS = Sql("UPDATE inbox_messages SET parts = ? WHERE id = ? AND shop_id = ?")
MARK_RECALLED = Sql(
    "UPDATE inbox_messages SET recalled_ms = ? WHERE id = ? AND shop_id = ? AND recalled_ms IS NULL"
)
SET_RECALL_MESSAGE = Sql("UPDATE inbox_recalls SET message_id = ? WHERE id = ?")
SET_STATE = Sql(
    "UPDATE inbox_messages SET state = ?, state_reason = ? WHERE id = ? AND shop_id = ? AND state = ?"
)
SET_MESSAGE_KEY = Sql(
    "UPDATE inbox_messages SET message_key = ? WHERE id = ? AND shop_id = ? AND message_key IS NULL"
)
NEXT_QUEUED = Sql(
    "SELECT id, state FROM inbox_messages WHERE shop_id = ? AND conversation_id = ?"
    " AND state IN ('queued', 'sending') ORDER BY id LIMIT 1"
)
END_ATTEMPT = Sql(
    "UPDATE inbox_send_attempts SET ended_at = ?, outcome = ?, detail = ?"
    " WHERE shop_id = ? AND message_id = ? AND ended_at IS NULL"
)
INSERT_FACT = Sql(
    "INSERT INTO inbox_facts (shop_id, account_id, event_key, kind, at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
INSERT_CONFLICT = Sql(
    "INSERT INTO inbox_conflicts (id, shop_id, account_id, message_id, conversation_id, event_key, digest,"
    " text, parts, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
FIND_EARLY_RECALL = Sql(
    "SELECT id, by_role FROM inbox_recalls WHERE shop_id = ? AND account_id = ? AND message_key = ?"
)
UPSERT_OPENING = Sql(
    "INSERT INTO inbox_openings (shop_id, account_id, peer, act, at, until) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (shop_id, account_id, peer, act) DO UPDATE SET at = excluded.at, until = excluded.until"
    " WHERE inbox_openings.at <= excluded.at"
)
HASHED = (
    "id, shop_id, conversation_id, account_id, event_key, role, kind, text, parts, refs, occurred_ms,"
    " seq_hint, received_ms, agent_id, client_id, digest"
)

# ---- search: on SQLite a contentless full-text table, on PostgreSQL a tsvector with GIN. The shop is part of
# every token, so that the tenant filter is inside the index (reliability.md §3.2, LLM09).

SEARCH_SQLITE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS inbox_search USING fts5(tokens, content='', contentless_delete=1,"
    " tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")"
)
SEARCH_POSTGRES = (
    "CREATE TABLE IF NOT EXISTS inbox_search (id bigint PRIMARY KEY, tokens tsvector NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ix_inbox_search_tokens ON inbox_search USING gin (tokens)",
)
DROP_SEARCH = "DROP TABLE IF EXISTS inbox_search"


def search_ddl(dialect: str) -> tuple[str, ...]:
    """Return the statements that make the search index, for `create_all` and for migrations alike."""
    return (SEARCH_SQLITE,) if dialect == "sqlite" else SEARCH_POSTGRES


event.listen(messages, "after_create", DDL(SEARCH_SQLITE).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
for _statement in SEARCH_POSTGRES:
    event.listen(messages, "after_create", DDL(_statement).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
event.listen(messages, "after_drop", DDL(DROP_SEARCH))  # type: ignore[no-untyped-call]

INDEX_SQLITE = Sql("INSERT INTO inbox_search (rowid, tokens) VALUES (?, ?)")
INDEX_POSTGRES = Sql(
    "INSERT INTO inbox_search (id, tokens) VALUES (?, array_to_tsvector(?::text[])) ON CONFLICT (id) DO NOTHING"
)
UNINDEX_SQLITE = Sql("DELETE FROM inbox_search WHERE rowid = ?")
UNINDEX_POSTGRES = Sql("DELETE FROM inbox_search WHERE id = ?")


def digest_of(role: str, kind: str, text_: str, parts: str) -> int:
    """Return a 63-bit digest of what was said, by which a changed redelivery is told from a repeated one."""
    return _hash63((role, kind, text_, parts))


def row_hash_of(*fields: Any) -> int:
    """Return a 63-bit hash of a message row's lasting columns, in the order of `HASHED`.

    It finds 98 % of flipped bits where the database's own check finds 28 % (reliability.md §1.9).
    """
    return _hash63(fields)


def _hash63(fields: tuple[Any, ...]) -> int:
    return int.from_bytes(blake2b(msgspec.msgpack.encode(fields), digest_size=8).digest()) >> 1
