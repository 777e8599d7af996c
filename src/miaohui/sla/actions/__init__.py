"""Public verbs of reply clocks, and what they do when something happens elsewhere."""

from miaohui.sla.actions.clocks import cancel_clock, start_clock, stop_clock
from miaohui.sla.actions.days import rebuild_day
from miaohui.sla.actions.fire import fire_due
from miaohui.sla.actions.follow import (
    follow_assignment,
    follow_calendar_change,
    follow_closing,
    follow_live_change,
    follow_message,
    follow_opening,
    follow_policy_change,
    follow_promotion_change,
    follow_recall,
    follow_reply,
)
from miaohui.sla.actions.retarget import retarget_clocks

__all__ = [
    "cancel_clock", "fire_due", "follow_assignment", "follow_calendar_change", "follow_closing",
    "follow_live_change", "follow_message", "follow_opening", "follow_policy_change",
    "follow_promotion_change", "follow_recall", "follow_reply", "rebuild_day", "retarget_clocks",
    "start_clock", "stop_clock",
]  # fmt: skip
