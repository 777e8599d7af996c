"""Trying every open choice against the shop's own platform figures (domain.md §10)."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from sqlalchemy.engine import Connection

from miaohui.importing import queries as files
from miaohui.importing.queries import Where
from miaohui.insight.model.calibration import Calibration, best_fit, candidates
from miaohui.insight.model.definitions import in_force, scope_of
from miaohui.insight.model.rounds import BUYER, Message, RoundRules, session_turns
from miaohui.insight.model.sessions import UNNAMED
from miaohui.insight.model.values import local_day
from miaohui.insight.model.window import Window
from miaohui.insight.queries.policies import calibrated_rules
from miaohui.insight.queries.reconcile import platform_days

MIN_DAYS = 5
MAX_SESSIONS = 12_000
_FIELDS = ("session_id", "at_ms", "seq", "role", "marks", "sender")


def calibrate(conn: Connection, shop_id: int, window: Window) -> Calibration | None:
    """Return how the open choices fit the platform's daily averages; None with fewer than five common days."""
    platform = {d: v["avg_response_s"] for d, v in platform_days(window).items() if "avg_response_s" in v}
    if len(platform) < MIN_DAYS or not window.sessions:
        return None
    sessions = _sessions(conn, shop_id, window)
    by_rules: dict[RoundRules, dict[str, float]] = {}
    for rules in candidates():
        totals: dict[str, list[int]] = {}
        for day, messages in sessions:
            total = totals.setdefault(day, [0, 0])
            for turn in session_turns(messages, rules):
                total[0] += turn.response_ms
                total[1] += 1
        by_rules[rules] = {day: ms / n / 1000 for day, (ms, n) in totals.items() if n}
    base = calibrated_rules(conn, shop_id, window.platform)
    return best_fit(by_rules, platform, base)


def _sessions(conn: Connection, shop_id: int, window: Window) -> list[tuple[str, list[Message]]]:
    """Return (local day, messages) of the sessions the platform assesses, the newest days first if too many."""
    found: list[tuple[str, list[Message]]] = []
    where = Where("at_ms >= ? AND at_ms < ?", (window.from_ms - 86_400_000, window.to_ms + 86_400_000),
                  "session_id, at_ms, seq")  # fmt: skip
    rows = files.iter_facts(conn, shop_id, "messages", _FIELDS, where)
    for _, group in groupby(rows, key=itemgetter(0)):
        messages: list[Message] = []
        started = None
        for _, at_ms, _, role, marks, sender in group:
            if started is None and role == BUYER:
                started = at_ms
            messages.append((at_ms, role, marks, (sender or UNNAMED) if role == "agent" else ""))
        day = local_day(started if started is not None else messages[0][0])
        definition = in_force(window.platform, "avg_response_s", day, window.definitions)
        if scope_of(definition).has(started or messages[0][0]) and window.from_on <= day <= window.to_on:
            found.append((day, messages))
    found.sort(key=itemgetter(0), reverse=True)
    return found[:MAX_SESSIONS]
