"""Verbs of `staff`, by capability."""

from miaohui.staff.actions.agents import AgentDraft, add_agent, change_agent, depart_agent, return_agent
from miaohui.staff.actions.capacity import CapacityChange, announce_due_capacities, set_capacity
from miaohui.staff.actions.groups import (
    GroupDraft,
    archive_group,
    change_group,
    create_group,
    ensure_default_groups,
    set_overflow,
)
from miaohui.staff.actions.reserve import join_reserve, leave_reserve, set_reserve_target
from miaohui.staff.actions.skills import add_skill_kind, set_skills

__all__ = [
    "AgentDraft",
    "CapacityChange",
    "GroupDraft",
    "add_agent",
    "add_skill_kind",
    "announce_due_capacities",
    "archive_group",
    "change_agent",
    "change_group",
    "create_group",
    "depart_agent",
    "ensure_default_groups",
    "join_reserve",
    "leave_reserve",
    "return_agent",
    "set_capacity",
    "set_overflow",
    "set_reserve_target",
    "set_skills",
]
