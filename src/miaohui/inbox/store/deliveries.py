"""Raw deliveries as they came, and how alive each channel account is."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, text

from miaohui.kit.bulk import BulkInsert
from miaohui.kit.db import Id, Json, Sql, UtcTime, id_column, metadata

WAITING = text("state = 'waiting'")
FAILED = text("state = 'failed'")

deliveries = Table(
    "inbox_deliveries",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("account_key", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("request", Json, nullable=False),  # method, path, query, headers that decoding needs
    Column("body", LargeBinary, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("state", Text, nullable=False),  # waiting, done, failed
    Column("tries", Integer, nullable=False),
    Column("fact_count", Integer, nullable=False),
    Column("error", Text),
    Column("done_ms", BigInteger),
    Index("uq_inbox_deliveries_digest", "shop_id", "account_id", "digest", unique=True),
    # The pump serves every shop in the order of arrival, so this one does not start with the shop.
    Index("ix_inbox_deliveries_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    Index("ix_inbox_deliveries_failed", "shop_id", "id", sqlite_where=FAILED, postgresql_where=FAILED),
    # The purge goes by age over all shops.
    Index("ix_inbox_deliveries_age", "received_ms"),
)
replays = Table(
    "inbox_delivery_replays",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("delivery_id", Id, nullable=False),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
    Index("ix_inbox_delivery_replays_delivery", "shop_id", "delivery_id"),
)
pulses = Table(
    "inbox_pulses",
    metadata,
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("shop_id", Id, nullable=False),
    Column("channel", Text, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Index("ix_inbox_pulses_shop", "shop_id"),
)
silences = Table(
    "inbox_silences",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("channel", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("noticed_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index("ix_inbox_silences_account", "shop_id", "account_id", "id"),
)

INSERT_DELIVERY = BulkInsert(
    "INSERT INTO inbox_deliveries (id, shop_id, account_id, account_key, channel, digest, request, body,"
    " received_ms, state, tries, fact_count)",
    "(?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', 0, 0)",
    "ON CONFLICT (shop_id, account_id, digest) DO NOTHING",
)
TAKE = Sql(
    "SELECT id, shop_id, account_id, account_key, channel, request, body, received_ms FROM inbox_deliveries"
    " WHERE state = 'waiting' ORDER BY id LIMIT ?"
)
TRY_LOCK = Sql("SELECT pg_try_advisory_xact_lock(7311)")
DONE = Sql(
    "UPDATE inbox_deliveries SET state = 'done', tries = tries + 1, fact_count = ?, error = NULL, done_ms = ?"
    " WHERE id = ?"
)
FAIL = Sql(
    "UPDATE inbox_deliveries SET state = 'failed', tries = tries + 1, fact_count = ?, error = ?, done_ms = ?"
    " WHERE id = ?"
)
PULSE = Sql(
    "INSERT INTO inbox_pulses (account_id, shop_id, channel, last_ms) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (account_id) DO UPDATE SET last_ms = excluded.last_ms"
    " WHERE inbox_pulses.last_ms < excluded.last_ms"
)
BLANK = Sql(
    "UPDATE inbox_deliveries SET body = '', request = '{}', error = NULL, state = 'done'"
    " WHERE id = ? AND shop_id = ? AND state <> 'waiting'"
)
PURGE = Sql(
    "DELETE FROM inbox_deliveries WHERE id IN (SELECT id FROM inbox_deliveries"
    " WHERE shop_id = ? AND state = ? AND received_ms < ? ORDER BY received_ms LIMIT ?)"
)
PURGE_REPLAYS = Sql(
    "DELETE FROM inbox_delivery_replays WHERE id IN (SELECT id FROM inbox_delivery_replays"
    " WHERE shop_id = ? AND id < ? ORDER BY id LIMIT ?)"
)
PURGE_ATTEMPTS = Sql(
    "DELETE FROM inbox_send_attempts WHERE id IN (SELECT id FROM inbox_send_attempts"
    " WHERE shop_id = ? AND id < ? ORDER BY id LIMIT ?)"
)
