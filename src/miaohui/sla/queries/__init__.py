"""Public reads of reply clocks and the day's rounds; they never write."""

from miaohui.sla.queries.clocks import (
    count_open,
    find_open_clock,
    list_open_clocks,
    list_retargets,
    list_slow_replies,
)
from miaohui.sla.queries.today import day_figures, list_agent_figures, list_rounds, lost_count

__all__ = [
    "count_open", "day_figures", "find_open_clock", "list_agent_figures", "list_open_clocks",
    "list_retargets", "list_rounds", "list_slow_replies", "lost_count",
]  # fmt: skip
