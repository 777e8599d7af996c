"""Complaint tickets 服务单, mirrored from the platform."""

import sqlalchemy as sa
from alembic import op

from miaohui.kit.db import Json, UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "trade_service_tickets",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("platform_ticket_id", sa.Text(), nullable=False),
        sa.Column("platform_order_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("opened_at", UtcTime(), nullable=True),
        sa.Column("registers", Json(), nullable=False),
        sa.Column("mirrored_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trade_service_tickets")),
        sa.UniqueConstraint(
            "shop_id", "channel", "platform_ticket_id", name="uq_trade_service_tickets_platform"
        ),
    )
    with op.batch_alter_table("trade_service_tickets", schema=None) as batch_op:
        batch_op.create_index("ix_trade_service_tickets_opened", ["shop_id", "opened_at", "id"], unique=False)
        batch_op.create_index(
            "ix_trade_service_tickets_order", ["shop_id", "channel", "platform_order_id"], unique=False
        )
