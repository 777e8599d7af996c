"""Tables of this room; private to it."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from miaohui.kit.db import Id, Json, Sql, UtcTime, id_column, metadata

shops = Table(
    # The tenant itself: its id is the shop_id of every other table.
    "shop_shops",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("main_category", Text, nullable=False),
    Column("version", Integer, nullable=False),
    # Names the state of all dated rules: new after every change, so that readers may keep what they read.
    Column("stamp", Id, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

policies = Table(
    "shop_policies",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("effective_from", UtcTime, nullable=False),
    Column("value", Json, nullable=False),
    Column("author_id", Id),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("undoes_version", Integer),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("shop_id", "kind", "version"),
)

live_sessions = Table(
    "shop_live_sessions",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("room", Text, nullable=False),
    Column("presenter", Text, nullable=False),
    Column("planned_start_at", UtcTime, nullable=False),
    Column("planned_end_at", UtcTime, nullable=False),
    Column("actual_start_at", UtcTime),
    Column("actual_end_at", UtcTime),
    Column("cancelled_at", UtcTime),
    Index("ix_shop_live_sessions_time", "shop_id", "planned_start_at"),
)

live_changes = Table(
    "shop_live_changes",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("live_session_id", Id, ForeignKey("shop_live_sessions.id"), nullable=False),
    Column("change", Text, nullable=False),
    Column("detail", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author_id", Id),
    Column("author", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_shop_live_changes_session", "shop_id", "live_session_id", "id"),
)

promotions = Table(
    "shop_promotions",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("shift_count", Integer, nullable=False),
    Column("target_s", Integer),
    Column("author", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("cancelled_at", UtcTime),
    Column("cancelled_by", Text),
    Column("cancel_reason", Text),
    Index("ix_shop_promotions_time", "shop_id", "starts_at"),
)

calendar_exceptions = Table(
    "shop_calendar_exceptions",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("on_date", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("windows", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("removed_at", UtcTime),
    Column("removed_by", Text),
    Index(
        "uq_shop_calendar_exceptions_day", "shop_id", "on_date", unique=True,
        sqlite_where=text("removed_at IS NULL"), postgresql_where=text("removed_at IS NULL"),
    ),
)  # fmt: skip

tier_proposals = Table(
    "shop_tier_proposals",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("from_tier", Text, nullable=False),
    Column("to_tier", Text, nullable=False),
    Column("orders_per_day", Float, nullable=False),
    Column("measured_days", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_shop_tier_proposals_shop", "shop_id", "id"),
)

tier_decisions = Table(
    "shop_tier_decisions",
    metadata,
    Column("proposal_id", Id, ForeignKey("shop_tier_proposals.id"), primary_key=True, autoincrement=False),
    Column("shop_id", Id, nullable=False, index=True),
    Column("decision", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author_id", Id),
    Column("author", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

channel_accounts = Table(
    "shop_channel_accounts",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    # Random, unguessable; a webhook names it before anybody knows the tenant, so it is unique by itself.
    Column("account_key", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("config", Json, nullable=False),
    Column("secrets_sealed", Text, nullable=False),
    Column("secret_names", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index("ix_shop_channel_accounts_shop", "shop_id", "id"),
)

channel_states = Table(
    "shop_channel_states",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("account_id", Id, ForeignKey("shop_channel_accounts.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_shop_channel_states_account", "shop_id", "account_id", "id"),
)

channel_checks = Table(
    "shop_channel_checks",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("account_id", Id, ForeignKey("shop_channel_accounts.id"), nullable=False),
    Column("result", Text, nullable=False),
    Column("message_zh", Text, nullable=False),
    Column("detail", Json, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_shop_channel_checks_account", "shop_id", "account_id", "id"),
)

STAMP = Sql("SELECT stamp FROM shop_shops WHERE id = ?")
