"""Building sessions, rounds and roll-ups from messages. A rebuilt session replaces what was there, sum for sum.

A roll-up cell changes by minus the old rounds plus the new ones, in the same transaction: at every moment the
roll-ups equal the sum over all stored rounds, exactly (integers only). Source: stack.md §4.
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from miaohui.importing import queries as files
from miaohui.insight.model.definitions import in_force, round_rules, scope_of
from miaohui.insight.model.rollup import MEASURES, TURN_FIELDS, Rollup, TurnFact
from miaohui.insight.model.rounds import RoundRules, Scope
from miaohui.insight.model.sessions import RulesOf, Session, StoredMessage, build_session
from miaohui.insight.queries.policies import calibrated_rules, list_definitions
from miaohui.kit.db import Sql, raw_count, raw_many, raw_rows
from miaohui.kit.tx import Tx

MESSAGE_FIELDS = (
    "session_id", "at_ms", "seq", "role", "marks", "sender", "text", "buyer_key", "order_id", "product_id", "entry",
    "rating", "platform",
)  # fmt: skip
SESSION_FIELDS = (
    "session_id", "platform", "buyer", "agent", "agents", "started_ms", "human_ms", "ended_ms", "buyer_n", "agent_n",
    "robot_n", "perfunctory_n", "turns_n", "missed_n", "sum_ms", "first_response_ms", "queue_ms", "intent", "product_id",
    "entry", "rating", "scoped", "first_text",
)  # fmt: skip
PART = 400
# Up to so many sessions are named one by one: live ones lie far apart, and between them lies everybody's history.
# More of them come from one file and lie side by side.
NAMED = 200
_MARKS = f"SELECT {', '.join(MESSAGE_FIELDS)} FROM insight_marks WHERE shop_id = ? AND "
_IN_ORDER = "session_id, at_ms, seq"
_PUT_TURN = Sql(
    f"INSERT INTO insight_turns (shop_id, {', '.join(TURN_FIELDS)}) VALUES ({', '.join('?' * (1 + len(TURN_FIELDS)))})"
)
_PUT_SESSION = Sql(
    f"INSERT INTO insight_sessions (shop_id, {', '.join(SESSION_FIELDS)})"
    f" VALUES ({', '.join('?' * (1 + len(SESSION_FIELDS)))})"
)
_PUT_ORDER = Sql("INSERT INTO insight_session_orders (shop_id, session_id, order_id) VALUES (?, ?, ?)")
_ADD_CELL = Sql(
    f"INSERT INTO insight_rollups (shop_id, platform, agent, hour_ms, scoped, {', '.join(MEASURES)})"
    f" VALUES ({', '.join('?' * (5 + len(MEASURES)))})"
    " ON CONFLICT (shop_id, hour_ms, platform, agent, scoped) DO UPDATE SET "
    + ", ".join(f"{name} = insight_rollups.{name} + excluded.{name}" for name in MEASURES)
)
_DROP_EMPTY = Sql(
    "DELETE FROM insight_rollups WHERE shop_id = ? AND turns_n = 0 AND sessions_n = 0 AND asks_n = 0"
)


def rules_of_shop(tx: Tx, shop_id: int) -> RulesOf:
    """Return how rounds of this shop are counted, by platform and day: dated definitions, calibrated choices."""
    definitions = list_definitions(tx.conn, shop_id)
    known: dict[tuple[str, str], tuple[RoundRules, Scope]] = {}
    bases: dict[str, RoundRules] = {}

    def find(platform: str, day: str) -> tuple[RoundRules, Scope]:
        held = known.get((platform, day))
        if held is None:
            if platform not in bases:
                bases[platform] = calibrated_rules(tx.conn, shop_id, platform)
            average = in_force(platform, "avg_response_s", day, definitions) or in_force(
                platform, "reply_3m_rate_round", day, definitions
            )
            held = round_rules(platform, day, bases[platform], definitions), scope_of(average)
            known[platform, day] = held
        return held

    return find


def rebuild_sessions(
    tx: Tx,
    shop_id: int,
    session_ids: Sequence[str],
    rules_of: RulesOf | None = None,
    now_ms: int | None = None,
) -> int:
    """Build these sessions anew from their messages and return how many rounds they have.

    A session without messages any more disappears. `now_ms`: for sessions that may still go on.
    """
    if not session_ids:
        return 0
    wanted = set(session_ids)
    rules = rules_of or rules_of_shop(tx, shop_id)
    rollup = Rollup()
    _remove(tx, shop_id, sorted(wanted), rollup)
    turns: list[TurnFact] = []
    sessions: list[Session] = []
    for session_id, messages in _messages(tx, shop_id, wanted):
        session, found = build_session(session_id, messages, rules, now_ms)
        sessions.append(session)
        turns += found
        rollup.add_session(session.platform, session.agent, session.scoped, session.started_ms)
    for turn in turns:
        rollup.add_turn(turn)
    _store(tx, shop_id, sessions, turns, rollup)
    return len(turns)


def _messages(tx: Tx, shop_id: int, wanted: set[str]) -> Iterable[tuple[str, list[StoredMessage]]]:
    condition, params = _which(wanted)
    imported = files.iter_facts(
        tx.conn, shop_id, "messages", MESSAGE_FIELDS, files.Where(condition, params, _IN_ORDER)
    )
    for session_id, rows in groupby(imported, key=itemgetter(0)):
        if session_id in wanted:
            yield session_id, [row[1:] for row in rows]
        else:
            for _ in rows:
                pass
    live = raw_rows(tx.conn, Sql(f"{_MARKS}{condition} ORDER BY {_IN_ORDER}"), (shop_id, *params))
    for session_id, rows in groupby(live, key=itemgetter(0)):
        if session_id in wanted:
            yield session_id, [tuple(row[1:]) for row in rows]


def _which(wanted: set[str]) -> tuple[str, tuple[str, ...]]:
    """Return the condition that finds the messages of these sessions, and its parameters."""
    if len(wanted) <= NAMED:
        return f"session_id IN ({', '.join('?' * len(wanted))})", tuple(sorted(wanted))
    return "session_id >= ? AND session_id <= ?", (min(wanted), max(wanted))


def _remove(tx: Tx, shop_id: int, session_ids: list[str], rollup: Rollup) -> None:
    """Take the stored rounds of these sessions away, and out of the roll-up."""
    for start in range(0, len(session_ids), PART):
        part = session_ids[start : start + PART]
        places = ", ".join("?" * len(part))
        where = f"WHERE shop_id = ? AND session_id IN ({places})"
        held = raw_rows(
            tx.conn,
            Sql(f"SELECT platform, agent, scoped, started_ms FROM insight_sessions {where}"),
            (shop_id, *part),
        )
        if not held:
            continue
        for platform, agent, scoped, started in held:
            rollup.add_session(platform, agent, scoped, started, -1)
        fields = ", ".join(TURN_FIELDS)
        for turn in raw_rows(tx.conn, Sql(f"SELECT {fields} FROM insight_turns {where}"), (shop_id, *part)):
            rollup.add_turn(tuple(turn), -1)
        for table in ("insight_turns", "insight_sessions", "insight_session_orders"):
            raw_count(tx.conn, Sql(f"DELETE FROM {table} {where}"), (shop_id, *part))


def session_row(shop_id: int, s: Session) -> tuple[Any, ...]:
    """Return a session as it is stored."""
    return (
        shop_id, s.session_id, s.platform, s.buyer, s.agent, " ".join(s.agents), s.started_ms, s.human_ms, s.ended_ms,
        s.buyer_n, s.agent_n, s.robot_n, s.perfunctory_n, s.turns_n, s.missed_n, s.sum_ms, s.first_response_ms,
        s.queue_ms, s.intent, s.product_id, s.entry, s.rating, s.scoped, s.first_text,
    )  # fmt: skip


def _store(tx: Tx, shop_id: int, sessions: list[Session], turns: list[TurnFact], rollup: Rollup) -> None:
    raw_many(tx.conn, _PUT_SESSION, [session_row(shop_id, session) for session in sessions])
    raw_many(tx.conn, _PUT_TURN, [(shop_id, *turn) for turn in turns])
    links = [(shop_id, s.session_id, order) for s in sessions for order in s.orders]
    if links:
        raw_many(tx.conn, _PUT_ORDER, links)
    add_cells(tx, shop_id, rollup)


def add_cells(tx: Tx, shop_id: int, rollup: Rollup) -> None:
    """Add a roll-up's cells to the stored ones; cells that become empty are dropped."""
    rows = [(shop_id, *row) for row in rollup.rows()]
    if not rows:
        return
    raw_many(tx.conn, _ADD_CELL, rows)
    if any(value < 0 for row in rows for value in row[5:8] if isinstance(value, int)):
        raw_count(tx.conn, _DROP_EMPTY, (shop_id,))


def rebuild_rollups(tx: Tx, shop_id: int) -> int:
    """Compute every roll-up cell anew from the stored rounds; returns how many cells there are.

    For repair and for the proof of equality; the daily work never needs it.
    """
    rollup = recomputed_rollup(tx, shop_id)
    raw_count(tx.conn, Sql("DELETE FROM insight_rollups WHERE shop_id = ?"), (shop_id,))
    add_cells(tx, shop_id, rollup)
    return len(rollup.rows())


def recomputed_rollup(tx: Tx, shop_id: int) -> Rollup:
    """Return the roll-up of all stored rounds, without storing it."""
    rollup = Rollup()
    fields = ", ".join(TURN_FIELDS)
    for turn in raw_rows(tx.conn, Sql(f"SELECT {fields} FROM insight_turns WHERE shop_id = ?"), (shop_id,)):
        rollup.add_turn(tuple(turn))
    for row in raw_rows(
        tx.conn,
        Sql("SELECT platform, agent, scoped, started_ms FROM insight_sessions WHERE shop_id = ?"),
        (shop_id,),
    ):
        rollup.add_session(*row)
    return rollup
