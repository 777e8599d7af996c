"""Verbs of `routing`, by capability."""

from miaohui.routing.actions.deadlines import end_exclusions, fire_overflows, fire_retransfers
from miaohui.routing.actions.drain import drain, drain_backlog
from miaohui.routing.actions.follow import (
    on_assigned,
    on_closed,
    on_message,
    on_opened,
    on_reply_queued,
    on_reply_sent,
)
from miaohui.routing.actions.handover import hear_handover_word
from miaohui.routing.actions.hands import (
    ItemResult,
    Reassignment,
    Transfer,
    claim,
    reassign,
    take_over,
    transfer,
)
from miaohui.routing.actions.people import on_agent_departed, on_buyers_merged, on_team_changed
from miaohui.routing.actions.presence import (
    PresenceChange,
    expire_heartbeats,
    give_up_lost,
    note_heartbeat,
    set_presence,
)
from miaohui.routing.actions.priority import on_clock_warned, on_labelled, reprioritise, withdraw_boost
from miaohui.routing.actions.purge import purge_decisions
from miaohui.routing.actions.reserve import answer_call, end_call, look_at_reserves
from miaohui.routing.actions.settings import set_rules

__all__ = [
    "answer_call",
    "end_call",
    "look_at_reserves",
    "ItemResult",
    "PresenceChange",
    "Reassignment",
    "Transfer",
    "claim",
    "drain",
    "drain_backlog",
    "end_exclusions",
    "expire_heartbeats",
    "fire_overflows",
    "fire_retransfers",
    "give_up_lost",
    "hear_handover_word",
    "note_heartbeat",
    "on_agent_departed",
    "on_assigned",
    "on_buyers_merged",
    "on_clock_warned",
    "on_closed",
    "on_message",
    "on_opened",
    "on_reply_queued",
    "on_reply_sent",
    "on_team_changed",
    "purge_decisions",
    "reassign",
    "on_labelled",
    "reprioritise",
    "withdraw_boost",
    "set_presence",
    "set_rules",
    "take_over",
    "transfer",
]
