"""The conversation list: a page, the counts of the boxes, the labels; three statements, whatever the size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.inbox.model import FAR_MS, Box, ListFilter, Page, Scope
from miaohui.inbox.queries.rows import row_of
from miaohui.inbox.queries.search import scope_sql
from miaohui.inbox.store.conversations import ROW_COLUMNS
from miaohui.kit.clock import to_ms
from miaohui.kit.db import Sql, raw_rows

BURNING = "due_ms, waiting_ms, recency_ms, id"
RECENT = "recency_ms, id"
RECENT_BOXES = (Box.CLOSED, Box.MENTIONED)


@dataclass(frozen=True)
class ConversationPage:
    """One page of a list, rows as in the live feed plus `label_ids`; `cursor` is None on the last page."""

    items: list[dict[str, Any]]
    cursor: tuple[int, ...] | None
    counts: dict[str, int] | None


def list_conversations(  # noqa: PLR0913 - scope, tenant, filter, page and time are five things
    conn: Connection,
    scope: Scope,
    shop_id: int,
    wanted: ListFilter,
    page: Page,
    now: datetime,
    *,
    with_counts: bool = False,
) -> ConversationPage:
    """Return a page of conversations, what burns first at the top, then who waits longest, then the newest.

    Shape: closed and mentioned ones are sorted by the newest; `with_counts` adds the counts of all boxes.
    Order: three SQL statements with counts, two without.
    """
    order = RECENT if wanted.box in RECENT_BOXES else BURNING
    where, params = _where(scope, shop_id, wanted, now)
    if page.cursor is not None:
        marks = ", ".join("?" * len(page.cursor))
        where, params = [*where, f"({order}) > ({marks})"], [*params, *page.cursor]
    text = (
        f"SELECT {ROW_COLUMNS} FROM inbox_conversations WHERE {' AND '.join(where)} ORDER BY {order} LIMIT ?"
    )
    rows = raw_rows(conn, Sql(text), [*params, page.limit + 1])
    more, rows = len(rows) > page.limit, rows[: page.limit]
    labels = labels_of(conn, shop_id, [row[0] for row in rows])
    items = [{**row_of(row), "label_ids": labels.get(row[0], [])} for row in rows]
    cursor = _cursor(rows[-1], order) if more else None
    return ConversationPage(items, cursor, count_boxes(conn, scope, shop_id, now) if with_counts else None)


def _cursor(row: Any, order: str) -> tuple[int, ...]:
    return (row[12], row[0]) if order == RECENT else (row[10], row[11], row[12], row[0])


def _where(scope: Scope, shop_id: int, wanted: ListFilter, now: datetime) -> tuple[list[str], list[Any]]:
    where, params = ["shop_id = ?"], [shop_id]
    box, more = _box(scope, wanted.box, now)
    seen, seen_params = scope_sql(scope)
    where, params = where + box + seen, params + more + seen_params
    for column in ("agent_id", "group_id", "channel", "account_id", "buyer_id", "entry"):
        value = getattr(wanted, column)
        if value not in (None, ""):
            where.append(f"{column} = ?")
            params.append(value)
    if wanted.label_id is not None:
        where.append(
            "id IN (SELECT conversation_id FROM inbox_conversation_labels WHERE shop_id = ? AND label_id = ?)"
        )
        params += [shop_id, wanted.label_id]
    return where, params


def _box(scope: Scope, box: Box, now: datetime) -> tuple[list[str], list[Any]]:
    awake = ["status = 'open'", "snoozed_until IS NULL"]
    if box is Box.CLOSED:
        return ["status = 'closed'"], []
    if box is Box.SNOOZED:
        return ["status = 'open'", "snoozed_until IS NOT NULL"], []
    if box is Box.MENTIONED:
        inner = "SELECT conversation_id FROM inbox_mentions WHERE shop_id = inbox_conversations.shop_id AND user_id = ?"
        return [f"id IN ({inner})"], [scope.user_id]
    if box is Box.MINE:
        return [*awake, "agent_id = ?"], [scope.user_id]
    if box is Box.UNASSIGNED:
        return [*awake, "agent_id IS NULL"], []
    if box is Box.WAITING:
        return [*awake, f"waiting_ms < {FAR_MS}"], []
    if box is Box.OVERDUE:
        return [*awake, "due_ms < ?"], [to_ms(now)]
    return awake, []


def count_boxes(conn: Connection, scope: Scope, shop_id: int, now: datetime) -> dict[str, int]:
    """Return how many conversations each box holds for this person, in one statement."""
    seen, seen_params = scope_sql(scope)
    where = " AND ".join(["shop_id = ?", "status = 'open'", *seen])
    text = (
        "SELECT count(*) FILTER (WHERE snoozed_until IS NULL),"
        " count(*) FILTER (WHERE snoozed_until IS NULL AND agent_id = ?),"
        " count(*) FILTER (WHERE snoozed_until IS NULL AND agent_id IS NULL),"
        f" count(*) FILTER (WHERE snoozed_until IS NULL AND waiting_ms < {FAR_MS}),"
        " count(*) FILTER (WHERE snoozed_until IS NULL AND due_ms < ?),"
        " count(*) FILTER (WHERE snoozed_until IS NOT NULL),"
        " (SELECT count(*) FROM inbox_mentions WHERE shop_id = ? AND user_id = ? AND seen_at IS NULL)"
        f" FROM inbox_conversations WHERE {where}"
    )
    params = [scope.user_id, to_ms(now), shop_id, scope.user_id, shop_id, *seen_params]
    names = ("open", "mine", "unassigned", "waiting", "overdue", "snoozed", "mentioned")
    return dict(zip(names, map(int, raw_rows(conn, Sql(text), params)[0]), strict=True))


def labels_of(conn: Connection, shop_id: int, conversation_ids: list[int]) -> dict[int, list[int]]:
    """Return the labels on these conversations, in one statement."""
    if not conversation_ids:
        return {}
    marks = ", ".join("?" * len(conversation_ids))
    text = (
        "SELECT conversation_id, label_id FROM inbox_conversation_labels"
        f" WHERE shop_id = ? AND conversation_id IN ({marks}) ORDER BY conversation_id, label_id"
    )
    found: dict[int, list[int]] = {}
    for conversation_id, label_id in raw_rows(conn, Sql(text), [shop_id, *conversation_ids]):
        found.setdefault(conversation_id, []).append(label_id)
    return found
