"""The full-text index of messages: one statement set for each engine, kept beside the tables it belongs to."""

from alembic import op

from miaohui.inbox.store.messages import search_ddl

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in search_ddl(op.get_bind().dialect.name):
        op.execute(statement)
