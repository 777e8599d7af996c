"""Search in messages, in Chinese: ranked, without a limit on how far back (issue item 6).

The index gives the newest candidates, at most 2,000 at a time; they are scored by exactness, frequency,
length and age. Older ones follow by cursor, so a frequent word costs no more than a rare one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.inbox.model import Query, Scope, query_of, score
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import Sql, raw_rows
from miaohui.kit.ids import COUNTER_BITS, EPOCH_MS, NODE_BITS
from miaohui.kit.text import masked_text

CANDIDATES = 1_000
MAX_WINDOWS = 4
FOREVER = 9_007_199_254_740_991


@dataclass(frozen=True)
class Search:
    """What is looked for, and within what. Empty fields limit nothing; times are those of arrival."""

    text: str
    conversation_id: int | None = None
    buyer_id: int | None = None
    agent_id: int | None = None
    channel: str = ""
    role: str = ""
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 30
    cursor: tuple[int, int] | None = None


@dataclass(frozen=True)
class Hit:
    """A found message with its score (0–4)."""

    message_id: int
    conversation_id: int
    role: str
    text: str
    occurred_at: datetime
    buyer_id: int
    buyer_name_zh: str
    channel: str
    score: float


@dataclass(frozen=True)
class Hits:
    """A page of hits, best first. `cursor` goes on, first among these candidates, then further back; None: the
    end was reached. `scanned_count` is how many candidates were looked at."""

    items: tuple[Hit, ...]
    needles: tuple[str, ...]
    scanned_count: int
    cursor: tuple[int, int] | None


@dataclass
class _Found:
    hits: list[Hit] = field(default_factory=list)
    scanned_count: int = 0
    last_id: int | None = None


def search_messages(conn: Connection, scope: Scope, shop_id: int, search: Search, now: datetime) -> Hits:
    """Return messages with these words, best first, as far as `scope` may see them.

    Raises: Refusal inbox.query_too_short.
    """
    ask = _Ask(scope, shop_id, query_of(shop_id, search.text), now, search)
    before, offset = search.cursor or (FOREVER, 0)
    scanned, last = 0, offset + search.limit
    for _ in range(MAX_WINDOWS):
        found = _window(conn, ask, before)
        scanned += found.scanned_count
        page = sorted(found.hits, key=lambda hit: (-hit.score, -hit.message_id))[offset:last]
        if len(found.hits) > last:
            return Hits(tuple(page), ask.query.needles, scanned, (before, last))
        if page or found.last_id is None:
            after = None if found.last_id is None else (found.last_id, 0)
            return Hits(tuple(page), ask.query.needles, scanned, after)
        before, offset, last = found.last_id, 0, search.limit
    return Hits((), ask.query.needles, scanned, (before, 0))


@dataclass(frozen=True)
class _Ask:
    scope: Scope
    shop_id: int
    query: Query
    now: datetime
    limit_to: Search


def _window(conn: Connection, ask: _Ask, before: int) -> _Found:
    """Look at the newest candidates below `before`; `last_id` is set when there may be older ones."""
    sql, params = _statement(conn, ask, before)
    found = _Found()
    for row in raw_rows(conn, sql, params):
        found.scanned_count = row[0]
        found.last_id = row[1] if row[0] == CANDIDATES else None
        if row[2] is None:
            continue
        occurred = from_ms(row[6])
        age_days = max(0.0, (ask.now - occurred).total_seconds() / 86_400)
        rank = score(row[5], ask.query.needles, age_days)
        if rank > 0:
            found.hits.append(
                Hit(row[2], row[3], row[4], masked_text(row[5]), occurred, row[7], row[8], row[9], rank)
            )
    return found


def _statement(conn: Connection, ask: _Ask, before: int) -> tuple[Sql, list[Any]]:
    inner, params = _index_part(conn.dialect.name, ask, before)
    where, more = _limits(ask)
    text = (
        f"WITH found AS ({inner}), edge AS (SELECT count(*) AS n, min(id) AS lowest FROM found)"
        " SELECT edge.n, edge.lowest, m.id, m.conversation_id, m.role, m.text, m.occurred_ms, c.buyer_id,"
        " c.buyer_name_zh, c.channel FROM edge LEFT JOIN (found"
        " JOIN inbox_messages m ON m.id = found.id"
        f" JOIN inbox_conversations c ON c.id = m.conversation_id AND {where}) ON 1 = 1"
    )
    return Sql(text), [*params, *more]


def _index_part(dialect: str, ask: _Ask, before: int) -> tuple[str, list[Any]]:
    top, bottom = before, 0
    if ask.limit_to.until is not None:
        top = min(top, _id_at(ask.limit_to.until))
    if ask.limit_to.since is not None:
        bottom = _id_at(ask.limit_to.since)
    if dialect == "sqlite":
        text = (
            "SELECT rowid AS id FROM inbox_search WHERE inbox_search MATCH ? AND rowid < ? AND rowid >= ?"
            f" ORDER BY rowid DESC LIMIT {CANDIDATES}"
        )
        return text, [_fts_text(ask.query), top, bottom]
    text = (
        "SELECT id FROM inbox_search WHERE tokens @@ ?::tsquery AND id < ? AND id >= ?"
        f" ORDER BY id DESC LIMIT {CANDIDATES}"
    )
    return text, [_tsquery_text(ask.query), top, bottom]


def _fts_text(query: Query) -> str:
    """Return the search in SQLite's words. Tokens hold only letters, digits and `_`: nothing to quote."""
    phrases = zip(query.phrases, query.are_open, strict=True)
    return " AND ".join(f'"{" ".join(tokens)}"' + ("*" if is_open else "") for tokens, is_open in phrases)


def _tsquery_text(query: Query) -> str:
    """Return the search in PostgreSQL's words; that pairs are adjacent is checked on the text."""
    phrases = zip(query.phrases, query.are_open, strict=True)
    words = [
        f"'{token}'" + (":*" if is_open and token is tokens[-1] else "")
        for tokens, is_open in phrases
        for token in tokens
    ]
    return " & ".join(words)


def _limits(ask: _Ask) -> tuple[str, list[Any]]:
    parts, params = ["m.shop_id = ?", "m.recalled_ms IS NULL"], [ask.shop_id]
    limit_to = ask.limit_to
    pairs: Sequence[tuple[str, Any]] = (
        ("m.conversation_id", limit_to.conversation_id),
        ("c.buyer_id", limit_to.buyer_id),
        ("m.agent_id", limit_to.agent_id),
        ("c.channel", limit_to.channel or None),
        ("m.role", limit_to.role or None),
    )
    for column, value in pairs:
        if value is not None:
            parts.append(f"{column} = ?")
            params.append(value)
    where, more = scope_sql(ask.scope, "c.")
    return " AND ".join([*parts, *where]), [*params, *more]


def scope_sql(scope: Scope, prefix: str = "") -> tuple[list[str], list[Any]]:
    """Return the condition that keeps what `scope` may see, and its parameters."""
    if scope.group_ids is None:
        return [], []
    groups = sorted(scope.group_ids)
    if not groups:
        return [f"{prefix}agent_id = ?"], [scope.user_id]
    marks = ", ".join("?" * len(groups))
    return [f"({prefix}agent_id = ? OR {prefix}group_id IN ({marks}))"], [scope.user_id, *groups]


def _id_at(at: datetime) -> int:
    """Return the smallest id given out at a time: ids are in the order of arrival."""
    return max(0, to_ms(at) - EPOCH_MS) << (NODE_BITS + COUNTER_BITS)
