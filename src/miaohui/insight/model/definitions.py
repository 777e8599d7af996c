"""Platform definitions as dated data: which rule was in force on which day, and how rounds were counted then.

Source: domain.md §2.1 (抖店), §2.2 (versions), §2.3 (other platforms), §2.4 (two three-minute rates). Figures are
those of the archived rule texts; a shop may add versions without any code (`insight_definitions`).
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from miaohui.insight.model.rounds import RoundRules, Scope

FOREVER = "9999-12-31"


@dataclass(frozen=True)
class Definition:
    """One version of one indicator. Shape: dates are local ISO days, `effective_to` inclusive.

    `measure` names the calculation; `params` are its numbers. `min_sample`: below it the figure is greyed.
    `better`: 'low' or 'high'.
    """

    platform: str
    code: str
    version: str
    name_zh: str
    effective_from: str
    effective_to: str
    measure: str
    formula_zh: str
    better: str
    unit: str
    min_sample: int
    source: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def label_zh(self) -> str:
        """How a figure says which definition it follows."""
        if self.version == "本系统":
            return "本系统口径"
        return f"{PLATFORM_NAMES_ZH.get(self.platform, self.platform)} {self.version} 版"


PLATFORM_NAMES_ZH = {"douyin": "抖店", "tmall": "天猫", "jd": "京东", "pinduoduo": "拼多多", "ours": "本系统"}
_DAY = {"from": "08:00:00", "to": "22:59:59"}
_SESSION = "只看 8:00:00–22:59:59 发起、有人工参与的会话"
_AVG = "工作时间对话轮次的回复时长之和 ÷ 人工咨询对话轮次数；未回复的轮次按 600 秒"


def _douyin_avg(version: str, start: str, end: str, perfunctory: str, note: str, weight: str) -> Definition:
    return Definition(
        "douyin", "avg_response_s", version, "飞鸽平均响应时长", start, end, "average_response",
        f"{_AVG}；{_SESSION}{note}", "low", "s", 100, "domain.md §2.1, §2.2",
        {"penalty_s": 600, "scope": _DAY, "perfunctory": perfunctory, "weight_zh": weight},
    )  # fmt: skip


def _ratio(
    platform: str, code: str, version: str, name_zh: str, span: tuple[str, str], rest: tuple[str, str, str, int, str],
    **params: Any,
) -> Definition:  # fmt: skip
    measure, formula, better, sample, source = rest
    return Definition(
        platform,
        code,
        version,
        name_zh,
        span[0],
        span[1],
        measure,
        formula,
        better,
        "%",
        sample,
        source,
        params,
    )


DEFINITIONS: tuple[Definition, ...] = (
    # 抖店: four changes within a year (§2.2).
    _ratio("douyin", "reply_3m_rate_msg", "2021", "3 分钟人工回复率（消息）", ("2021-01-01", FOREVER),
           ("reply_3m_msg", "3 分钟内得到人工回复的买家消息 ÷ 买家消息；8:00–23:00", "high", 100, "domain.md §2.4"), scope=_DAY),
    _ratio("douyin", "reply_3m_rate_session", "2021", "3 分钟人工回复率（会话）", ("2021-01-01", FOREVER),
           ("reply_3m_session", "首轮 3 分钟内得到人工回复的会话 ÷ 会话", "high", 100, "domain.md §2.4"), scope=_DAY),
    _ratio("douyin", "reply_3m_rate_round", "本系统", "3 分钟人工回复率（轮次）", ("2021-01-01", FOREVER),
           ("reply_3m_round", "3 分钟内得到人工回复的轮次 ÷ 轮次", "high", 100, "domain.md §8"), scope=_DAY),
    _douyin_avg("2026-05", "2025-01-01", "2026-07-13", "closes", "", "六档得分 × 行业权重 30%–70%"),
    _douyin_avg("2026-07-14", "2026-07-14", "2026-09-07", "closes", "", "四项之一，权重 15%–40%"),
    _douyin_avg("2026-09-08", "2026-09-08", "2026-09-28", "closes", "", "取消单项得分与权重"),
    _douyin_avg("2026-09-29", "2026-09-29", FOREVER, "ignored", "；敷衍回复不算回复", "取消单项得分与权重"),
    _ratio("douyin", "dissatisfied_rate", "2026-07-14", "飞鸽会话不满意率", ("2026-07-14", FOREVER),
           ("dissatisfied", f"评 1–3 星的会话 ÷ 有人工客服评价的会话；{_SESSION}", "low", 30, "domain.md §2.1"),
           scope=_DAY, bad_stars=[1, 2, 3], protected_ratings=3),
    Definition("douyin", "aftersale_review_s", "2026-07-14", "售后平均审核时长", "2026-07-14", FOREVER, "aftersale_review",
               "退款成功售后单的审核时长之和 ÷ 单数；23 点至次日 8 点发起的从 8 点起算", "low", "h", 30, "domain.md §2.1",
               {"night_from": 23, "night_to": 8}),
    _ratio("douyin", "aftersale_on_time_rate", "2026-05", "售后处理时长达成率", ("2025-01-01", "2026-07-13"),
           ("aftersale_on_time", "在自动处理截止时间前处理的售后单 ÷ 售后单", "high", 30, "domain.md §2.2")),
    _ratio("douyin", "platform_help_rate", "2026-07-14", "平台求助率", ("2026-07-14", FOREVER),
           ("help_per_help", "升级求助平台的订单 ÷ 求助商家的订单（发起售后或咨询人工）", "low", 30, "domain.md §2.1"), protected_orders=3),
    # 天猫, in force since 2026-03-16 (§2.3).
    _ratio("tmall", "reply_3m_rate_round", "2026-03-16", "旺旺 3 分钟人工响应率", ("2026-03-16", FOREVER),
           ("reply_3m_round", "3 分钟内人工回复的对话轮次 ÷ 8:00–23:00 的对话轮次", "high", 100, "domain.md §2.3"),
           scope=_DAY, reference=0.9),
    _ratio("tmall", "satisfied_rate", "2026-03-16", "旺旺满意度", ("2026-03-16", FOREVER),
           ("satisfied_resolved", "满意评价（剔除“未解决”）÷ 评价", "high", 30, "domain.md §2.3"), reference=0.8),
    _ratio("tmall", "platform_help_rate", "2026-03-16", "平台求助率", ("2026-03-16", FOREVER),
           ("help_per_order", "（纠纷 + 投诉 + 咨询平台）÷ 支付订单数：分母与抖店不同", "low", 30, "domain.md §2.3")),
    # 京东 (§2.3): sessions that start 23:00–9:00 are left out; messages left while all are away are not rounds.
    _ratio("jd", "first_30s_rate", "2021-12", "咚咚首次 30 秒应答率", ("2021-12-01", FOREVER),
           ("first_30s", "首轮 30 秒内应答的会话 ÷ 会话；剔除 23:00–次日 9:00 发起", "high", 100, "domain.md §2.3"),
           scope={"from": "09:00:00", "to": "22:59:59"}, same_session_minutes=10),
    Definition("jd", "avg_response_s", "2021-12", "咚咚平均响应时长", "2021-12-01", FOREVER, "average_response",
               "回复时长之和 ÷ 轮次；剔除 23:00–次日 9:00 发起；留言不计", "low", "s", 100, "domain.md §2.3",
               {"scope": {"from": "09:00:00", "to": "22:59:59"}, "penalty_s": 600}),
    # 拼多多 (§2.3, §3.6).
    _ratio("pinduoduo", "reply_3m_rate_round", "后台", "3 分钟人工回复率（8–23 点）", ("2021-01-01", FOREVER),
           ("reply_3m_round", "3 分钟内人工回复的轮次 ÷ 8–23 点的轮次", "high", 100, "domain.md §2.3"), scope=_DAY),
    _ratio("pinduoduo", "reply_30s_rate", "后台", "30 秒应答率（8–23 点）", ("2021-01-01", FOREVER),
           ("first_30s", "首轮 30 秒内应答的会话 ÷ 会话", "high", 100, "domain.md §2.3"), scope=_DAY),
    Definition("pinduoduo", "avg_response_s", "后台", "平均人工响应时长", "2021-01-01", FOREVER, "average_response",
               "回复时长之和 ÷ 轮次", "low", "s", 100, "domain.md §2.3", {"scope": _DAY, "penalty_s": 600}),
)  # fmt: skip


def in_force(
    platform: str, code: str, day: str, definitions: Sequence[Definition] = DEFINITIONS
) -> Definition | None:
    """Return the version of an indicator that was in force on a day, or None when there was none."""
    found = [
        d for d in definitions
        if d.platform == platform and d.code == code and d.effective_from <= day <= d.effective_to
    ]  # fmt: skip
    return max(found, key=lambda d: d.effective_from, default=None)


def all_in_force(
    platform: str, day: str, definitions: Sequence[Definition] = DEFINITIONS
) -> list[Definition]:
    """Return every indicator of a platform as it was in force on a day."""
    codes = dict.fromkeys(d.code for d in definitions if d.platform == platform)
    return [found for code in codes if (found := in_force(platform, code, day, definitions)) is not None]


def round_rules(
    platform: str, day: str, base: RoundRules | None = None, definitions: Sequence[Definition] = DEFINITIONS
) -> RoundRules:
    """Return how rounds of a session that started on `day` are counted.

    `base`: the calibrated choices for what the platform leaves open; the dated definition has the last word on
    what it settles (the penalty, whether an empty reply counts).
    """
    base = base or RoundRules()
    found = in_force(platform, "avg_response_s", day, definitions)
    params = found.params if found else {}
    return RoundRules(
        base.anchor, base.first_round, base.closing, base.late,
        params.get("perfunctory", base.perfunctory), int(params.get("penalty_s", 600)) * 1000,
    )  # fmt: skip


def scope_of(definition: Definition | None) -> Scope:
    """Return which sessions a definition looks at; without a scope, all day."""
    span = definition.params.get("scope") if definition else None
    return Scope(_seconds(span["from"]), _seconds(span["to"])) if span else Scope(0, 86_399)


def _seconds(text: str) -> int:
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return hours * 3600 + minutes * 60 + seconds


@dataclass(frozen=True)
class Exemption:
    """Days that a platform does not assess (big promotions, Spring Festival). Source: domain.md §2.3."""

    platform: str
    from_on: str
    to_on: str
    reason_zh: str


EXEMPTIONS: tuple[Exemption, ...] = (
    Exemption("jd", "2024-02-04", "2024-02-17", "2024 春节豁免期"),
)  # fmt: skip


def exempted(platform: str, day: str, calendar: Sequence[Exemption] = EXEMPTIONS) -> Exemption | None:
    """Return the exemption a day falls under, or None."""
    return next((e for e in calendar if e.platform == platform and e.from_on <= day <= e.to_on), None)
