"""Tables of outgoing webhooks. Private to this room. Secrets are sealed by the vault."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint, text

from miaohui.kit.db import Id, Json, UtcTime, id_column, metadata

endpoints = Table(
    "webhooks_endpoints",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("filters", Json, nullable=False),
    Column("secret_sealed", Text, nullable=False),
    Column("old_secret_sealed", Text),
    Column("old_secret_until", UtcTime),
    Column("state", Text, nullable=False),
    Column("since_feed_id", BigInteger, nullable=False),
    Column("failing_since", UtcTime),
    Column("failure_count", Integer, nullable=False),
    Column("hold_until", UtcTime),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index("ix_webhooks_endpoints_shop", "shop_id", "id"),
)

endpoint_states = Table(
    "webhooks_endpoint_states",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("endpoint_id", Id, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_webhooks_endpoint_states_endpoint", "shop_id", "endpoint_id", "id"),
)

deliveries = Table(
    "webhooks_deliveries",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("endpoint_id", Id, nullable=False),
    Column("feed_id", BigInteger),
    Column("message_id", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt_count", Integer, nullable=False),
    Column("next_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    UniqueConstraint("shop_id", "endpoint_id", "feed_id", name="uq_webhooks_deliveries_feed"),
    Index("ix_webhooks_deliveries_list", "shop_id", "endpoint_id", "id"),
    Index(
        "ix_webhooks_deliveries_due", "shop_id", "endpoint_id", "next_at",
        sqlite_where=text("state = 'queued'"), postgresql_where=text("state = 'queued'"),
    ),
)  # fmt: skip

attempts = Table(
    "webhooks_attempts",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("delivery_id", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("status", Integer),
    Column("snippet", Text, nullable=False),
    Column("error", Text, nullable=False),
    Index("ix_webhooks_attempts_delivery", "shop_id", "delivery_id", "id"),
)

# The place in the live feed up to which deliveries were made: one row for the whole installation (no shop_id,
# since the feed is one table for all shops).
places = Table(
    "webhooks_places",
    metadata,
    Column("name", Text, primary_key=True),
    Column("feed_id", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
)
