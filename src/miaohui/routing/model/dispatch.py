"""The decision: candidates → filters → scores → one agent, or nobody, with every verdict. Pure.

Source: spec §1.5 (routing reads skills), domain.md §5.1 (最近接待过 > 较空闲, 平均分配), §5.3 (shrinking capacity).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from miaohui.routing.model.presence import UNREACHABLE, Presence
from miaohui.routing.model.rules import Mode, Rules
from miaohui.staff.model import Skill, is_expired

STICKY, HOME, IDLE = 1000, 200, 100
EVERYBODY = 0


class Verdict(StrEnum):
    """What became of a candidate: passed every filter, or the first filter that said no."""

    OK = "ok"
    NOT_IN_GROUP = "not_in_group"
    OFFLINE = "offline"
    UNREACHABLE = "unreachable"
    ON_BREAK = "on_break"
    EXCLUDED = "excluded"
    SKILL_MISSING = "skill_missing"
    SKILL_LOW = "skill_low"
    SKILL_EXPIRED = "skill_expired"
    FULL = "full"


@dataclass(slots=True)
class Seat:
    """An agent as dispatch sees them. `load` chats are theirs, `unanswered` of them wait for an answer."""

    user_id: int
    name: str
    state: str
    max_concurrency: int
    load: int = 0
    unanswered: int = 0
    group_ids: frozenset[int] = frozenset()
    skills: Mapping[str, Skill] = field(default_factory=dict)
    last_placed_at: datetime | None = None


@dataclass(frozen=True)
class Chat:
    """A conversation that needs somebody. `group_ids` are open to it now: its own, then the overflow."""

    conversation_id: int
    group_ids: tuple[int, ...]
    needs: Mapping[str, int] = field(default_factory=dict)
    sticky_user_id: int | None = None
    excluded_user_ids: frozenset[int] = frozenset()

    @property
    def home_group_id(self) -> int:
        return self.group_ids[0] if self.group_ids else EVERYBODY


@dataclass(frozen=True)
class Score:
    """Why a candidate stands where they stand. `rested_s`: since their last new chat, None for never."""

    sticky: int = 0
    home: int = 0
    idle: int = 0
    rested_s: int | None = None

    @property
    def total(self) -> int:
        return self.sticky + self.home + self.idle


@dataclass(frozen=True)
class Candidate:
    """One person's verdict; the score only for those who passed."""

    user_id: int
    verdict: Verdict
    load: int
    capacity: int
    score: Score | None = None


@dataclass(frozen=True)
class Decision:
    """Who gets the chat (None: nobody can), with all candidates, the best first."""

    user_id: int | None
    mode: Mode
    candidates: tuple[Candidate, ...]
    group_ids: tuple[int, ...] = ()
    needs: Mapping[str, int] = field(default_factory=dict)
    sticky_user_id: int | None = None


def capacity_of(seat: Seat, rules: Rules) -> int:
    """Return how many chats the seat may hold now: its capacity, less what the unanswered ones cost.

    From the third unanswered chat on each one takes a place away, down to the floor of 8: with 18 s a reply
    more would not be answered in time. Source: domain.md §5.3 (默认上限 8–12，并随实时负载自动收缩).
    """
    if not rules.shrink:
        return seat.max_concurrency
    lost = max(0, seat.unanswered - rules.shrink_from_unanswered + 1)
    return max(min(seat.max_concurrency, rules.shrink_floor), seat.max_concurrency - lost)


def has_room(seat: Seat, rules: Rules) -> bool:
    """Tell whether dispatch may give the seat one more chat, whatever the chat is."""
    return seat.state == Presence.ONLINE and seat.load < capacity_of(seat, rules)


def serves(seat: Seat, group_ids: Iterable[int]) -> bool:
    """Tell whether the seat belongs to one of the groups; group 0 is everybody."""
    return any(group_id == EVERYBODY or group_id in seat.group_ids for group_id in group_ids)


def skill_verdict(skills: Mapping[str, Skill], needs: Mapping[str, int], today: date) -> Verdict:
    """Return OK, or the first thing that is missing. Source: spec §1.5 (level and expiry)."""
    for code, level in needs.items():
        skill = skills.get(code)
        if skill is None:
            return Verdict.SKILL_MISSING
        if is_expired(skill, today):
            return Verdict.SKILL_EXPIRED
        if skill.level < level:
            return Verdict.SKILL_LOW
    return Verdict.OK


_ABSENT: Mapping[str, Verdict] = {
    Presence.OFFLINE: Verdict.OFFLINE, UNREACHABLE: Verdict.UNREACHABLE, Presence.ON_BREAK: Verdict.ON_BREAK,
}  # fmt: skip


def verdict(seat: Seat, chat: Chat, rules: Rules, today: date) -> Verdict:
    """Return the first filter that says no to this seat, or OK.

    Order: group, presence, just released, skills, capacity: the one that is hardest to change comes first.
    """
    if not serves(seat, chat.group_ids):
        return Verdict.NOT_IN_GROUP
    if seat.state in _ABSENT:
        return _ABSENT[seat.state]
    if seat.user_id in chat.excluded_user_ids:
        return Verdict.EXCLUDED
    skills = skill_verdict(seat.skills, chat.needs, today)
    if skills is not Verdict.OK:
        return skills
    return Verdict.OK if seat.load < capacity_of(seat, rules) else Verdict.FULL


def score(seat: Seat, chat: Chat, rules: Rules, now: datetime) -> Score:
    """Return the points of a seat that passed: served recently > own group > idle; in turn when even."""
    rested = None if seat.last_placed_at is None else int((now - seat.last_placed_at).total_seconds())
    home = HOME if serves(seat, (chat.home_group_id,)) else 0
    if rules.mode is Mode.EVEN:
        return Score(0, home, 0, rested)
    sticky = STICKY if seat.user_id == chat.sticky_user_id else 0
    idle = round(IDLE * (1 - seat.load / max(1, capacity_of(seat, rules))))
    return Score(sticky, home, idle, rested)


def decide(chat: Chat, seats: Iterable[Seat], rules: Rules, now: datetime, today: date) -> Decision:
    """Return who gets the chat and why, with the verdict on everybody else.

    Order: highest total, then longest without a new chat (never first), then the lower id: a pure function
    of its arguments, so the same situation always has the same answer.
    """
    passed: list[tuple[tuple[int, float, int], Candidate]] = []
    others: list[Candidate] = []
    for seat in seats:
        said = verdict(seat, chat, rules, today)
        capacity = capacity_of(seat, rules)
        if said is not Verdict.OK:
            others.append(Candidate(seat.user_id, said, seat.load, capacity))
            continue
        points = score(seat, chat, rules, now)
        last = seat.last_placed_at.timestamp() if seat.last_placed_at else float("-inf")
        order = (-points.total, last, seat.user_id)
        passed.append((order, Candidate(seat.user_id, said, seat.load, capacity, points)))
    passed.sort(key=lambda pair: pair[0])
    best = passed[0][1].user_id if passed else None
    ranked = tuple(candidate for _, candidate in passed)
    return Decision(best, rules.mode, ranked + tuple(others), chat.group_ids, chat.needs, chat.sticky_user_id)


def compact(decision: Decision) -> dict[str, Any]:
    """Return the decision as small JSON: those who passed with their points, the others by verdict."""
    no: dict[str, list[Any]] = {}
    for c in decision.candidates:
        if c.score is None:
            no.setdefault(c.verdict.value, []).append(
                [c.user_id, c.load, c.capacity] if c.verdict is Verdict.FULL else c.user_id
            )
    return {
        "mode": decision.mode.value,
        "groups": list(decision.group_ids),
        "needs": dict(decision.needs),
        "sticky": decision.sticky_user_id,
        "ok": [
            [c.user_id, c.load, c.capacity, c.score.sticky, c.score.home, c.score.idle, c.score.rested_s]
            for c in decision.candidates
            if c.score is not None
        ],
        "no": no,
    }


def expanded(user_id: int | None, value: Mapping[str, Any]) -> Decision:
    """Return the decision that `compact` wrote; `user_id` stands beside it in the row."""
    ok = [Candidate(r[0], Verdict.OK, r[1], r[2], Score(r[3], r[4], r[5], r[6])) for r in value.get("ok", ())]
    no = [
        Candidate(r[0], Verdict(word), r[1], r[2])
        if isinstance(r, list)
        else Candidate(r, Verdict(word), 0, 0)
        for word, people in value.get("no", {}).items()
        for r in people
    ]
    return Decision(
        user_id, Mode(value.get("mode", "priority")), (*ok, *no), tuple(value.get("groups", ())),
        value.get("needs", {}), value.get("sticky"),
    )  # fmt: skip
