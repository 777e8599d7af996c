"""Verbs of insight: build rounds and roll-ups, count live messages, set dated policies, note changes."""

from miaohui.insight.actions.live import LiveMessage, count_touched, note_closing, note_message, note_takeover
from miaohui.insight.actions.policies import note_change, set_policy
from miaohui.insight.actions.rebuild import rebuild_rollups, rebuild_sessions

__all__ = [
    "LiveMessage", "count_touched", "note_change", "note_closing", "note_message", "note_takeover", "rebuild_rollups",
    "rebuild_sessions", "set_policy",
]  # fmt: skip
