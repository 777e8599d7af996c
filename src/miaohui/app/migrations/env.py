"""Alembic's environment: runs inside the connection it is handed."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from miaohui.app import tables  # noqa: F401 -- registers every room's tables
from miaohui.kit.db import Json, UtcTime, metadata


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our column types by their short names."""
    if kind == "type" and isinstance(item, Json | UtcTime):
        return f"{type(item).__name__}()"
    return False


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """Leave out what full-text search makes for itself."""
    return not (kind == "table" and (name or "").startswith(("inbox_search", "sqlite_")))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
    render_item=render_item,
    include_name=include_name,
)
context.run_migrations()
