"""The inbox at size: 100,000 conversations, 1,000,000 messages, one conversation of 10,000.

List page, opening a conversation, search of two-character words: the rooms' own queries on the reading
connections that the server uses, statements counted. The rows are written straight into the tables (the
only bench that does), with texts put together from real buyers' lines and search tokens by the room's own
function.
"""

from __future__ import annotations

import gzip
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection

from miaohui.app import migrations
from miaohui.app.bench.report import Figure, percentile
from miaohui.inbox.actions.lines import indexed_tokens
from miaohui.inbox.model import FAR_MS, Box, ListFilter, Page, Scope
from miaohui.inbox.queries.lists import list_conversations
from miaohui.inbox.queries.messages import conflict_counts, list_messages
from miaohui.inbox.queries.search import Search, search_messages
from miaohui.inbox.store.messages import COLUMNS, INDEX_SQLITE
from miaohui.kit.clock import from_ms
from miaohui.kit.db import Database, Sql, raw_many

SHOP = 7
LINES = Path(__file__).parents[1] / "sim" / "data" / "buyer_lines.tsv.gz"
NOW_MS = 1_790_000_000_000
# Words of daily talk, frequent and rare, long and short: what people type into the box.
WORDS = (
    "发货",
    "退款",
    "便宜",
    "赠品",
    "尺码",
    "发票",
    "运费险",
    "怎么还没发货",
    "保修",
    "声音",
    "蓝牙",
    "优惠券",
)
_INSERT_MESSAGE = Sql(f"INSERT INTO inbox_messages ({COLUMNS}) VALUES ({', '.join('?' * 20)})")
_INSERT_TALK = Sql(
    "INSERT INTO inbox_conversations (id, shop_id, account_id, channel, peer, conversation_key, buyer_id,"
    " buyer_platform_id, buyer_name_zh, entry, refs, status, group_id, agent_id, priority, opened_at, closed_at,"
    " due_ms, waiting_ms, recency_ms, last_message_id, last_role, last_text, unread_count, message_count,"
    " buyer_read_ms, version) VALUES (?, ?, 1, 'douyin_im', ?, ?, ?, ?, ?, '消息私信', '{}', ?, ?, ?, 0, ?, ?,"
    " ?, ?, ?, ?, 'buyer', ?, 1, ?, 0, 1)"
)


def texts(rng: Random) -> Iterator[str]:
    """Give an endless stream of messages: real lines, alone or two of them."""
    with gzip.open(LINES, "rt", encoding="utf-8") as file:
        lines = [line.split("\t")[2].strip() for line in file]
    while True:
        yield rng.choice(lines) if rng.random() < 0.6 else f"{rng.choice(lines)}，{rng.choice(lines)}"


def fill(db: Database, conversations: int, messages: int, big: int) -> int:
    """Write the rows; return the id of the big conversation."""
    rng = Random(7)
    text = texts(rng)
    each = max(1, (messages - big) // conversations)
    message_id = 0
    with db.write() as conn:
        for start in range(0, conversations, 2_000):
            talks, rows, tokens = [], [], []
            for n in range(start, min(start + 2_000, conversations)):
                count = big if n == 0 else each
                first = message_id + 1
                for k in range(count):
                    message_id += 1
                    said = next(text)
                    at = NOW_MS - (conversations - n) * 60_000 + k * 1_000
                    rows.append(_message(message_id, n + 1, said, at, k))
                    tokens.append((message_id, " ".join(indexed_tokens(SHOP, said))))
                talks.append(_talk(n, first, message_id, count, conversations))
                if len(rows) > 20_000:
                    _flush(conn, rows, tokens)
            raw_many(conn, _INSERT_TALK, talks)
            _flush(conn, rows, tokens)
    with db.write() as conn:
        conn.exec_driver_sql("ANALYZE")
    return 1


def _flush(conn: Connection, rows: list[Any], tokens: list[Any]) -> None:
    raw_many(conn, _INSERT_MESSAGE, rows)
    raw_many(conn, INDEX_SQLITE, tokens)
    rows.clear()
    tokens.clear()


def _message(message_id: int, talk: int, said: str, at: int, k: int) -> tuple[Any, ...]:
    role = "buyer" if k % 2 == 0 else "agent"
    key = f"b{message_id}"
    parts = '[{"type":"text","text":"' + said.replace("\\", "").replace('"', "") + '"}]'
    return (message_id, SHOP, talk, 1, key, key, role, "text", said, parts, "{}", "api", at, 0, at,
            None if role == "buyer" else 11, None, "received", message_id, message_id)  # fmt: skip


def _talk(n: int, first: int, last: int, count: int, total: int) -> tuple[Any, ...]:
    is_open = n < total // 20
    due = NOW_MS + (n % 600) * 1_000 if is_open and n % 3 else FAR_MS
    status, closed = ("open", None) if is_open else ("closed", NOW_MS)
    at = NOW_MS - (total - n) * 60_000
    return (n + 1, SHOP, f"p{n}", f"k{n}", n + 1, f"open-{n}", f"买{n % 97}**", status, 3, 11 + n % 40, at, closed,
            due, at if due != FAR_MS else FAR_MS, -at, last, "在吗", count)  # fmt: skip


class Statements:
    """Counts the SQL statements that reach SQLite."""

    def __init__(self, db: Database) -> None:
        self.count = 0
        with db.read() as conn:
            self._trace(conn)
        event.listen(db.read_engine, "checkout", lambda dbapi, *_: dbapi.set_trace_callback(self._note))

    def _trace(self, conn: Connection) -> None:
        conn.connection.dbapi_connection.set_trace_callback(self._note)  # type: ignore[union-attr]

    def _note(self, statement: str) -> None:
        self.count += not statement.startswith(("BEGIN", "ROLLBACK", "COMMIT", "PRAGMA", "--"))


def timed(
    rt_read: Callable[[Callable[[Connection], Any]], Any], fn: Callable[[Connection], Any], rounds: int
) -> list[float]:
    """Return how long each of `rounds` reads took, in milliseconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        rt_read(fn)
        times.append((time.perf_counter() - started) * 1000)
    return times


def measure(conversations: int = 100_000, messages: int = 1_000_000, rounds: int = 40) -> list[Figure]:
    """Return the figures at size."""
    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name:
        db = Database(f"sqlite:///{Path(name) / 'inbox.db'}", "normal")
        migrations.upgrade(db)
        big = fill(db, conversations, messages, min(10_000, messages // 10))
        figures = _measured(db, big, rounds, f"{conversations:,} conversations / {messages:,} messages")
        db.close()
    return figures


def _measured(db: Database, big: int, rounds: int, size: str) -> list[Figure]:
    scope, now = Scope(11, None), from_ms(NOW_MS)

    def read(fn: Callable[[Connection], Any]) -> Any:
        with db.read() as conn:
            return fn(conn)

    def page(conn: Connection) -> Any:
        return list_conversations(
            conn, scope, SHOP, ListFilter(Box.OPEN), Page(50, None), now, with_counts=True
        )

    def opened(conn: Connection) -> Any:
        found = list_messages(conn, SHOP, big, 50, None)
        return conflict_counts(conn, SHOP, [m.id for m in found])

    timed(read, page, 3)
    lists = timed(read, page, rounds)
    statements = Statements(db)
    read(page)
    counted = statements.count
    opens = timed(read, opened, rounds)
    page_facts = {"p50": round(percentile(lists, 0.5), 2), "size": size}
    return [
        Figure("conversation list page: SQL statements", counted, "statements", at_most=3),
        Figure("conversation list page, p95", percentile(lists, 0.95), "ms", at_most=30, facts=page_facts),
        Figure("opening a 10,000-message conversation, p95", percentile(opens, 0.95), "ms", at_most=50),
        *_searched(read, scope, now),
    ]


def _searched(
    read: Callable[[Callable[[Connection], Any]], Any], scope: Scope, now: datetime
) -> list[Figure]:
    searches: dict[str, list[float]] = {}
    hits = {}
    for word in WORDS:

        def look(conn: Connection, word: str = word) -> Any:
            return search_messages(conn, scope, SHOP, Search(word), now)

        searches[word] = timed(read, look, 8)
        hits[word] = len(read(look).items)
    every = [t for times in searches.values() for t in times]
    slowest = max(searches, key=lambda w: percentile(searches[w], 0.95))
    found: dict[str, Any] = {"p50": round(percentile(every, 0.5), 1), "hits": hits, "slowest": slowest}
    found["slowest_p95"] = round(percentile(searches[slowest], 0.95), 1)
    return [
        Figure("search over all words, p95", percentile(every, 0.95), "ms", at_most=100, facts=found),
        Figure("words without a hit", sum(not n for n in hits.values()), "words", at_most=4),
    ]
