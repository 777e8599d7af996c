"""Tables of trade: the mirror of what platforms know. Private to this room.

Each mirror row carries `registers`: field → [value, version], from which the plain columns are derived. The
plain columns are what is asked for; the registers make late, doubled and disordered facts converge.
Every table begins its keys and secondary indexes with `shop_id`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint, text

from miaohui.kit.db import Id, Json, UtcTime, id_column, metadata


def _mirrored(name: str, number: str, *own: Column[Any] | Index) -> Table:
    """Return the table of one kind of thing that platforms know: whose it is, its number there, what is asked for."""
    return Table(
        name,
        metadata,
        id_column(),
        Column("shop_id", Id, nullable=False),
        Column("account_id", Id, nullable=False),
        Column("channel", Text, nullable=False),
        Column(number, Text, nullable=False),
        *own,
        Column("registers", Json, nullable=False),
        Column("mirrored_at", UtcTime, nullable=False),
        UniqueConstraint("shop_id", "channel", number, name=f"uq_{name}_platform"),
    )


orders = _mirrored(
    "trade_orders", "platform_order_id",
    Column("status", Text),
    Column("placed_at", UtcTime),
    Column("paid_at", UtcTime),
    Column("ship_due_at", UtcTime),
    Column("shipped_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("pay_fen", BigInteger),
    Column("pulled_at", UtcTime),
    Index("ix_trade_orders_placed", "shop_id", "placed_at", "id"),
    Index("ix_trade_orders_status", "shop_id", "status", "placed_at"),
    Index(
        "ix_trade_orders_ship_due", "shop_id", "ship_due_at",
        sqlite_where=text("status IN ('paid', 'to_ship', 'partly_shipped')"),
        postgresql_where=text("status IN ('paid', 'to_ship', 'partly_shipped')"),
    ),
)  # fmt: skip

order_items = Table(
    "trade_order_items",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("order_id", Id, nullable=False),
    Column("platform_item_id", Text, nullable=False),
    Column("status", Text),
    Column("product_id", Text),
    Column("sku_id", Text),
    Column("author_id", Text),
    Column("room_id", Text),
    Column("video_id", Text),
    Column("content_id", Text),
    Column("registers", Json, nullable=False),
    UniqueConstraint("shop_id", "order_id", "platform_item_id", name="uq_trade_order_items_platform"),
    Index("ix_trade_order_items_product", "shop_id", "product_id"),
    Index("ix_trade_order_items_room", "shop_id", "room_id"),
    Index("ix_trade_order_items_video", "shop_id", "video_id"),
)

aftersales = _mirrored(
    "trade_aftersales", "platform_aftersale_id",
    Column("platform_order_id", Text),
    Column("status", Text),
    Column("kind", Text),
    Column("arbitration", Text),
    Column("applied_at", UtcTime),
    Column("status_deadline", UtcTime),
    Index("ix_trade_aftersales_order", "shop_id", "channel", "platform_order_id"),
    Index("ix_trade_aftersales_applied", "shop_id", "applied_at", "id"),
    Index(
        "ix_trade_aftersales_due", "shop_id", "status_deadline",
        sqlite_where=text("status NOT IN ('closed', 'succeeded')"),
        postgresql_where=text("status NOT IN ('closed', 'succeeded')"),
    ),
)  # fmt: skip

service_tickets = _mirrored(
    "trade_service_tickets",
    "platform_ticket_id",
    Column("platform_order_id", Text),
    Column("status", Text),
    Column("opened_at", UtcTime),
    Index("ix_trade_service_tickets_order", "shop_id", "channel", "platform_order_id"),
    Index("ix_trade_service_tickets_opened", "shop_id", "opened_at", "id"),
)

parcels = Table(
    "trade_parcels",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("channel", Text, nullable=False),
    Column("platform_order_id", Text, nullable=False),
    Column("tracking_no", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("shipped_at", UtcTime),
    Column("moved_at", UtcTime),
    Column("registers", Json, nullable=False),
    Column("mirrored_at", UtcTime, nullable=False),
    UniqueConstraint(
        "shop_id", "channel", "platform_order_id", "tracking_no", name="uq_trade_parcels_platform"
    ),
    Index("ix_trade_parcels_tracking", "shop_id", "tracking_no"),
)

route_nodes = Table(
    "trade_route_nodes",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("parcel_id", Id, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("site", Text, nullable=False),
    UniqueConstraint("shop_id", "parcel_id", "at", "text", name="uq_trade_route_nodes_line"),
)

products = _mirrored(
    "trade_products",
    "platform_product_id",
    Column("title", Text),
)

skus = Table(
    "trade_skus",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("product_id", Id, nullable=False),
    Column("platform_sku_id", Text, nullable=False),
    Column("price_fen", BigInteger),
    Column("stock_count", Integer),
    Column("registers", Json, nullable=False),
    UniqueConstraint("shop_id", "product_id", "platform_sku_id", name="uq_trade_skus_platform"),
)

order_buyer_ids = Table(
    "trade_order_buyer_ids",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("id_space", Text, nullable=False),
    Column("platform_id", Text, nullable=False),
    Column("order_id", Id, nullable=False),
    UniqueConstraint("shop_id", "id_space", "platform_id", "order_id", name="uq_trade_order_buyer_ids_all"),
    Index("ix_trade_order_buyer_ids_order", "shop_id", "order_id"),
)

buyer_links = Table(
    "trade_buyer_links",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("order_id", Id, nullable=False),
    Column("buyer_id", Id, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("linked_at", UtcTime, nullable=False),
    Column("linked_by", Text, nullable=False),
    UniqueConstraint("shop_id", "order_id", name="uq_trade_buyer_links_order"),
    Index("ix_trade_buyer_links_buyer", "shop_id", "buyer_id", "order_id"),
)

cursors = Table(
    "trade_cursors",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("stream", Text, nullable=False),
    Column("done_until", UtcTime),
    Column("page_since", UtcTime),
    Column("page_until", UtcTime),
    Column("page_cursor", Text),
    Column("ran_at", UtcTime, nullable=False),
    Column("fact_count", Integer, nullable=False),
    Column("repaired_count", Integer, nullable=False),
    Column("error", Text),
    UniqueConstraint("shop_id", "account_id", "stream", name="uq_trade_cursors_stream"),
)
