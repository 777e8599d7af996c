"""Bodies of the queue, of decisions and of what people do by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from miaohui.kit.http import Schema
from miaohui.routing.actions import Reassignment, Transfer
from miaohui.routing.model import Candidate, Estimate
from miaohui.routing.queries import Explained, Waiting
from miaohui.routing.schemas.fields import Note, RowId, Whole
from miaohui.routing.schemas.room import EstimateOut


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
        score = None
        if s is not None:
            score = ScoreOut(total=s.total, sticky=s.sticky, home=s.home, idle=s.idle, rested_s=s.rested_s)
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


class BoostIn(Schema):
    """Why a waiting chat goes ahead."""

    boost: Literal["vip", "breach", "complaint"]


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
