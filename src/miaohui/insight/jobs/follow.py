"""Rounds and roll-ups after an import or an undo: in parts, so that a live desk is never held up for long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.importing import queries as files
from miaohui.insight import actions
from miaohui.insight.queries.sessions import list_session_ids_between
from miaohui.kit.tx import Tx

Write = Callable[[Callable[[Tx], Any]], Any]
Read = Callable[[Callable[[Connection], Any]], Any]
SESSIONS_A_PART = 1_500
MARGIN_MS = 86_400_000


def follow_import(
    read: Read,
    write: Write,
    shop_id: int,
    batch_id: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> int:
    """Build the rounds of every session that an import brought messages of; returns how many rounds."""
    session_ids = read(lambda conn: files.list_session_ids(conn, shop_id, batch_id))
    return rebuild(write, shop_id, session_ids, on_progress)


def follow_undo(read: Read, write: Write, shop_id: int, from_ms: int, to_ms: int) -> int:
    """Build the sessions of a span anew after an import was undone: those without messages disappear."""
    session_ids = read(
        lambda conn: list_session_ids_between(conn, shop_id, from_ms - MARGIN_MS, to_ms + MARGIN_MS)
    )
    return rebuild(write, shop_id, session_ids)


def rebuild(
    write: Write,
    shop_id: int,
    session_ids: Sequence[str],
    on_progress: Callable[[int, int], None] | None = None,
) -> int:
    """Build these sessions anew, some at a time."""
    turns = 0
    ordered = sorted(session_ids)
    for start in range(0, len(ordered), SESSIONS_A_PART):
        part = ordered[start : start + SESSIONS_A_PART]
        turns += write(partial(actions.rebuild_sessions, shop_id=shop_id, session_ids=part))
        if on_progress is not None:
            on_progress(start + len(part), len(ordered))
    return turns
