"""The inbox at size: list page, opening a long conversation, search, and what a message costs to take in.

100,000 conversations with 1,000,000 messages made of real customer lines, on one SQLite file.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.app import migrations
from miaohui.app.bench.report import Figure, percentile
from miaohui.app.sim.lines import load_lines
from miaohui.channels.model import Account, Inbound, Kind, Party, Role
from miaohui.channels.model.parts import Text
from miaohui.inbox.actions.facts import apply_fact
from miaohui.inbox.actions.history import OldLine, OldTalk, load_history
from miaohui.inbox.model import ListFilter, Scope
from miaohui.inbox.model import Page as ListPage
from miaohui.inbox.queries.lists import list_conversations
from miaohui.inbox.queries.messages import list_messages
from miaohui.inbox.queries.search import Search, search_messages
from miaohui.kit.clock import ManualClock
from miaohui.kit.db import Database
from miaohui.kit.ids import IdSource
from miaohui.kit.randomness import Rng
from miaohui.kit.text import search_tokens
from miaohui.kit.tx import SYSTEM, Tx, Wiring, write_buffers

SHOP, ACCOUNT = 7, Account(7, 1, "bench", "bench")
START = datetime(2026, 1, 1, tzinfo=UTC)
OPEN_SHARE = 0.03
PER_BATCH = 2_000


class Bench:
    """A database of a given size, and the words in it by how often they occur."""

    def __init__(self, folder: Path, conversations: int, messages: int) -> None:
        self.db = Database(f"sqlite:///{folder / 'inbox.db'}", "normal")
        migrations.upgrade(self.db)
        self.clock, self.rng = ManualClock(START), Rng(11)
        self.ids = IdSource(self.clock)
        self.words: Counter[str] = Counter()
        lines = load_lines()
        self.pool = [t for group in (*lines.openers.values(), *lines.follow_ups.values()) for t in group]
        self.longest = 0
        self._fill(conversations, messages)

    def _tx(self, conn: Connection) -> Tx:
        return Tx(conn, self.clock.now(), SYSTEM, Wiring(), self.ids, self.rng)

    def _fill(self, conversations: int, messages: int) -> None:
        long_talk = min(10_000, messages // 10)
        each = max(1, (messages - long_talk) // conversations)
        for start in range(0, conversations, PER_BATCH):
            with self.db.write() as conn:
                tx = self._tx(conn)
                for n in range(start, min(conversations, start + PER_BATCH)):
                    tx.now = self.clock.advance(1)
                    size = each + long_talk if n == conversations - 1 else each
                    made = load_history(tx, ACCOUNT, self._talk(n, size))
                    self.longest = made
        with self.db.write() as conn:
            conn.exec_driver_sql("ANALYZE")

    def _talk(self, n: int, size: int) -> OldTalk:
        at = self.clock.now()
        lines = []
        for k in range(size):
            text = self.rng.choice(self.pool)
            if self.rng.random() < 0.3:
                text += f"，{self.rng.choice(self.pool)}"
            if self.rng.random() < 0.02:
                self.words.update(set(search_tokens(text)))
            lines.append(OldLine(f"{n}-{k}", "agent" if k % 2 else "buyer", text, at + timedelta(seconds=k)))
        is_open = self.rng.random() < OPEN_SHARE
        group = 1 + n % 4
        return OldTalk(f"buyer-{n}", "赵小明", tuple(lines), "商品详情页", 1 + n % 20, group, is_open)

    def words_of(self, low: float, high: float, count: int = 12) -> list[str]:
        """Return two-character words whose place by frequency is between two shares (0–1)."""
        ranked = [w for w, _ in self.words.most_common() if len(w) == 2 and not w.isascii()]
        part = ranked[int(low * len(ranked)) : max(int(high * len(ranked)), int(low * len(ranked)) + count)]
        return part[:count]


def measure(conversations: int = 100_000, messages: int = 1_000_000) -> list[Figure]:
    """Return the inbox's figures at this size."""
    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name:
        started = time.perf_counter()
        bench = Bench(Path(name), conversations, messages)
        built_s = round(time.perf_counter() - started, 1)
        facts = {"conversations": conversations, "messages": messages, "built_s": built_s}
        figures = [*_lists(bench, facts), _opening(bench, facts), *_searches(bench, facts), _taking_in(bench)]
        bench.db.close()
    return figures


def _times(bench: Bench, runs: int, fn: Callable[[Connection, int], Any]) -> list[float]:
    times = []
    for n in range(runs):
        with bench.db.read() as conn:
            started = time.perf_counter()
            fn(conn, n)
            times.append((time.perf_counter() - started) * 1000)
    return times


def _lists(bench: Bench, facts: dict[str, Any]) -> list[Figure]:
    now = bench.clock.now()
    scopes = (Scope(3, None), Scope(3, frozenset({2})), Scope(3, frozenset()))

    def page(conn: Connection, n: int) -> None:
        list_conversations(conn, scopes[n % 3], SHOP, ListFilter(), ListPage(50), now, with_counts=True)

    times = _times(bench, 150, page)
    count = _statements(bench, lambda conn: page(conn, 0))
    more = {**facts, "p50_ms": round(percentile(times, 0.5), 2)}
    return [
        Figure("conversation list page, p95", percentile(times, 0.95), "ms", at_most=30, facts=more),
        Figure("conversation list page, SQL statements", count, "", at_most=3),
    ]


def _statements(bench: Bench, fn: Callable[[Connection], Any]) -> int:
    """Count the statements that reach SQLite itself, however they were sent."""
    seen: list[str] = []
    with bench.db.read() as conn:
        driver = conn.connection.dbapi_connection
        driver.set_trace_callback(seen.append)
        fn(conn)
        driver.set_trace_callback(None)
    return sum(1 for text in seen if text.upper().startswith("SELECT"))


def _opening(bench: Bench, facts: dict[str, Any]) -> Figure:
    times = _times(bench, 60, lambda conn, n: list_messages(conn, SHOP, bench.longest, 50))
    with bench.db.read() as conn:
        count = conn.exec_driver_sql(
            "SELECT message_count FROM inbox_conversations WHERE id = ?", (bench.longest,)
        ).scalar_one()
    more = {**facts, "messages_in_it": count}
    return Figure("opening a long conversation, p95", percentile(times, 0.95), "ms", at_most=50, facts=more)


def _searches(bench: Bench, facts: dict[str, Any]) -> list[Figure]:
    kinds = {
        "frequent words": bench.words_of(0.0, 0.01),
        "common words": bench.words_of(0.05, 0.2),
        "rare words": bench.words_of(0.8, 1.0),
        "two words": [" ".join(bench.words_of(0.0, 0.02, 8)[k : k + 2]) for k in range(6)],
        "long words": ["什么时候发货", "可以退货吗", "质量问题", "运费险怎么赔", "尺码偏大", "发什么快递"],
    }
    figures = []
    for kind, words in kinds.items():
        found: list[int] = []

        def search(conn: Connection, n: int, words: list[str] = words, found: list[int] = found) -> None:
            scope = Scope(3, None) if n % 2 else Scope(3, frozenset({2}))
            hits = search_messages(conn, scope, SHOP, Search(words[n % len(words)]), bench.clock.now())
            found.append(hits.scanned_count)

        times = _times(bench, max(40, len(words) * 4), search)
        more = {
            **facts,
            "p50_ms": round(percentile(times, 0.5), 1),
            "words": words[:6],
            "scanned": max(found),
        }
        name = f"search of {kind}, p95"
        figures.append(Figure(name, percentile(times, 0.95), "ms", at_most=100, facts=more))
    return figures


def _taking_in(bench: Bench, count: int = 4_000) -> Figure:
    """Measure the CPU of one buyer message through the whole receive path, savepoint and feed included."""
    facts = [
        Inbound(
            "bench", ACCOUNT.key, f"new-{n}", Kind.MESSAGE, bench.clock.now() + timedelta(milliseconds=n),
            Party(Role.BUYER, f"new-{n % 500}", "钱多多"), f"new-{n % 500}", f"p-{n}",
            parts=(Text(bench.rng.choice(bench.pool)),),
        )
        for n in range(count)
    ]  # fmt: skip
    with bench.db.write() as conn:
        tx = bench._tx(conn)
        started = time.process_time()
        for fact in facts:
            with tx.savepoint():
                apply_fact(tx, ACCOUNT, fact)
        write_buffers(conn, tx.feed_rows, tx.job_rows)
        each_us = (time.process_time() - started) / count * 1e6
    return Figure("taking in one message, CPU", each_us, "µs", at_most=500, facts={"messages": count})
