"""The rules of diagnosis as data. A shop changes thresholds by a dated policy, never by code.

Source: spec §6.2 (the first three, given), §6.4; domain.md §2.6, §2.7, §3.3, §4.5, §5.7 (the others, ours).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from miaohui.insight.model.evidence import EvidenceBook
from miaohui.insight.model.statistics import Difference, Ratio
from miaohui.insight.model.window import Window


@dataclass(frozen=True)
class Rule:
    """One rule. `measure` names what is read; it fires above (or below) `threshold` when the sample reaches
    `min_sample`. `advice_zh` says what to do, `who_zh` whose it is; `source` cites where it comes from."""

    code: str
    name_zh: str
    measure: str
    threshold: float
    above: bool
    min_sample: int
    advice_zh: str
    who_zh: str
    source: str
    unit: str = "%"
    days: int = 28


@dataclass(frozen=True)
class Reading:
    """What a rule saw of one subject (an hour, an agent, a product; '' for the shop).

    `sure`: whether the interval clears the threshold, not only the value. `money_fen`: what it costs in the span.
    """

    subject: str
    value: float
    numerator: float
    denominator: int
    baseline: float | None
    money_fen: int
    money_zh: str
    evidence: str
    text_zh: str
    sure: bool = True


@dataclass(frozen=True)
class Outcome:
    """Whether a change worked: the rule's figure before and after it, with the interval of the difference."""

    changed_on: str
    note_zh: str
    before: Ratio
    after: Ratio
    difference: Difference | None
    verdict_zh: str


@dataclass(frozen=True)
class Finding:
    """A rule that fired (or, with `reading` None, did not), ready to be told."""

    rule: Rule
    reading: Reading | None
    reason_zh: str = ""
    outcomes: tuple[Outcome, ...] = ()

    @property
    def fired(self) -> bool:
        return self.reading is not None


RULES: tuple[Rule, ...] = (
    Rule("freight_questions", "运费问题占比高", "intent_share:freight_fee,freight_insurance", 0.20, True, 100,
         "重新核算包邮门槛；在商品首图与自动回复写清包邮范围", "运营", "spec §6.2"),
    Rule("repeated_aftersales", "同类售后反复", "product_aftersales", 0.15, True, 30,
         "改商品描述或加强质检；尺码类先换尺码表与推荐码", "商品/质检", "spec §6.2"),
    Rule("live_conversion", "直播时段转化低于均值", "live_conversion", 0.0, False, 100,
         "更换直播话术：先报价与链接号，再答细节；直播时段增派专人", "直播运营", "spec §6.2"),
    Rule("missed_by_hour", "某时段漏回集中", "missed_hours", 0.02, True, 80,
         "该时段固定一人清零未回会话；等待 100 秒弹窗必须处理", "客服主管", "domain.md §2.6"),
    Rule("closing_slot", "收班前漏回", "closing_slot", 2.0, True, 60,
         "收班前 30 分钟停止接新、留一人收尾；交班时未回会话逐个转出", "客服主管", "domain.md §2.6", unit="倍"),
    Rule("agent_transfers", "个别客服转接过多", "agent_transfers", 2.0, True, 40,
         "看转出的问题集中在哪：补知识或改分流，让问题第一次就到对的人", "客服主管", "domain.md §2.5", unit="倍"),
    Rule("slow_agent", "个别客服明显偏慢", "slow_agent", 1.4, True, 80,
         "陪听一小时看慢在哪：打字、查单还是并发；配快捷短语，先降并发上限", "客服主管", "domain.md §5.3", unit="倍"),
    Rule("creator_aftersales", "达人带货售后偏高", "creator_aftersales", 1.5, True, 30,
         "与达人核对口播（尺码、材质、赠品），给出更正话术；必要时停播该品", "达人对接", "spec §5.3", unit="倍"),
    Rule("instant_refunds", "未发货秒退占比高", "instant_refunds", 0.15, True, 50,
         "看秒退前问了什么：多为优惠没用上、发货慢；下单后 30 分钟内主动说明发货时间", "运营", "domain.md §3.3"),
    Rule("night_reviews", "夜间售后审核慢", "night_reviews", 1.3, True, 20,
         "早班第一件事清夜间售后（平台从 8:00 起算）；可开启自动同意小额退款", "售后", "domain.md §2.1", unit="倍"),
    Rule("promises_missed", "承诺发货超时", "promises_missed", 0.03, True, 100,
         "超时单今天全部发出或与买家改期；超时集中的商品改预售承诺", "仓库", "domain.md §2.7"),
    Rule("coupon_confusion", "优惠券看不懂", "intent_share:coupon", 0.05, True, 100,
         "把满减与叠加规则写成一句话放进商品页和快捷短语；失效券下架", "运营", "domain.md §5.7"),
    Rule("invoice_delays", "发票催问反复", "repeat_share:invoice", 0.15, True, 20,
         "开票改为当日批量处理；最晚 10 日是平台红线，逾期冻结实付 13%", "财务", "domain.md §2.7"),
    Rule("ship_urging", "催发货占比高", "intent_share:ship_urge", 0.07, True, 100,
         "把承诺发货时间写进下单后自动消息；仓库每天 16 点前回传未发单", "仓库", "domain.md §5.7"),
    Rule("content_mismatch", "与直播或视频不符", "intent_share:content_mismatch", 0.02, True, 100,
         "回看对应讲解片段，发更正话术；同一商品当天 3 起以上启动内容事故预案", "直播运营", "spec §5.3"),
    Rule("empty_replies", "敷衍回复", "empty_replies", 0.02, True, 100,
         "“稍等、嗯”自 2026-09-29 起不算回复：改发带时间的说明，如“我查一下，两分钟内回您”", "客服", "domain.md §2.1"),
    Rule("closing_words", "收尾语没回", "closing_words", 0.20, True, 20,
         "买家说“好的谢谢”也要回一句结束语：每漏一次多记 600 秒", "客服", "domain.md §2.6"),
    Rule("repeat_contacts", "同一问题反复来问", "repeat_contacts", 0.15, True, 60,
         "挑反复最多的问题改标准答案：一次说清结果、时间、下一步", "客服主管", "spec §6.1"),
)  # fmt: skip

Measure = Callable[[Window, Rule, str, EvidenceBook], list[Reading]]


@dataclass
class Settings:
    """A shop's own thresholds: rule code → {threshold, min_sample, off}."""

    by_rule: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def applied(self, rule: Rule) -> Rule | None:
        """Return the rule as the shop set it, or None when it is off."""
        own = self.by_rule.get(rule.code, {})
        if own.get("off"):
            return None
        return replace(
            rule,
            threshold=float(own.get("threshold", rule.threshold)),
            min_sample=max(1, int(own.get("min_sample", rule.min_sample))),
        )
