"""Tables of `staff` and their hot reads. Private to the room."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, Table, Text, text

from miaohui.kit.db import Id, Sql, UtcTime, id_column, metadata

groups = Table(
    "staff_groups",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_staff_groups_shop", "shop_id", "position", "id"),
)
archivals = Table(
    "staff_group_archivals",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("group_id", Id, primary_key=True),
    Column("archived_at", UtcTime, nullable=False),
    Column("by_user_id", Id),
    Column("reason", Text, nullable=False),
)
overflows = Table(
    "staff_group_overflows",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("group_id", Id, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("to_group_id", Id, nullable=False),
)
agents = Table(
    "staff_agents",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("skills_version", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)
departures = Table(
    "staff_departures",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("user_id", Id, nullable=False),
    Column("departed_at", UtcTime, nullable=False),
    Column("by_user_id", Id),
    Column("reason", Text, nullable=False),
    Column("returned_at", UtcTime),
    Column("returned_by_user_id", Id),
    # One open departure per agent; the returned ones are history.
    Index(
        "uq_staff_departures_open", "shop_id", "user_id", unique=True,
        sqlite_where=text("returned_at IS NULL"), postgresql_where=text("returned_at IS NULL"),
    ),
)  # fmt: skip
memberships = Table(
    "staff_memberships",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("group_id", Id, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("since_at", UtcTime, nullable=False),
    Index("ix_staff_memberships_group", "shop_id", "group_id", "user_id"),
)
capacities = Table(
    "staff_capacities",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("effective_at", UtcTime, nullable=False),
    Column("max_concurrency", Integer, nullable=False),
    Column("author_id", Id),
    Column("reason", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)
# A planned capacity waits here until its time; firing deletes the row (compare-and-set).
capacity_starts = Table(
    "staff_capacity_starts",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("starts_at", UtcTime, nullable=False),
    # The timer loop looks over all shops for the next start, so this index leads with the time.
    Index("ix_staff_capacity_starts_due", "starts_at"),
)
skill_kinds = Table(
    "staff_skill_kinds",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)
skills = Table(
    "staff_skills",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("user_id", Id, nullable=False),
    Column("code", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("expires_on", Text),
    Column("granted_at", UtcTime, nullable=False),
    Column("by_user_id", Id),
    Column("ended_at", UtcTime),
    Index(
        "uq_staff_skills_current", "shop_id", "user_id", "code", unique=True,
        sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
    ),
)  # fmt: skip
reserves = Table(
    "staff_reserves",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("user_id", Id, nullable=False),
    Column("since_at", UtcTime, nullable=False),
    Column("by_user_id", Id),
    Column("reason", Text, nullable=False),
    Column("until_at", UtcTime),
    Index(
        "uq_staff_reserves_open", "shop_id", "user_id", unique=True,
        sqlite_where=text("until_at IS NULL"), postgresql_where=text("until_at IS NULL"),
    ),
)  # fmt: skip
reserve_targets = Table(
    "staff_reserve_targets",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("ratio", Float, nullable=False),
    Column("effective_at", UtcTime, nullable=False),
    Column("author_id", Id),
    Column("reason", Text, nullable=False),
)

_PRESENT = (
    " NOT EXISTS (SELECT 1 FROM staff_departures d WHERE d.shop_id = a.shop_id AND d.user_id = a.user_id"
    " AND d.returned_at IS NULL)"
)
CAPACITY_NOW = (
    "(SELECT c.max_concurrency FROM staff_capacities c WHERE c.shop_id = a.shop_id AND c.user_id = a.user_id"
    " AND c.effective_at <= ? ORDER BY c.effective_at DESC, c.version DESC LIMIT 1)"
)
PROFILES = Sql(
    f"SELECT a.user_id, a.display_name, {CAPACITY_NOW} FROM staff_agents a"
    f" WHERE a.shop_id = ? AND {_PRESENT} ORDER BY a.user_id"
)
NAME_OF = Sql("SELECT display_name FROM staff_agents WHERE shop_id = ? AND user_id = ?")
MEMBERSHIPS = Sql(
    "SELECT user_id, group_id FROM staff_memberships WHERE shop_id = ? ORDER BY user_id, position, group_id"
)
SKILLS = Sql(
    "SELECT user_id, code, level, expires_on FROM staff_skills WHERE shop_id = ? AND ended_at IS NULL"
    " ORDER BY user_id, code"
)
