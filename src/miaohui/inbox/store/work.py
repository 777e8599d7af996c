"""What people keep around conversations: notes, labels, snoozes, drafts, views, files, widget sessions."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint, text

from miaohui.kit.db import Id, Json, UtcTime, id_column, metadata

ASLEEP = text("woken_at IS NULL")

notes = Table(
    "inbox_notes",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("author_id", Id),
    Column("author_name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("mentioned_user_ids", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_inbox_notes_conversation", "shop_id", "conversation_id", "id"),
)
mentions = Table(
    "inbox_mentions",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("note_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("seen_at", UtcTime),
)
labels = Table(
    "inbox_labels",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("color", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("retired_at", UtcTime),
    UniqueConstraint("shop_id", "name_zh"),
)
conversation_labels = Table(
    "inbox_conversation_labels",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("conversation_id", Id, primary_key=True),
    Column("label_id", Id, primary_key=True),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
    Index("ix_inbox_conversation_labels_label", "shop_id", "label_id", "conversation_id"),
)
snoozes = Table(
    "inbox_snoozes",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
    Column("woken_at", UtcTime),
    Column("woken_by", Text),
    # The timer looks for the earliest one over all shops.
    Index("ix_inbox_snoozes_due", "until", sqlite_where=ASLEEP, postgresql_where=ASLEEP),
    Index("ix_inbox_snoozes_conversation", "shop_id", "conversation_id", "id"),
)
drafts = Table(
    "inbox_drafts",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("conversation_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("text", Text, nullable=False),
    Column("parts", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)
views = Table(
    "inbox_views",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("user_id", Id),  # None: shared with the whole shop
    Column("name_zh", Text, nullable=False),
    Column("filter", Json, nullable=False),
    Column("position", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index("ix_inbox_views_user", "shop_id", "user_id", "position"),
)
attachments = Table(
    "inbox_attachments",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("digest", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("by_kind", Text, nullable=False),  # agent, buyer, platform (fetched for a message)
    Column("account_id", Id),  # of a buyer's upload: only the visitor who made it may send it
    Column("peer", Text),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
    Index("ix_inbox_attachments_conversation", "shop_id", "conversation_id", "id"),
    Index("ix_inbox_attachments_digest", "shop_id", "digest"),
)
