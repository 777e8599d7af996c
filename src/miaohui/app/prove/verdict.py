"""The verdict of the chaos proof: reconcile, compare with the truth, count what is there twice or not at all."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.app.bench.report import Figure, percentile
from miaohui.app.prove import kill, stand
from miaohui.app.prove.compare import compare, list_backwards
from miaohui.app.prove.platforms import Platforms
from miaohui.kit.db import Database

SETTLE_LIMIT_S = 120.0
SLOW_MS = 500.0
NO_HISTORY = "抖音 has no history to pull: the truth of messages is what was delivered at least once"
UNSETTLED = (
    *kill.UNSETTLED,
    "SELECT count(*) FROM kit_jobs WHERE kind = 'trade.reconcile_stream' AND state <> 'done'",
)
FAILED = (
    "SELECT count(*) FROM inbox_deliveries WHERE state = 'failed'",
    "SELECT count(*) FROM kit_jobs WHERE state = 'dead'",
)


class Verdict:
    """Looks at the database of a server on `port` that has lived through `play`. `told`: what agents know."""

    def __init__(self, db: Database, play: Platforms, port: int, told: dict[str, Any]) -> None:
        self.db, self.play, self.port, self.told = db, play, port, told

    def _read(self, fn: Any) -> Any:
        """Read everything as it was at one instant: the server goes on writing meanwhile."""
        begin = "BEGIN" if self.db.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ"
        with self.db.read() as conn:
            conn.exec_driver_sql(begin)
            try:
                return fn(conn)
            finally:
                conn.exec_driver_sql("ROLLBACK")

    # ---- reconcile and compare

    def reconcile(self, has_api_faults: bool) -> list[Figure]:
        """Ask for the reconcile and wait until everything is equal and nothing is under way."""
        play, truth = self.play, self.play.truth
        before = self._read(lambda conn: compare(conn, truth))
        if has_api_faults:
            play.fail(play.doudian, "order/searchList", "limit", "reset")
            play.fail(play.doudian, "afterSale/List", "error500")
        started = time.perf_counter()
        stand.ask(self.port, "/prove/reconcile", {})
        found, equal_s = before, 0.0
        while time.perf_counter() - started < SETTLE_LIMIT_S:
            is_quiet = play.open_pushes() == 0
            truth.note_lost(play.pushed(play.douyin)["lost_events"])
            found = self._read(lambda conn: compare(conn, truth))
            if is_quiet and not found.differences and self._is_settled():
                break
            time.sleep(0.2)
        equal_s = time.perf_counter() - started
        facts = {
            "orders": len(truth.orders), "aftersales": len(truth.aftersales),
            "messages": len(truth.delivered_messages()), "fields": found.fields,
            "different_before_the_reconcile": len(before.differences), "differences": found.differences[:5],
            "messages_lost_for_good": len(truth.lost_messages),
            "recalls_lost_for_good": len(truth.lost_recalls), "note": NO_HISTORY,
        }  # fmt: skip
        name = "equal to the truth after the reconcile"
        return [
            Figure(name, found.equal_percent, "%", at_least=100.0, facts=facts),
            Figure("from the reconcile's start until everything is equal", equal_s, "s", at_most=60.0),
        ]

    def _is_settled(self) -> bool:
        return self._read(lambda conn: not any(_count(conn, q) for q in UNSETTLED))  # type: ignore[no-any-return]

    # ---- pushes

    def burst(self, burst: dict[str, Any]) -> Figure:
        """Judge every push that left while the burst lasted."""
        records: list[dict[str, Any]] = []
        while page := self.play.pushed(self.play.douyin, burst["from"] + len(records))["items"]:
            records += page
        inside = [r for r in records if r["at_ms"] <= burst["ended_ms"]]
        took, seconds = [r["took_ms"] for r in inside], burst["took_s"]
        facts = {
            "messages_per_s": round(burst["sent"] / seconds),
            "deliveries_per_s": round(len(inside) / seconds), "seconds": round(seconds, 1),
            "normal_messages_per_s": burst["normal_messages_per_s"], "deliveries": len(inside),
            "not_acknowledged": sum(not r["ok"] for r in inside),
            "p50_ms": round(percentile(took, 0.5), 1), "max_ms": round(max(took), 1),
            "slow_seconds": _slow_seconds(inside),
        }  # fmt: skip
        name = "acknowledged in the burst, p99"
        return Figure(name, percentile(took, 0.99), "ms", at_most=1_000.0, facts=facts)

    def pushes(self) -> list[Figure]:
        """Say how badly the platforms behaved: a proof without losses and doubles would prove nothing."""
        both = [self.play.pushed(self.play.doudian), self.play.pushed(self.play.douyin)]
        given_up = sum(p["given_up"] for p in both)
        facts = {"tries": sum(p["count"] for p in both)}
        lost = sum(len(p["lost"]) for p in both)
        return [
            Figure("pushes that never arrived", lost, "pushes", at_least=1, facts=facts),
            Figure("pushes that came twice", sum(p["doubled"] for p in both), "pushes", at_least=1),
            Figure("pushes given up by a platform", given_up, "pushes", at_most=0),
        ]

    # ---- twice, or not at all

    def figures(self) -> list[Figure]:
        """Judge what agents sent, what people were shown, what failed."""
        received = self.play.douyin.do("received", {})["items"]
        sends = [str(one["content"]["text"]["text"]) for one in received]
        states = self._read(_reply_states)
        sent = set(sends)
        wrong = {
            "lost": len(set(self.told["accepted"]) - set(states)),
            "delivered_but_unsent": sum(s == "delivered" and k not in sent for k, s in states.items()),
            "refused_but_sent": sum(s == "refused" and k in sent for k, s in states.items()),
        }
        facts = {
            "accepted": len(self.told["accepted"]), "posted_twice": self.told["posted_twice"],
            **Counter(states.values()),
        }  # fmt: skip
        doubles = self._read(_count_doubles)
        back = self._read(lambda conn: list_backwards(conn, self.play.truth))
        failed = self._read(lambda conn: sum(_count(conn, q) for q in FAILED))
        return [
            Figure("messages or replies stored or shown twice", sum(doubles.values()), "", at_most=0, facts=doubles),
            Figure("replies sent twice", len(sends) - len(sent), "replies", at_most=0, facts=facts),
            Figure("replies lost or shown wrongly", sum(wrong.values()), "replies", at_most=0, facts=wrong),
            Figure("a status shown going backwards", len(back), "times", at_most=0, facts={"which": back[:3]}),
            Figure("failed deliveries and dead jobs", failed, "", at_most=0),
        ]  # fmt: skip


def _slow_seconds(records: list[dict[str, Any]]) -> dict[int, int]:
    """Return second of the burst → how many of its pushes took longer than half a second."""
    first = min(record["at_ms"] for record in records)
    slow = Counter(int(r["at_ms"] - first) // 1000 for r in records if r["took_ms"] > SLOW_MS)
    return dict(sorted(slow.items()))


def _count(conn: Connection, sql: str) -> int:
    return int(conn.exec_driver_sql(sql).scalar() or 0)


def _reply_states(conn: Connection) -> dict[str, str]:
    rows = conn.exec_driver_sql(
        "SELECT client_id, state FROM inbox_messages WHERE role = 'agent' AND client_id IS NOT NULL"
    )
    return {str(row[0]): str(row[1]) for row in rows}


def _count_doubles(conn: Connection) -> dict[str, int]:
    """Return how often something is there twice that may be there once, or was never shown."""
    shown = [
        int(json.loads(row[0])["message"]["id"])
        for row in conn.exec_driver_sql("SELECT data FROM kit_feed WHERE name = 'inbox.message_received'")
    ]
    stored = {
        name: _count(conn, f"SELECT count(*) - count(DISTINCT {key}) FROM inbox_messages WHERE {condition}")
        for name, key, condition in (
            ("messages", "message_key", "role = 'buyer'"),
            ("replies", "client_id", "role = 'agent' AND client_id IS NOT NULL"),
            ("echoes", "message_key", "role = 'agent' AND message_key IS NOT NULL"),
        )
    }
    there = _count(conn, "SELECT count(*) FROM inbox_messages WHERE role = 'buyer'")
    return {**stored, "shown": len(shown) - len(set(shown)), "never_shown": there - len(set(shown))}
