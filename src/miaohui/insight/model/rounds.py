"""The one state machine that turns messages into rounds, live or imported. Pure.

A round runs from the first buyer message after the last effective human reply to the next effective human reply; a
round that is never answered counts 600 s. What the platform leaves open is a parameter that can be calibrated.
Source: domain.md §2.6 (definition), §2.1 (600 s, perfunctory replies, robots), §10 (what is open).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

BUYER, AGENT, ROBOT, SYSTEM = "buyer", "agent", "robot", "system"
CARD, PERFUNCTORY, CLOSING, RECALLED, TRANSFER, CLOSED = 1, 2, 4, 8, 16, 32
_NO_ASK = CARD | RECALLED


@dataclass(frozen=True)
class RoundRules:
    """How rounds are counted. Units: milliseconds.

    anchor: from the first or the last buyer message of the round. first_round: whether the first round starts when
    the buyer wrote, or when a human took over from the robot. closing: whether a round of nothing but 好的/谢谢 that is
    not answered counts. late: a reply after the penalty time counts as it was, or is capped. perfunctory: whether
    an empty reply closes the round.
    """

    anchor: Literal["first", "last"] = "first"
    first_round: Literal["buyer", "handover"] = "handover"
    closing: Literal["counts", "exempt"] = "counts"
    late: Literal["actual", "capped"] = "actual"
    perfunctory: Literal["closes", "ignored"] = "ignored"
    penalty_ms: int = 600_000

    def code(self) -> str:
        """Return the choices as one short text."""
        return f"{self.anchor}/{self.first_round}/{self.closing}/{self.late}/{self.perfunctory}"


@dataclass(slots=True)
class Turn:
    """A finished round. `answered_ms` None: never answered. `asks`: times of its buyer messages."""

    seq: int
    anchor_ms: int
    answered_ms: int | None
    response_ms: int
    agent: str
    asks: tuple[int, ...]
    is_first: bool
    is_closing: bool


@dataclass(slots=True)
class RoundState:
    """What must be kept of a session between two messages; `step` moves it on.

    Order: messages of a session in the platform's order. `has_human` turns true when a person takes part.
    """

    rules: RoundRules = field(default_factory=RoundRules)
    seq: int = 0
    asks: list[int] = field(default_factory=list)
    only_closing: bool = True
    entry_ms: int | None = None
    has_human: bool = False
    saw_robot: bool = False
    agent: str = ""

    def step(self, at_ms: int, role: str, marks: int, agent: str) -> Turn | None:
        """Take in one message; return the round it closes, if any."""
        if role == BUYER:
            if not marks & _NO_ASK:
                self.only_closing = bool(marks & CLOSING) and (self.only_closing or not self.asks)
                self.asks.append(at_ms)
            return None
        if role == AGENT:
            return self._reply(at_ms, marks, agent)
        if role == ROBOT:
            self.saw_robot = True
            if not self.has_human and self.rules.first_round == "handover":
                self.asks.clear()
        elif marks & TRANSFER:
            self._take_over(at_ms, agent)
        elif marks & CLOSED:
            missed = self.finish(None)
            self.asks.clear()
            return missed
        return None

    def _take_over(self, at_ms: int, agent: str) -> None:
        if not self.has_human:
            self.has_human = True
            self.entry_ms = at_ms
            if self.rules.first_round == "handover" and self.saw_robot:
                self.asks = [at_ms]
                self.only_closing = False
        if agent:
            self.agent = agent

    def _reply(self, at_ms: int, marks: int, agent: str) -> Turn | None:
        if marks & RECALLED:
            return None
        self.has_human = True
        if agent:
            self.agent = agent
        if not self.asks or (marks & PERFUNCTORY and self.rules.perfunctory == "ignored"):
            return None
        return self._close(at_ms)

    def _close(self, at_ms: int | None) -> Turn:
        rules = self.rules
        anchor = self.asks[0] if rules.anchor == "first" else self.asks[-1]
        if at_ms is None:
            response = rules.penalty_ms
        else:
            response = at_ms - anchor
            if response < 0:
                response = 0
            if rules.late == "capped" and response > rules.penalty_ms:
                response = rules.penalty_ms
        turn = Turn(
            self.seq, anchor, at_ms, response, self.agent, tuple(self.asks), self.seq == 0, self.only_closing
        )
        self.seq += 1
        self.asks.clear()
        self.only_closing = True
        return turn

    def finish(self, now_ms: int | None) -> Turn | None:
        """End the session: an open round is missed. `now_ms` None: the session is closed for good.

        An open round younger than the penalty time stays open; a robot's session without a person has none; a
        round of nothing but courtesies may be exempt.
        """
        if not self.asks or (self.saw_robot and not self.has_human):
            return None
        if self.rules.closing == "exempt" and self.only_closing:
            return None
        if now_ms is not None and now_ms - self.asks[0] < self.rules.penalty_ms:
            return None
        return self._close(None)

    def as_json(self) -> dict[str, Any]:
        """Return the state to be stored."""
        return {
            "seq": self.seq, "asks": self.asks, "only_closing": self.only_closing, "entry_ms": self.entry_ms,
            "has_human": self.has_human, "saw_robot": self.saw_robot, "agent": self.agent,
        }  # fmt: skip

    @classmethod
    def from_json(cls, rules: RoundRules, stored: dict[str, Any]) -> RoundState:
        """Return the stored state."""
        return cls(rules, **{**stored, "asks": list(stored["asks"])})


Message = tuple[int, str, int, str]


def session_turns(messages: list[Message], rules: RoundRules, now_ms: int | None = None) -> list[Turn]:
    """Return the rounds of one session.

    Shape: messages (at_ms, role, marks, agent) in order. Source: domain.md §2.6.
    """
    state = RoundState(rules)
    turns = [turn for message in messages if (turn := state.step(*message)) is not None]
    if (last := state.finish(now_ms)) is not None:
        turns.append(last)
    return turns


@dataclass(frozen=True, slots=True)
class Scope:
    """Which sessions an indicator looks at, by local start: from `from_s` to `to_s` of the day, both inclusive."""

    from_s: int = 8 * 3600
    to_s: int = 23 * 3600 - 1

    def has(self, started_ms: int) -> bool:
        """Tell whether a session that started then is looked at (8:00:00–22:59:59 on 抖店)."""
        local_s = (started_ms // 1000 + 8 * 3600) % 86_400
        return self.from_s <= local_s <= self.to_s
