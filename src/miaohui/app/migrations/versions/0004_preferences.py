"""Preferences: what a person sets for herself, as which tours she has taken."""

import sqlalchemy as sa
from alembic import op

from miaohui.kit.db import Json, UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_preferences",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["access_users.id"], name=op.f("fk_access_preferences_user_id")),
        sa.PrimaryKeyConstraint("user_id", "name", name=op.f("pk_access_preferences")),
    )
