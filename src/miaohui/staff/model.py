"""Rules of the team: groups and their overflow order, capacity, skills with level and expiry, reserve. Pure.

Source: spec §1.1 (three function groups), §1.4 (live agents), §1.5 (skills), §2.6 (reserve), domain.md §5.1
(capacity 1–50), §5.3 (default 10).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Final

from miaohui.kit.errors import RefusalKind

SHANGHAI: Final = timezone(timedelta(hours=8))
MIN_CONCURRENCY: Final = 1
MAX_CONCURRENCY: Final = 50
DEFAULT_CONCURRENCY: Final = 10
MIN_LEVEL: Final = 1
MAX_LEVEL: Final = 5
DEFAULT_RESERVE_RATIO: Final = 0.05

GROUP_KINDS_ZH: Final[Mapping[str, str]] = {
    "pre_sale": "售前",
    "orders": "售中",
    "after_sale": "售后",
    "live": "直播",
    "other": "其他",
}
DEFAULT_GROUP_KINDS: Final = ("pre_sale", "orders", "after_sale", "live")
DEFAULT_OVERFLOW: Final[Mapping[str, tuple[str, ...]]] = {
    "pre_sale": ("orders", "after_sale"),
    "orders": ("after_sale", "pre_sale"),
    "after_sale": ("orders", "pre_sale"),
    "live": ("pre_sale", "orders"),
}
DEFAULT_SKILLS_ZH: Final[Mapping[str, str]] = {
    "feige_operation": "飞鸽操作",
    "platform_rules": "平台规则",
    "basic_editing": "基础剪辑",
}

GROUP_MISSING = RefusalKind(
    "staff.group_missing", 404, "没有这个客服组，请刷新后重选", "No such group: reload and choose again"
)
AGENT_MISSING = RefusalKind(
    "staff.agent_missing", 404, "没有这位客服，请先在“客服管理”里添加", "No such agent: add them first"
)
AGENT_EXISTS = RefusalKind(
    "staff.agent_exists", 409, "这位成员已经是客服，请直接修改", "Already an agent: edit them instead"
)
NAME_TAKEN = RefusalKind(
    "staff.name_taken", 409, "已有同名的客服组，请换一个名称", "A group of this name exists: choose another"
)
BAD_CAPACITY = RefusalKind(
    "staff.bad_capacity", 422, "接待上限须在 1–50 之间", "Capacity must be between 1 and 50"
)
BAD_SKILL = RefusalKind(
    "staff.bad_skill", 422, "技能不在目录里、重复，或等级不在 1–5 之间",
    "Unknown or repeated skill, or a level outside 1–5",
)  # fmt: skip
BAD_GROUP = RefusalKind(
    "staff.bad_group", 422, "客服组的名称或类型不正确", "The group's name or kind is not valid"
)
BAD_OVERFLOW = RefusalKind(
    "staff.bad_overflow", 422, "溢出顺序里有重复的组、本组或已停用的组",
    "The overflow order repeats a group, names itself or an archived one",
)  # fmt: skip
GROUP_IN_USE = RefusalKind(
    "staff.group_in_use",
    409,
    "组里还有客服，请先把他们移到其他组",
    "The group still has members: move them first",
)
AGENT_GONE = RefusalKind(
    "staff.agent_gone", 409, "这位客服已离职，请先办理返岗", "This agent has left: bring them back first"
)


@dataclass(frozen=True)
class Group:
    """A team of the shop. `overflow_group_ids`: where chats go, in order, when this group has no room."""

    id: int
    kind: str
    name: str
    position: int
    version: int
    overflow_group_ids: tuple[int, ...] = ()
    archived_at: datetime | None = None


@dataclass(frozen=True)
class Skill:
    """What an agent can do. `expires_on` is the last local day (Asia/Shanghai) on which it counts."""

    code: str
    level: int
    expires_on: date | None = None


@dataclass(frozen=True)
class Capacity:
    """How many chats an agent may hold at once, valid from `effective_at` on."""

    version: int
    effective_at: datetime
    max_concurrency: int
    author_id: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Agent:
    """A person who serves buyers. `user_id` is the person's id in `access`."""

    user_id: int
    display_name: str
    version: int
    skills_version: int
    group_ids: tuple[int, ...]
    max_concurrency: int
    departed_at: datetime | None = None
    in_reserve: bool = False


@dataclass(frozen=True)
class Profile:
    """What dispatch needs to know about an agent, at one moment."""

    user_id: int
    display_name: str
    max_concurrency: int
    group_ids: frozenset[int]
    skills: Mapping[str, Skill] = field(default_factory=dict)


@dataclass(frozen=True)
class ReserveStanding:
    """How many people stand in reserve and how many should (spec §2.6)."""

    ratio: float
    headcount: int
    required_count: int
    user_ids: tuple[int, ...]
    version: int

    @property
    def missing_count(self) -> int:
        return max(0, self.required_count - len(self.user_ids))


def local_date(at: datetime) -> date:
    """Return the local day of `at` in Asia/Shanghai."""
    return at.astimezone(SHANGHAI).date()


def is_valid_capacity(max_concurrency: int) -> bool:
    """Tell whether a capacity is allowed. Source: domain.md §5.1 (每人 1–50)."""
    return MIN_CONCURRENCY <= max_concurrency <= MAX_CONCURRENCY


def is_expired(skill: Skill, on: date) -> bool:
    """Tell whether the skill no longer counts on the local day `on`; the last day itself still counts."""
    return skill.expires_on is not None and on > skill.expires_on


def are_valid_skills(skills: Sequence[Skill], catalogue: Mapping[str, str]) -> bool:
    """Tell whether every skill is in the catalogue, none twice, every level 1–5."""
    codes = [skill.code for skill in skills]
    return len(set(codes)) == len(codes) and all(
        skill.code in catalogue and MIN_LEVEL <= skill.level <= MAX_LEVEL for skill in skills
    )


def is_valid_overflow(group_id: int, order: Sequence[int], known: frozenset[int]) -> bool:
    """Tell whether `order` names only other, existing groups, each once."""
    return len(set(order)) == len(order) and group_id not in order and set(order) <= known


def required_reserve(headcount: int, ratio: float) -> int:
    """Return how many people the reserve needs: `ratio` of the staff, rounded up. Source: spec §2.6."""
    return math.ceil(round(headcount * ratio, 6))
