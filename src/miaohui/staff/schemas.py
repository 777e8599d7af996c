"""Bodies of the team's routes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from miaohui.kit.http import Schema
from miaohui.staff.actions import AgentDraft, GroupDraft
from miaohui.staff.model import DEFAULT_CONCURRENCY, Agent, Capacity, Group, Skill

RowId = Annotated[int, Field(ge=0, lt=2**63)]
Version = Annotated[int, Field(ge=0, lt=2**31)]


class GroupIn(Schema):
    """A new group."""

    kind: str = Field(examples=["pre_sale"])
    name: str = Field(min_length=1, max_length=40)
    position: int = Field(default=0, ge=0, le=10_000)

    def draft(self) -> GroupDraft:
        return GroupDraft(self.kind, self.name, self.position)


class GroupEdit(GroupIn):
    """A changed group."""

    version: Version


class GroupOut(Schema):
    """A group with its overflow order and members."""

    id: int
    kind: str
    name: str
    position: int
    version: int
    overflow_group_ids: list[int]
    user_ids: list[int]
    archived_at: datetime | None

    @staticmethod
    def of(group: Group, user_ids: list[int]) -> GroupOut:
        return GroupOut(
            id=group.id, kind=group.kind, name=group.name, position=group.position, version=group.version,
            overflow_group_ids=list(group.overflow_group_ids), user_ids=user_ids,
            archived_at=group.archived_at,
        )  # fmt: skip


class GroupPage(Schema):
    """All groups of the shop (a shop has few: one page)."""

    items: list[GroupOut]
    next_cursor: str | None = None


class OverflowIn(Schema):
    """Where chats go when the group has no room, in this order."""

    group_ids: list[RowId] = Field(max_length=20)
    version: Version


class StaffReasonIn(Schema):
    """Why."""

    reason: str = Field(min_length=1, max_length=200)


class ArchivalIn(StaffReasonIn):
    """Why a group is taken out of use."""

    version: Version


class AgentIn(Schema):
    """A new agent; `user_id` is a person of this shop in access."""

    user_id: RowId
    display_name: str = Field(min_length=1, max_length=40)
    group_ids: list[RowId] = Field(default_factory=list, max_length=20)
    max_concurrency: int = DEFAULT_CONCURRENCY

    def draft(self) -> AgentDraft:
        return AgentDraft(self.user_id, self.display_name, tuple(self.group_ids), self.max_concurrency)


class AgentEdit(Schema):
    """A changed agent."""

    display_name: str = Field(min_length=1, max_length=40)
    group_ids: list[RowId] = Field(max_length=20)
    version: Version


class AgentOut(Schema):
    """An agent with groups and the capacity that holds now."""

    user_id: int
    display_name: str
    version: int
    skills_version: int
    group_ids: list[int]
    max_concurrency: int
    departed_at: datetime | None
    in_reserve: bool

    @staticmethod
    def of(agent: Agent) -> AgentOut:
        return AgentOut.model_validate({**agent.__dict__, "group_ids": list(agent.group_ids)})


class AgentPage(Schema):
    """A page of agents."""

    items: list[AgentOut]
    next_cursor: str | None = None


class SkillIn(Schema):
    """One skill of an agent; the last day itself still counts."""

    code: str
    level: int = Field(ge=1, le=5)
    expires_on: date | None = None

    def skill(self) -> Skill:
        return Skill(self.code, self.level, self.expires_on)


class SkillsIn(Schema):
    """The agent's whole list of skills."""

    skills: list[SkillIn] = Field(max_length=100)
    version: Version


class SkillOut(SkillIn):
    """A skill with its name and whether it has lapsed."""

    name_zh: str
    is_expired: bool


class SkillsOut(Schema):
    """The agent's skills."""

    user_id: int
    version: int
    items: list[SkillOut]


class SkillKindIn(Schema):
    """A skill of the shop's own catalogue."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    name_zh: str = Field(min_length=1, max_length=40)


class SkillKindPage(Schema):
    """The catalogue."""

    items: list[SkillKindIn]
    next_cursor: str | None = None


class CapacityIn(Schema):
    """A new capacity; without `effective_at` at once."""

    max_concurrency: int
    reason: str = Field(default="", max_length=200)
    effective_at: AwareDatetime | None = None
    version: Version


class CapacityVersionOut(Schema):
    """One dated capacity."""

    version: int
    effective_at: datetime
    max_concurrency: int
    author_id: int | None
    reason: str

    @staticmethod
    def of(capacity: Capacity) -> CapacityVersionOut:
        return CapacityVersionOut.model_validate(capacity.__dict__)


class CapacityOut(Schema):
    """What holds now, and every version, newest first."""

    user_id: int
    max_concurrency: int
    version: int
    items: list[CapacityVersionOut]


class ReserveOut(Schema):
    """The reserve 机动人力: who stands by and how many should."""

    ratio: float
    headcount: int
    required_count: int
    missing_count: int
    user_ids: list[int]
    version: int


class ReserveTargetIn(StaffReasonIn):
    """The share of the staff that stands in reserve."""

    ratio: float = Field(ge=0, le=1)
    version: Version
