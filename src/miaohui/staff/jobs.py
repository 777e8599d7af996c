"""What `staff` does later: planned capacities are announced at their time."""

from __future__ import annotations

from miaohui.kit.worker import TimerSource
from miaohui.staff import actions, queries

TIMERS = [TimerSource("staff.capacities", queries.next_capacity_start, actions.announce_due_capacities)]
