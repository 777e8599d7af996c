"""A session from its messages: who, when, about what, and its rounds. Pure. Source: domain.md §2.5, §2.6."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from miaohui.insight.model.intents import PRE_SALE, intent_of
from miaohui.insight.model.rollup import TurnFact, turn_fact
from miaohui.insight.model.rounds import (
    AGENT,
    BUYER,
    CARD,
    PERFUNCTORY,
    RECALLED,
    ROBOT,
    SYSTEM,
    TRANSFER,
    RoundRules,
    RoundState,
    Scope,
)
from miaohui.insight.model.values import local_day

# at_ms, seq, role, marks, sender, text, buyer_key, order_id, product_id, entry, rating, platform
StoredMessage = tuple[
    int,
    int,
    str,
    int,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    int | None,
    str,
]
UNNAMED = "未署名"
INTENT_TEXTS = 4
_ENTERED = re.compile(r"客服[「“\"'【(（]?([^」”\"'】)）\s，,]{1,20}?)[」”\"'】)）]?(?:已?接入|为您服务)")
_MOVED = re.compile(r"(?:转接|转给|转至)(?:给|到|至)?(?:客服)?[「“\"'【(（]?([^」”\"'】)）\s，,。]{1,20})")


@dataclass(slots=True)
class Session:
    """One session's facts. Units: milliseconds. `started_ms`: its first buyer message, else its first message."""

    session_id: str
    platform: str
    buyer: str
    agent: str
    agents: tuple[str, ...]
    started_ms: int
    human_ms: int | None
    ended_ms: int
    buyer_n: int
    agent_n: int
    robot_n: int
    perfunctory_n: int
    turns_n: int
    missed_n: int
    sum_ms: int
    first_response_ms: int | None
    queue_ms: int | None
    intent: str
    product_id: str
    entry: str
    rating: int | None
    scoped: int
    first_text: str
    orders: tuple[str, ...] = ()

    @property
    def has_human(self) -> bool:
        return self.human_ms is not None or self.turns_n > 0

    @property
    def is_enquiry(self) -> bool:
        """Whether it is a consultation that may end in an order (询单)."""
        return self.has_human and self.buyer_n > 0 and self.intent in PRE_SALE


RulesOf = Callable[[str, str], tuple[RoundRules, Scope]]


@dataclass
class _Gathered:
    agents: dict[str, None] = field(default_factory=dict)
    orders: dict[str, None] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    buyer: str = ""
    product: str = ""
    entry: str = ""
    rating: int | None = None
    counts: dict[str, int] = field(
        default_factory=lambda: {BUYER: 0, AGENT: 0, ROBOT: 0, SYSTEM: 0, "empty": 0}
    )
    first_buyer_ms: int | None = None
    human_ms: int | None = None


def build_session(
    session_id: str, messages: Sequence[StoredMessage], rules_of: RulesOf, now_ms: int | None = None
) -> tuple[Session, list[TurnFact]]:
    """Return a session and its rounds.

    Shape: `messages` in order of time and file; at least one. `rules_of(platform, local day of the start)` tells the
    dated definition in force. Source: domain.md §2.6.
    """
    platform = messages[0][11]
    started = next((m[0] for m in messages if m[2] == BUYER), messages[0][0])
    rules, scope = rules_of(platform, local_day(started))
    scoped = int(scope.has(started))
    state, found = RoundState(rules), _Gathered()
    turns: list[TurnFact] = []
    for message in messages:
        at_ms, role, marks = message[0], message[2], message[3]
        name = message[4] or ""
        agent = ""
        if role == AGENT:
            agent = name or UNNAMED
            found.agents[agent] = None
        elif role == SYSTEM and marks & TRANSFER:
            # A file names the agent in the text (the sender is 系统), the live desk as the sender.
            agent = agent_in(message[5]) if message[5] else name
            if agent:
                found.agents[agent] = None
        _gather(found, message)
        turn = state.step(at_ms, role, marks, agent)
        if turn is not None:
            turns.append(turn_fact(session_id, platform, scoped, started, turn))
    last = state.finish(now_ms)
    if last is not None:
        turns.append(turn_fact(session_id, platform, scoped, started, last))
    ended = messages[-1][0]
    return _session((session_id, platform), started, scoped, ended, state, (found, turns)), turns


def agent_in(text: str) -> str:
    """Return the agent that a system text about entering or transferring names; '' when it names none."""
    match = _ENTERED.search(text) or _MOVED.search(text)
    return match[1] if match else ""


def _gather(found: _Gathered, message: StoredMessage) -> None:
    at_ms, _, role, marks, _, text, buyer, order, product, entry, rating, _ = message
    if role == BUYER:
        if not marks & (CARD | RECALLED):
            _asked(found, at_ms, text)
    else:
        found.counts[role] += 1
        if found.human_ms is None and (role == AGENT or (role == SYSTEM and marks & TRANSFER)):
            found.human_ms = at_ms
        found.counts["empty"] += role == AGENT and bool(marks & PERFUNCTORY)
    found.buyer = found.buyer or buyer or ""
    found.product = found.product or product or ""
    found.entry = found.entry or entry or ""
    if order:
        found.orders[order] = None
    if rating is not None:
        found.rating = rating


def _asked(found: _Gathered, at_ms: int, text: str | None) -> None:
    found.counts[BUYER] += 1
    if text and len(found.texts) < INTENT_TEXTS:
        found.texts.append(text)
    if found.first_buyer_ms is None:
        found.first_buyer_ms = at_ms


def _session(
    who: tuple[str, str],
    started: int,
    scoped: int,
    ended: int,
    state: RoundState,
    rest: tuple[_Gathered, list[TurnFact]],
) -> Session:
    found, turns = rest
    first = next((turn for turn in turns if turn[9]), None)
    queue = None
    if found.human_ms is not None and found.first_buyer_ms is not None and state.entry_ms is not None:
        queue = max(0, found.human_ms - found.first_buyer_ms)
    agents = tuple(found.agents)
    return Session(
        *who, found.buyer, agents[-1] if agents else state.agent, agents, started, found.human_ms, ended,
        found.counts[BUYER], found.counts[AGENT], found.counts[ROBOT], found.counts["empty"],
        len(turns), sum(1 for turn in turns if turn[5] is None), sum(turn[6] for turn in turns),
        first[6] if first and first[5] is not None else None, queue, intent_of(found.texts), found.product, found.entry,
        found.rating, scoped, (found.texts[0] if found.texts else "")[:80], tuple(found.orders),
    )  # fmt: skip
