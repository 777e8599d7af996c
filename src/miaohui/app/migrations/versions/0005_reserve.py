"""Calls to the reserve, and when a queue is looked at for them."""

import sqlalchemy as sa
from alembic import op

from miaohui.kit.db import Json, UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "routing_reserve_calls",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("called_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waited_s", sa.Integer(), nullable=False),
        sa.Column("waiting_count", sa.Integer(), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_reserve_calls")),
    )
    with op.batch_alter_table("routing_reserve_calls", schema=None) as batch_op:
        batch_op.create_index(
            "ix_routing_reserve_calls_open",
            ["shop_id", "state"],
            unique=False,
            sqlite_where=sa.text("state IN ('called', 'accepted')"),
            postgresql_where=sa.text("state IN ('called', 'accepted')"),
        )
        batch_op.create_index("ix_routing_reserve_calls_person", ["shop_id", "user_id", "id"], unique=False)

    op.create_table(
        "routing_reserve_watch",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("look_at", UtcTime(), nullable=False),
        sa.Column("quiet_since_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_routing_reserve_watch")),
    )
    with op.batch_alter_table("routing_reserve_watch", schema=None) as batch_op:
        batch_op.create_index("ix_routing_reserve_watch_look", ["look_at"], unique=False)
