"""Who of the reserve 机动人力 is called, and why not the others. Pure (spec §2.6: called, not just counted)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from miaohui.kit.errors import RefusalKind

CALL_OVER = RefusalKind(
    "routing.call_over", 409, "这次支援呼叫已经结束", "This call for support is over already"
)
CALL_STATES_ZH: Mapping[str, str] = {
    "called": "等待应答", "accepted": "支援中", "declined": "已谢绝", "expired": "无人应答", "ended": "已解除",
}  # fmt: skip
REST_S = 1_800  # whoever said no, or did not answer, is left in peace for half an hour
CHATS_EACH = 10  # 接待上限 by default (domain.md §5.1): one more person for each ten chats that wait


@dataclass(frozen=True)
class Member:
    """Somebody of the reserve. `last_no_at`: when they last declined or did not answer."""

    user_id: int
    state: str
    group_ids: frozenset[int]
    last_no_at: datetime | None = None
    last_called_at: datetime | None = None
    is_called: bool = False


@dataclass(frozen=True)
class Choice:
    """Who is called, in order, and what was said against the others (user id → reason)."""

    user_ids: tuple[int, ...]
    against: Mapping[int, str]


def wanted_count(waiting: int, under_way: int) -> int:
    """Return how many more people a queue needs: one for each ten chats, less those who are on their way."""
    return max(0, math.ceil(waiting / CHATS_EACH) - under_way)


def choose(members: Iterable[Member], group_ids: frozenset[int], count: int, now: datetime) -> Choice:
    """Return who is called for a queue that these groups may serve: whoever was called longest ago comes first."""
    free, against = [], {}
    for member in members:
        reason = _against(member, group_ids, now)
        if reason:
            against[member.user_id] = reason
        else:
            free.append(member)
    never = datetime.min.replace(tzinfo=now.tzinfo)
    free.sort(key=lambda member: (member.last_called_at or never, member.user_id))
    for member in free[count:]:
        against[member.user_id] = "not_needed"
    return Choice(tuple(member.user_id for member in free[:count]), against)


def _against(member: Member, group_ids: frozenset[int], now: datetime) -> str:
    if member.is_called:
        return "called_already"
    if member.state == "online":
        return "online_already"
    if not member.group_ids & group_ids:
        return "other_group"
    if member.last_no_at is not None and now - member.last_no_at < timedelta(seconds=REST_S):
        return "said_no_lately"
    return ""
