"""Files in: orders against polars + executemany, chats against pandas, roll-ups against a recompute.

Every figure is a ratio inside one run; the other side gets the same data. What a figure leaves out is said in its facts.
"""

# ruff: noqa: E501
from __future__ import annotations

import random
import resource
import tempfile
import time
from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from miaohui.app import migrations, tables
from miaohui.app.bench.report import Figure, percentile
from miaohui.importing.jobs.files import open_source
from miaohui.importing.jobs.preview import Answers, make_plan
from miaohui.importing.jobs.run import Report, import_file
from miaohui.importing.queries import Where, iter_facts
from miaohui.insight.actions.rebuild import MESSAGE_FIELDS
from miaohui.insight.jobs.follow import follow_import
from miaohui.insight.model.rounds import RoundRules, Scope
from miaohui.insight.model.sessions import build_session
from miaohui.insight.queries.rollups import sum_by
from miaohui.kit.clock import SteadyClock
from miaohui.kit.db import Database
from miaohui.kit.engines import sqlite_module
from miaohui.kit.ids import IdSource
from miaohui.kit.randomness import system_rng
from miaohui.kit.tx import SYSTEM, Tx, Wiring

SHOP = 1
DAY_MS, FIRST_MS = 86_400_000, 1_793_462_400_000  # 2026-11-01 00:00 in Shanghai
Write = Callable[[Callable[[Tx], Any]], Any]


def open_database(folder: Path) -> tuple[Database, Write]:
    """Return a fresh database and its way to write."""
    assert tables.ROOMS
    db = Database(f"sqlite:///{folder / 'bench.db'}", "normal")
    migrations.upgrade(db)
    clock = SteadyClock()
    ids, rng, wiring = IdSource(clock), system_rng(), Wiring()

    def write(fn: Callable[[Tx], Any]) -> Any:
        with db.write() as conn:
            tx = Tx(conn, clock.now(), SYSTEM, wiring, ids, rng)
            result = fn(tx)
            tx.flush()
            return result

    return db, write


def timed(fn: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return wall seconds, CPU seconds and the result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = fn()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def measure(orders: int = 300_000, messages: int = 1_000_000, slow_share: float = 0.05) -> list[Figure]:
    """Measure the figures of "files in"."""
    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name:
        folder = Path(name)
        return [*measure_orders(folder, orders), *measure_chats(folder, messages, slow_share)]


# ---- orders


def write_orders(path: Path, count: int) -> Path:
    """Write an order export in the form of 75 columns, with a tenth of it repeated, as overlapping days would."""
    from miaohui.app.example_files import forms
    from miaohui.app.example_files import tables as example
    from miaohui.app.example_files.world import PRODUCTS, Order

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(",".join(forms.ORDER_B) + "\n")
        for number in range(count):
            n = number if number % 10 else number // 2
            at = FIRST_MS + n * 7_000 % (28 * DAY_MS)
            order = Order(str(69 * 10**17 + n), str(69 * 10**17 + n), PRODUCTS[n % 8], at, at + 60_000, at + 2 * DAY_MS,
                          at + DAY_MS, at + 5 * DAY_MS, 9_900 + n % 5_000, ("live", "video", "shelf")[n % 3], "", "", "已完成")  # fmt: skip
            cells = example.order_rows([order], forms.ORDER_B)[0]
            file.write(",".join(f'"{cell}"' if "," in cell else cell for cell in cells) + "\n")
    return path


def measure_orders(folder: Path, count: int) -> list[Figure]:
    """Measure the import of an order file against reading it with polars and inserting its rows."""
    path = write_orders(folder / "订单.csv", count)
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    db, write = open_database(folder)
    wall, cpu, report = timed(lambda: import_file(write, SHOP, make_plan(open_source(path), Answers())))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    db.close()
    facts = {
        "rows": report.rows, "new": report.new, "repeated": report.repeated, "import_s": round(wall, 2),
        "cpu_s": round(cpu, 2), "base_mb": round(base / 1024),
    }  # fmt: skip
    figures = [Figure("orders: memory while importing", peak_mb, "MB", at_most=400, facts=facts)]
    other = _polars_orders(folder, path)
    if other is None:
        return [
            *figures,
            Figure(
                "orders: speed against polars + executemany",
                0.0,
                "×",
                at_least=0.5,
                facts={"missing": "polars"},
            ),
        ]
    facts = {**facts, "polars_read_s": round(other[0], 2), "executemany_s": round(other[1], 2)}
    ratio = (other[0] + other[1]) / wall
    return [
        *figures,
        Figure("orders: speed against polars + executemany", ratio, "×", at_least=0.5, facts=facts),
    ]


def _polars_orders(folder: Path, path: Path) -> tuple[float, float] | None:
    try:
        import polars
    except ImportError:
        return None
    read_s, _, frame = timed(lambda: polars.read_csv(path, infer_schema=False))
    rows_s, _, rows = timed(frame.rows)
    conn = sqlite_module.connect(str(folder / "plain.db"), isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=NORMAL")
    columns = ", ".join(f'"{name}" TEXT' for name in frame.columns)
    conn.execute(f'CREATE TABLE orders ({columns}, PRIMARY KEY ("子订单编号"))')
    sql = f"INSERT OR IGNORE INTO orders VALUES ({', '.join('?' * len(frame.columns))})"

    def insert() -> None:
        conn.execute("BEGIN")
        conn.executemany(sql, rows)
        conn.execute("COMMIT")

    insert_s = timed(insert)[0]
    conn.close()
    return read_s + rows_s, insert_s


# ---- chats


def write_chats(path: Path, count: int) -> Path:
    """Write a long chat table: 12 messages a session, four rounds, a twentieth of them unanswered."""
    from miaohui.app.example_files.tables import local

    rng = random.Random(5)
    agents = [f"客服{i}" for i in range(20)]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("会话ID,时间,发送方角色,发送方名,内容,买家ID\n")
        session = 0
        written = 0
        while written < count:
            session += 1
            at = FIRST_MS + (session * 29_000) % (28 * DAY_MS)
            agent = agents[session % 20]
            for number in range(12):
                at += rng.randrange(3_000, 60_000)
                is_buyer = number % 3 != 2
                if not is_buyer and rng.random() < 0.05:
                    continue
                who = ("买家", "买家", "这个包邮吗") if is_buyer else ("客服", agent, "亲，满99包邮哦")
                file.write(f"{10**9 + session},{local(at)},{who[0]},{who[1]},{who[2]},u{session}\n")
                written += 1
    return path


def measure_chats(folder: Path, count: int, slow_share: float) -> list[Figure]:
    """Measure chats into rounds and roll-ups, the same definition in pandas, and the dashboard."""
    path = write_chats(folder / "聊天.csv", count)
    part = Path(folder, "chats")
    part.mkdir()
    db, write = open_database(part)

    def read(fn: Callable[[Any], Any]) -> Any:
        with db.read() as conn:
            return fn(conn)

    _, import_cpu, report = timed(lambda: import_file(write, SHOP, make_plan(open_source(path), Answers())))
    build_s, build_cpu, turns = timed(lambda: follow_import(read, write, SHOP, report.batch_id))
    facts = {
        "messages": report.facts,
        "turns": turns,
        "import_cpu_s": round(import_cpu, 1),
        "build_cpu_s": round(build_cpu, 1),
    }
    million = 1_000_000 / report.facts
    figures = [
        Figure(
            "chats: CPU for 1,000,000 messages into rounds and roll-ups",
            (import_cpu + build_cpu) * million,
            "s",
            at_most=90,
            facts=facts,
        )
    ]
    figures += _pandas_chats(path, report, turns, build_s, slow_share)
    figures += _dashboard(read)
    db.close()
    return figures


def pandas_rounds(frame: Any) -> tuple[int, int]:
    """Return rounds and their sum by a pandas group-by over sessions: the same definition, one group at a time."""
    penalty = RoundRules().penalty_ms

    def rounds(group: Any) -> tuple[int, int]:
        is_buyer = group["role"].eq("买家")
        block = (is_buyer & ~is_buyer.shift(fill_value=False)).cumsum()
        asked = group["at"].where(is_buyer).groupby(block).min()
        answered = group["at"].where(~is_buyer).groupby(block).min()
        waits = (answered - asked).fillna(penalty)[asked.notna()]
        return len(waits), int(waits.sum())

    found = [rounds(group) for _, group in frame.groupby("session", sort=False)]
    return sum(n for n, _ in found), sum(total for _, total in found)


def _pandas_chats(path: Path, report: Report, turns: int, build_s: float, slow_share: float) -> list[Figure]:
    name = "chats: rounds against a pandas group-by of the same definition"
    try:
        import pandas
    except ImportError:
        return [Figure(name, 0.0, "×", at_least=3, facts={"missing": "pandas"})]
    frame = pandas.read_csv(path, dtype=str)
    frame.columns = ["session", "time", "role", "sender", "text", "buyer"]
    frame["at"] = pandas.to_datetime(frame["time"]).astype("int64") // 1_000_000
    sessions = frame["session"].drop_duplicates()
    chosen = set(sessions.head(max(50, int(len(sessions) * slow_share))))
    some = frame[frame["session"].isin(chosen)]
    group_s, _, (rounds, _) = timed(lambda: pandas_rounds(some))
    per_round = group_s / rounds
    whole_s, _, vector_rounds = timed(lambda: _vectorised(frame))
    facts = {
        "ours_s": round(build_s, 2), "pandas_us_a_round": round(per_round * 1e6, 1), "pandas_on_share": slow_share,
        "pandas_vectorised_s": round(whole_s, 2), "vectorised_rounds": vector_rounds, "our_rounds": turns,
        "note": "ours also reads from and writes to the database; the vectorised form only counts, and cannot follow hand-overs",
    }  # fmt: skip
    return [Figure(name, per_round * turns / build_s, "×", at_least=3, facts=facts)]


def _vectorised(frame: Any) -> int:
    """Return the number of rounds by whole-column operations: an honest second yardstick."""
    ordered = frame.sort_values(["session", "at"], kind="stable")
    is_buyer = ordered["role"].eq("买家")
    starts = is_buyer & ~(
        is_buyer.shift(fill_value=False) & ordered["session"].eq(ordered["session"].shift())
    )
    block = starts.cumsum()
    asked = ordered["at"].where(is_buyer).groupby(block).min()
    answered = ordered["at"].where(~is_buyer).groupby(block).min()
    return len((answered - asked).fillna(600_000))


def _dashboard(read: Callable[[Callable[[Any], Any]], Any]) -> list[Figure]:
    """Measure the dashboard from roll-ups, against counting all rounds anew."""
    span = (FIRST_MS, FIRST_MS + 30 * DAY_MS)
    times = [timed(lambda: read(lambda conn: sum_by(conn, SHOP, *span, "agent")))[0] for _ in range(15)]
    fast = percentile(times, 0.5)
    slow, _, recomputed = timed(lambda: read(lambda conn: _recompute(conn)))
    stored = read(lambda conn: sum_by(conn, SHOP, *span, "agent"))
    same = {name: (s.turns_n, s.sum_ms) for name, s in stored.items() if s.turns_n} == recomputed
    facts = {"equal_to_recompute": same, "rollup_ms": round(fast * 1000, 2), "recompute_s": round(slow, 2)}
    return [
        Figure("dashboard: one shop × 30 days from roll-ups", fast * 1000, "ms", at_most=20, facts=facts),
        Figure(
            "dashboard: recompute against roll-ups",
            slow / fast if same else 0.0,
            "×",
            at_least=50,
            facts=facts,
        ),
    ]


def _recompute(conn: Any) -> dict[str, tuple[int, int]]:
    """Return rounds and sums by agent straight from the messages, through the same state machine."""
    totals: dict[str, list[int]] = {}
    rules = RoundRules(), Scope()
    rows = iter_facts(conn, SHOP, "messages", MESSAGE_FIELDS, Where(order="session_id, at_ms, seq"))
    for session_id, group in groupby(rows, key=itemgetter(0)):
        _, turns = build_session(session_id, [row[1:] for row in group], lambda platform, day: rules)
        for turn in turns:
            if turn[11]:
                total = totals.setdefault(turn[3], [0, 0])
                total[0] += 1
                total[1] += turn[6]
    return {agent: (n, ms) for agent, (n, ms) in totals.items()}
