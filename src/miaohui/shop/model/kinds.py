"""The kinds of policy of a shop, each with its default and where that comes from. Pure (spec §1, §2).

Figures marked as given in the specification are defaults here and nowhere else.
"""

from __future__ import annotations

from miaohui.shop.model.fit import (
    day_problems,
    hours_problems,
    label_problems,
    share_problems,
    tier_problems,
    window_problems,
)
from miaohui.shop.model.policies import PolicyKind
from miaohui.shop.model.shapes import (
    ByKey,
    Choice,
    Each,
    Fields,
    Line,
    Maybe,
    Problem,
    Ratio,
    TimeOfDay,
    Whole,
    YesNo,
)
from miaohui.shop.model.tiers import TIERS

_PERIOD = Fields(
    {
        "name_zh": Line(20),
        "from": TimeOfDay(),
        "to": TimeOfDay(),
        "target_s": Whole(1, 86_400, "秒"),
        "share_ratio": Maybe(Ratio()),
        "staff_ratio": Maybe(Ratio(0.1, 20)),
        "weekdays": Maybe(Each(Whole(1, 7, "周一至周日"), 1, 7)),
    },
    optional=frozenset({"share_ratio", "staff_ratio", "weekdays"}),
)
_GROUP = Fields(
    {"target_s": Maybe(Whole(1, 86_400, "秒")), "periods": Each(_PERIOD, 0, 24, window_problems)},
    optional=frozenset({"target_s", "periods"}),
)

TIER = PolicyKind("tier", "店铺分层", "spec §1.3", {"tier": "new"}, Fields({"tier": Choice(TIERS)}))

TIER_TABLE = PolicyKind(
    "tiers",
    "分层标准",
    "spec §1.3",
    {
        "tiers": [
            {
                "tier": "new",
                "name_zh": "新店",
                "orders_from": 0,
                "agents_min": 1,
                "agents_max": 2,
                "target_s": 180,
            },
            {
                "tier": "growing",
                "name_zh": "成长店",
                "orders_from": 50,
                "agents_min": 3,
                "agents_max": 5,
                "target_s": 90,
            },
            {
                "tier": "ka",
                "name_zh": "KA",
                "orders_from": 300,
                "agents_min": 6,
                "agents_max": 10,
                "target_s": 60,
            },
        ]
    },
    Fields(
        {
            "tiers": Each(
                Fields(
                    {
                        "tier": Choice(TIERS),
                        "name_zh": Line(20),
                        "orders_from": Whole(0, 10_000_000, "单/日"),
                        "agents_min": Whole(0, 10_000),
                        "agents_max": Whole(1, 10_000),
                        "target_s": Whole(1, 86_400, "秒"),
                    }
                ),
                3,
                3,
                tier_problems,
            )
        }
    ),
)

RESPONSE_TARGETS = PolicyKind(
    "response_targets",
    "分时段回复目标",
    "spec §2.3",
    {
        "periods": [
            {
                "name_zh": "上午",
                "from": "09:00",
                "to": "12:00",
                "target_s": 45,
                "share_ratio": 0.18,
                "staff_ratio": 1.0,
            },
            {
                "name_zh": "午间",
                "from": "12:00",
                "to": "14:00",
                "target_s": 30,
                "share_ratio": 0.25,
                "staff_ratio": 1.5,
            },
            {
                "name_zh": "晚间",
                "from": "20:00",
                "to": "24:00",
                "target_s": 20,
                "share_ratio": 0.32,
                "staff_ratio": 2.0,
            },
        ],
        "groups": {},
    },
    Fields(
        {
            "periods": Each(_PERIOD, 0, 24, share_problems),
            "groups": ByKey(str.isdigit, "请用分组编号作为键", _GROUP),
        }
    ),
    permission="sla.manage",
)

GUARD_WINDOW = PolicyKind(
    "guard_window",
    "直播特护时段",
    "spec §2.4 (30 min before, 1 h after; its target 20 s and the cap are ours)",
    {"before_s": 1800, "after_s": 3600, "target_s": 20, "max_overrun_s": 14_400, "group_ids": []},
    Fields(
        {
            "before_s": Whole(0, 21_600, "秒"),
            "after_s": Whole(0, 43_200, "秒"),
            "target_s": Maybe(Whole(1, 3600, "秒")),
            "max_overrun_s": Whole(0, 86_400, "秒"),
            "group_ids": Each(Whole(1, 2**53), 0, 200),
        }
    ),
    permission="sla.manage",
)

PROMOTION = PolicyKind(
    "promotion",
    "大促值守",
    "spec §2.5",
    {"shift_count": 3, "target_s": None},
    Fields({"shift_count": Whole(1, 6, "班"), "target_s": Maybe(Whole(1, 3600, "秒"))}),
    permission="sla.manage",
)

BUSINESS_HOURS = PolicyKind(
    "business_hours",
    "营业时间",
    "spec §2.3 (the article names no closing hours: open all day by default)",
    {"weekly": {str(day): [["00:00", "24:00"]] for day in range(1, 8)}, "closed": "next_opening"},
    Fields(
        {
            "weekly": ByKey(
                lambda key: key in "1234567" and len(key) == 1,
                "键为 1–7，代表周一至周日",
                Each(Each(TimeOfDay(), 2, 2), 0, 12, day_problems),
            ),
            "closed": Choice(("next_opening", "pause", "run")),
        },
        rule=hours_problems,
    ),
    permission="sla.manage",
)

WARNINGS = PolicyKind(
    "warnings",
    "超时预警",
    "domain.md §2.3 (Qianniu: pop-up at 100 s; the share of the target is ours)",
    {"warn_ratio": 0.6, "warn_after_s": 100, "popup_after_s": 100},
    Fields(
        {
            "warn_ratio": Ratio(0.1, 0.99),
            "warn_after_s": Whole(1, 86_400, "秒"),
            "popup_after_s": Whole(5, 3600, "秒"),
        }
    ),
    permission="sla.manage",
)

WAITING_LABELS = PolicyKind(
    "waiting_labels",
    "等待计时标签",
    "domain.md §5.1 (Feige: 1/2/3/5/10 min; over 1 grey, 2–10 yellow, over 10 red)",
    {
        "labels": [
            {"after_s": 60, "name_zh": "超1分钟未回复", "band": "grey"},
            {"after_s": 120, "name_zh": "超2分钟未回复", "band": "yellow"},
            {"after_s": 180, "name_zh": "超3分钟未回复", "band": "yellow"},
            {"after_s": 300, "name_zh": "超5分钟未回复", "band": "yellow"},
            {"after_s": 600, "name_zh": "超10分钟未回复", "band": "red"},
        ]
    },
    Fields(
        {
            "labels": Each(
                Fields(
                    {
                        "after_s": Whole(1, 86_400, "秒"),
                        "name_zh": Line(20),
                        "band": Choice(("grey", "yellow", "red")),
                    }
                ),
                1,
                12,
                label_problems,
            )
        }
    ),
)

ROUND_DEFINITION = PolicyKind(
    "round_definition",
    "平台轮次口径",
    "domain.md §2.1, §2.6; target average: spec §6.1",
    {
        "anchor": "first_customer_msg",
        "no_reply_penalty_s": 600,
        "late_reply": "capped",
        "window_from": "08:00",
        "window_to": "23:00",
        "window_of": "session_start",
        "target_average_s": 45,
        "robot_reply_ends_round": False,
        "ignored_kinds": [],
    },
    Fields(
        {
            "anchor": Choice(("first_customer_msg", "last_customer_msg")),
            "no_reply_penalty_s": Whole(1, 86_400, "秒"),
            "late_reply": Choice(("capped", "actual")),
            "window_from": TimeOfDay(),
            "window_to": TimeOfDay(),
            "window_of": Choice(("session_start", "round_start")),
            "target_average_s": Whole(1, 3600, "秒"),
            "robot_reply_ends_round": YesNo(),
            "ignored_kinds": Each(Line(40), 0, 40),
        },
        rule=lambda v: (
            []
            if v["target_average_s"] < v["no_reply_penalty_s"]
            else [Problem("target_average_s", "目标平均须小于未回复罚时")]
        ),
    ),
    permission="sla.manage",
)

STAFFING = PolicyKind(
    "staffing",
    "人员配置",
    "spec §1.2 (a shop of a million a month), §1.4, §2.6",
    {
        "team": {"supervisor": 1, "pre_sale": 3, "orders": 2, "after_sale": 2},
        "reserve_ratio": 0.05,
        "live_extra_min": 2,
        "live_extra_max": 3,
    },
    Fields(
        {
            "team": Fields(
                {name: Whole(0, 10_000, "人") for name in ("supervisor", "pre_sale", "orders", "after_sale")}
            ),
            "reserve_ratio": Ratio(0, 1),
            "live_extra_min": Whole(0, 1000, "人"),
            "live_extra_max": Whole(0, 1000, "人"),
        },
        rule=lambda v: (
            []
            if v["live_extra_min"] <= v["live_extra_max"]
            else [Problem("live_extra_min", "人数下限不能大于上限")]
        ),
    ),
)
