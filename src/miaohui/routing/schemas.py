"""Bodies of routing's routes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from miaohui.kit.http import Schema
from miaohui.routing.actions import Reassignment, Transfer
from miaohui.routing.model import Candidate, Estimate, Mode, Presence, Rules, Span
from miaohui.routing.queries import Explained, QueueCount, RulesVersion, Waiting

RowId = Annotated[int, Field(ge=0, lt=2**63)]
Note = Annotated[str, Field(max_length=500)]
Whole = Annotated[int, Field(ge=0, lt=2**31)]


class PresenceIn(Schema):
    """在线 online, 小休 on_break or 离线 offline; `handover` passes chats in progress on before going offline."""

    presence: Presence
    handover: bool = False
    reason: Note = ""


class StandingOut(Schema):
    """Where a person stands. `state` is unreachable (失联) while their page is silent."""

    user_id: int
    presence: str
    state: str
    since_at: datetime | None
    unreachable_at: datetime | None
    alive_until_at: datetime | None


class SeatOut(Schema):
    """One person on the room board."""

    user_id: int
    name: str
    state: str
    state_zh: str
    since_at: datetime | None
    load: int
    unanswered_count: int
    max_concurrency: int
    capacity_now: int
    group_ids: list[int]
    last_placed_at: datetime | None


class QueueCountOut(Schema):
    """How many wait in a group (group 0 is the whole shop), and the wait of a buyer who comes now."""

    group_id: int
    state: str
    count: int
    oldest_at: datetime
    estimate: EstimateOut | None

    @staticmethod
    def of(found: QueueCount, estimate: Estimate | None) -> QueueCountOut:
        return QueueCountOut(
            group_id=found.group_id, state=found.state, count=found.count, oldest_at=found.oldest_at,
            estimate=EstimateOut.of(estimate) if estimate else None,
        )  # fmt: skip


class RoomOut(Schema):
    """The room board: everybody's seat, and what waits."""

    is_open: bool
    server_at: datetime
    items: list[SeatOut]
    queues: list[QueueCountOut]
    next_cursor: str | None = None


class EstimateOut(Schema):
    """A place in the queue; the seconds are None when there is too little data (数据不足), with n."""

    position: int
    sample_count: int
    expected_s: int | None
    low_s: int | None
    high_s: int | None
    text_zh: str

    @staticmethod
    def of(found: Estimate) -> EstimateOut:
        return EstimateOut(
            position=found.position, sample_count=found.sample_count, expected_s=found.expected_s,
            low_s=found.low_s, high_s=found.high_s, text_zh=found.text_zh,
        )  # fmt: skip


class WaitingOut(Schema):
    """A chat that waits, with its place and why it stands there."""

    conversation_id: int
    group_id: int
    entry: str
    needs: dict[str, int]
    queued_at: datetime
    waited_s: float
    rank_at: datetime
    boosts: dict[str, int]
    overflow_at: datetime | None
    overflow_step: int
    version: int
    estimate: EstimateOut

    @staticmethod
    def of(found: Waiting, needs: dict[str, int], estimate: Estimate, now: datetime) -> WaitingOut:
        return WaitingOut(
            conversation_id=found.conversation_id, group_id=found.group_id, entry=found.entry, needs=needs,
            queued_at=found.queued_at, waited_s=max(0.0, (now - found.queued_at).total_seconds()),
            rank_at=found.rank_at, boosts=dict(found.boosts), overflow_at=found.overflow_at,
            overflow_step=found.overflow_step, version=found.version, estimate=EstimateOut.of(estimate),
        )  # fmt: skip


class QueuePage(Schema):
    """A page of the queue, the next one first."""

    items: list[WaitingOut]
    next_cursor: str | None = None


class ScoreOut(Schema):
    """A candidate's points."""

    total: int
    sticky: int
    home: int
    idle: int
    rested_s: int | None


class CandidateOut(Schema):
    """One person's verdict in a decision, in words."""

    user_id: int
    verdict: str
    load: int
    capacity: int
    score: ScoreOut | None
    explanation_zh: str

    @staticmethod
    def of(found: Candidate, text_zh: str) -> CandidateOut:
        s = found.score
        score = s and ScoreOut(total=s.total, sticky=s.sticky, home=s.home, idle=s.idle, rested_s=s.rested_s)
        return CandidateOut(
            user_id=found.user_id, verdict=found.verdict.value, load=found.load, capacity=found.capacity,
            score=score, explanation_zh=text_zh,
        )  # fmt: skip


class DecisionOut(Schema):
    """One decision: what happened, to whom, why, and why not to the others."""

    id: int
    at: datetime
    trigger: str
    outcome: str
    agent_id: int | None
    previous_agent_id: int | None
    group_id: int
    waited_s: float | None
    by_user_id: int | None
    note: str
    mode: str
    group_ids: list[int]
    needs: dict[str, int]
    explanation_zh: str
    candidates: list[CandidateOut]

    @staticmethod
    def of(found: Explained) -> DecisionOut:
        d = found.decision
        waited = (found.at - found.queued_at).total_seconds() if found.queued_at else None
        people = zip(d.candidates, found.people_zh, strict=True)
        return DecisionOut(
            id=found.id, at=found.at, trigger=found.trigger, outcome=found.outcome, agent_id=found.agent_id,
            previous_agent_id=found.previous_agent_id, group_id=found.group_id, waited_s=waited,
            by_user_id=found.by_user_id, note=found.note, mode=d.mode.value, group_ids=list(d.group_ids),
            needs=dict(d.needs), explanation_zh=found.explanation_zh,
            candidates=[CandidateOut.of(candidate, text) for candidate, text in people],
        )  # fmt: skip


class RoutingOut(Schema):
    """A conversation's routing: who has it or where it waits, and every decision, newest first."""

    conversation_id: int
    state: str
    agent_id: int | None
    group_id: int | None
    version: int | None
    moves: int
    retransfer_at: datetime | None
    place: EstimateOut | None
    items: list[DecisionOut]
    next_cursor: str | None = None


class TransferIn(Schema):
    """Exactly one of `to_user_id` and `to_group_id`; `version` is the one the person saw."""

    to_user_id: RowId | None = None
    to_group_id: RowId | None = None
    note: Note = ""
    version: Whole | None = None

    def wanted(self) -> Transfer:
        return Transfer(self.to_user_id, self.to_group_id, self.note, self.version)


class TakeoverIn(Schema):
    """Why a supervisor takes a chat."""

    note: Note = ""


class ReassignmentIn(Schema):
    """A shift's end: which chats of whom go where; without a target they are dispatched again."""

    from_user_id: RowId
    conversation_ids: list[RowId] | None = Field(default=None, max_length=200)
    to_user_ids: list[RowId] = Field(default_factory=list, max_length=50)
    to_group_id: RowId | None = None
    reason: Note = ""

    def wanted(self) -> Reassignment:
        chosen = None if self.conversation_ids is None else tuple(self.conversation_ids)
        return Reassignment(self.from_user_id, chosen, tuple(self.to_user_ids), self.to_group_id, self.reason)


class ItemResultOut(Schema):
    """What became of one chat of a bulk."""

    conversation_id: int
    ok: bool
    agent_id: int | None
    code: str
    message_zh: str


class ReassignmentOut(Schema):
    """The results, chat by chat; `remaining_count` chats are left for another call."""

    items: list[ItemResultOut]
    remaining_count: int


class SpanOut(Schema):
    """A stretch of one state."""

    state: str
    state_zh: str
    started_at: datetime
    ended_at: datetime | None
    reason: str
    by_user_id: int | None

    @staticmethod
    def of(span: Span, state_zh: str) -> SpanOut:
        return SpanOut(
            state=span.state, state_zh=state_zh, started_at=span.started_at, ended_at=span.ended_at,
            reason=span.reason, by_user_id=span.by_user_id,
        )  # fmt: skip


class StateLogOut(Schema):
    """A person's states in a span, with the seconds of each."""

    user_id: int
    since_at: datetime
    until_at: datetime
    seconds_by_state: dict[str, float]
    items: list[SpanOut]
    next_cursor: str | None = None


class RulesBody(Schema):
    """The routing rules; units are whole seconds where the name ends in `_s`."""

    mode: Mode
    by_entry: bool
    default_group: str
    entry_groups: dict[str, str]
    entry_skills: dict[str, dict[str, int]]
    boosts_s: dict[str, int]
    sticky_window_s: int
    overflow_after_s: int
    retransfer_after_s: int
    max_retransfers: int
    exclusion_s: int
    shrink: bool
    shrink_from_unanswered: int
    shrink_floor: int
    offline_auto_assign: bool
    grace_s: int
    auto_offline_s: int

    def rules(self) -> Rules:
        return Rules(**self.model_dump())

    @staticmethod
    def of(rules: Rules) -> RulesBody:
        fields: dict[str, Any] = {name: getattr(rules, name) for name in Rules.__dataclass_fields__}
        return RulesBody.model_validate(fields)


class RulesIn(Schema):
    """New rules, with the version they were made from."""

    rules: RulesBody
    reason: Note = ""
    version: Whole


class RulesVersionOut(Schema):
    """One stored version."""

    version: int
    effective_at: datetime
    author_id: int | None
    reason: str

    @staticmethod
    def of(found: RulesVersion) -> RulesVersionOut:
        return RulesVersionOut(
            version=found.version, effective_at=found.effective_at, author_id=found.author_id,
            reason=found.reason,
        )  # fmt: skip


class RulesOut(Schema):
    """The rules in force (version 0: the defaults), the history, and what the words mean."""

    version: int
    rules: RulesBody
    items: list[RulesVersionOut]
    entries_zh: dict[str, str]
    boosts_zh: dict[str, str]
