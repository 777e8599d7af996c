"""Rules of reply clocks: when an answer is due and why, what waiting looks like, the platform's rounds. Pure.

Source: spec §1.3, §2.3–2.5; domain.md §2.1, §2.3, §2.6, §5.1.
"""

from miaohui.sla.model.promise import Promise, due_at, promise_for
from miaohui.sla.model.retarget import retargeted
from miaohui.sla.model.rounds import (
    Affordable,
    RoundDefinition,
    RoundFact,
    affordable,
    affordable_ratio,
    counted_ms,
    is_in_window,
)
from miaohui.sla.model.rules import GroupTargets, Period, Rules, Target, rules_of, target_at
from miaohui.sla.model.waiting import WaitingLabel, slow_reply, waiting_label

__all__ = [
    "Affordable", "GroupTargets", "Period", "Promise", "RoundDefinition", "RoundFact", "Rules", "Target",
    "WaitingLabel", "affordable", "affordable_ratio", "counted_ms", "due_at", "is_in_window", "promise_for",
    "retargeted", "rules_of", "slow_reply", "target_at", "waiting_label",
]  # fmt: skip
