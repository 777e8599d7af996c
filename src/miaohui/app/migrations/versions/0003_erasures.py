"""Erasures: who asked that a person be erased, why, and how far it went."""

import sqlalchemy as sa
from alembic import op

from miaohui.kit.db import Json, UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "buyers_erasures",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("compacted_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buyers_erasures")),
    )
    with op.batch_alter_table("buyers_erasures", schema=None) as batch_op:
        batch_op.create_index("ix_buyers_erasures_person", ["shop_id", "person_id", "id"], unique=False)
