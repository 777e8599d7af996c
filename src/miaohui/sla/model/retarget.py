"""What happens to a running clock when the rules change. Pure.

A stricter target leaves the whole new target from now on, and never moves the deadline back; a milder one
takes its own deadline. So nobody is late because of a change that came after the message (ours).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from miaohui.sla.model.promise import Promise, after, promise_for, warn_after_s
from miaohui.sla.model.rules import Rules


def retargeted(
    old_due_at: datetime, received_at: datetime, now: datetime, rules: Rules, group_id: int | None
) -> Promise:
    """Return the promise of a running clock under new rules."""
    fresh = promise_for(received_at, rules, group_id)
    if fresh.due_at >= old_due_at:
        return fresh
    begin = max(now, fresh.counts_from_at)
    due = min(old_due_at, after(begin, fresh.target_s, rules))
    warn = min(due, after(begin, warn_after_s(fresh.target_s, rules), rules))
    return replace(fresh, due_at=due, warn_at=warn)
