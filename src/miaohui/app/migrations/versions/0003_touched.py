"""Sessions that live messages touched and that insight is to count."""

import sqlalchemy as sa
from alembic import op

from miaohui.kit.db import Id

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "insight_touched",
        sa.Column("shop_id", Id, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "session_id", name=op.f("pk_insight_touched")),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
