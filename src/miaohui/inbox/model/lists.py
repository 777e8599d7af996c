"""The conversation list: what burns first, then who waits longest, then what moved last. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Box(StrEnum):
    """The boxes of the conversation list."""

    OPEN = "open"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    WAITING = "waiting"
    OVERDUE = "overdue"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    MENTIONED = "mentioned"


@dataclass(frozen=True)
class ListFilter:
    """Which conversations a list shows. Empty fields filter nothing."""

    box: Box = Box.OPEN
    agent_id: int | None = None
    group_id: int | None = None
    channel: str = ""
    account_id: int | None = None
    label_id: int | None = None
    buyer_id: int | None = None
    entry: str = ""


@dataclass(frozen=True)
class Page:
    """A page of a list. `cursor` is the sort key of the last row before it, None for the first page."""

    limit: int = 50
    cursor: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Scope:
    """What a person may see: everything, or the conversations of their groups and their own."""

    user_id: int
    group_ids: frozenset[int] | None

    @property
    def sees_all(self) -> bool:
        return self.group_ids is None


def can_see(scope: Scope, agent_id: int | None, group_id: int | None) -> bool:
    """Tell whether a conversation with this agent and group is in `scope`."""
    if scope.group_ids is None or agent_id == scope.user_id:
        return True
    return group_id is not None and group_id in scope.group_ids
