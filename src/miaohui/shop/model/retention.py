"""How long what has done its work is kept. Pure (reliability.md R20).

Conversations, messages, orders and the audit are not part of this: they are the shop's memory.
"""

from __future__ import annotations

from miaohui.shop.model.policies import PolicyKind
from miaohui.shop.model.shapes import Fields, Whole

RETENTION = PolicyKind(
    "retention",
    "数据保留期",
    "reliability.md R20",
    {
        "handled_deliveries_days": 30,
        "failed_deliveries_days": 180,
        "send_attempts_days": 180,
        "dispatch_decisions_days": 180,
    },
    Fields(
        {
            "handled_deliveries_days": Whole(1, 3_650, "天"),
            "failed_deliveries_days": Whole(7, 3_650, "天"),
            "send_attempts_days": Whole(7, 3_650, "天"),
            "dispatch_decisions_days": Whole(7, 3_650, "天"),
        }
    ),
)
