"""Alembic's environment: runs inside the connection it is handed."""

from __future__ import annotations

from alembic import context

from miaohui.app import tables  # noqa: F401 -- registers every room's tables
from miaohui.kit.db import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
