"""Verbs of insight: build rounds and roll-ups, count live messages, set dated policies, note changes."""

from miaohui.insight.actions.live import close_session, count_message
from miaohui.insight.actions.policies import note_change, set_policy
from miaohui.insight.actions.rebuild import rebuild_rollups, rebuild_sessions

__all__ = [
    "close_session",
    "count_message",
    "note_change",
    "rebuild_rollups",
    "rebuild_sessions",
    "set_policy",
]
