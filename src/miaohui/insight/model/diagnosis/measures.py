"""What the rules read. Each measure returns the readings that pass the rule's threshold and sample. Pure.

Money is an estimate with its arithmetic in words, never a promise: lost sessions × the shop's own conversion × its
own average order, or the platform's published compensation (domain.md §2.7).
"""

# ruff: noqa: E501
from __future__ import annotations

from collections import Counter

from miaohui.insight.model import breakdowns
from miaohui.insight.model.diagnosis.orders import (
    creator_aftersales,
    instant_refunds,
    night_reviews,
    product_aftersales,
    promises_missed,
)
from miaohui.insight.model.diagnosis.rules import Measure, Reading, Rule
from miaohui.insight.model.diagnosis.shared import TOP_SUBJECTS, gap_money, is_sure, lost_fen, passes
from miaohui.insight.model.evidence import EvidenceBook
from miaohui.insight.model.indicators import conversion_ratio, resolution
from miaohui.insight.model.intents import NAMES_ZH
from miaohui.insight.model.statistics import Ratio, ratio_difference
from miaohui.insight.model.values import local_day, local_hour
from miaohui.insight.model.window import Window
from miaohui.kit.money import yuan_text


def intent_share(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read which share of consultations is about these intents."""
    intents = set(argument.split(","))
    asked = [s for s in window.sessions if s.buyer_n]
    mine = [s for s in asked if s.intent in intents]
    ratio = Ratio(len(mine), len(asked))
    if not passes(ratio, rule):
        return []
    money, how = gap_money(window, mine)
    label = NAMES_ZH[argument.split(",")[0]]
    key = book.sessions(f"rule_{rule.code}", f"问“{label}”的会话", mine)
    text = (
        f"{len(asked)} 个咨询里有 {len(mine)} 个问{label}，占 {ratio.value:.1%}（界线 {rule.threshold:.0%}）"
    )
    return [
        Reading("", ratio.value or 0.0, ratio.numerator, ratio.denominator, rule.threshold, money, how, key, text,
                is_sure(ratio, rule.threshold))
    ]  # fmt: skip


def live_hours(window: Window) -> set[tuple[str, int]]:
    """Return the (day, hour) in which a live session ran: where live orders are at least a third of the hour's."""
    live: Counter[tuple[str, int]] = Counter()
    every: Counter[tuple[str, int]] = Counter()
    for order in window.orders:
        slot = (local_day(order.created_ms), local_hour(order.created_ms))
        every[slot] += 1
        live[slot] += order.origin.code == "live"
    return {slot for slot, count in live.items() if count >= 3 and count * 3 >= every[slot]}


def live_conversion(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read whether enquiries in live hours convert below the mean."""
    slots = live_hours(window)
    asked = [s for s in window.sessions if s.is_enquiry]
    mine = [s for s in asked if (local_day(s.started_ms), local_hour(s.started_ms)) in slots]
    inside = {s.session_id for s in mine}
    rest = [s for s in asked if s.session_id not in inside]
    live, other = conversion_ratio(window, mine), conversion_ratio(window, rest)
    gap = ratio_difference(live, other)
    if gap is None or live.denominator < rule.min_sample or gap.value >= -rule.threshold:
        return []
    money = round(-gap.value * live.denominator * window.average_order_fen)
    key = book.sessions(
        "rule_live", "直播时段没有成交的询单", [s for s in mine if s.session_id not in window.bought]
    )
    text = f"直播时段询单转化 {live.value:.1%}，其他时段 {other.value:.1%}，低 {-gap.value:.1%}（{live.denominator} 人）"
    how = f"低 {-gap.value:.1%} × {live.denominator} 人 × 客单 {yuan_text(window.average_order_fen)}"
    return [
        Reading(
            "",
            live.value or 0.0,
            live.numerator,
            live.denominator,
            other.value,
            money,
            how,
            key,
            text,
            gap.is_clear,
        )
    ]


def missed_hours(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read the hours in which unanswered rounds pile up; the two dearest."""
    found = []
    for row in breakdowns.penalties_by_hour(window):
        if not passes(row.ratio, rule):
            continue
        turns = [t for t in window.turns if t[11] and t[5] is None and f"{local_hour(t[4]):02d}" == row.name]
        key = book.turns(f"rule_missed_{row.name}", f"{row.name} 点漏回的轮次", turns)
        text = (
            f"{row.name} 点 {row.turns} 轮里漏回 {row.missed} 轮（{row.ratio.value:.1%}），"
            f"一个时段就让全店平响多 {row.cost_s:.1f} 秒"
        )
        fen = lost_fen(window, len({t[0] for t in turns}))
        found.append(
            Reading(f"{row.name} 点", row.ratio.value or 0.0, row.missed, row.turns, rule.threshold, fen,
                    f"漏回会话 {len({t[0] for t in turns})} 个 × 本店转化率 × 客单", key, text, is_sure(row.ratio, rule.threshold))
        )  # fmt: skip
    return sorted(found, key=lambda r: -r.numerator)[:TOP_SUBJECTS]


def closing_slot(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read whether the last hour before the desk closes misses more than the day."""
    turns = [t for t in window.turns if t[11]]
    late = [t for t in turns if local_hour(t[4]) >= 22]
    rest = [t for t in turns if local_hour(t[4]) < 22]
    a, b = (
        Ratio(sum(t[5] is None for t in late), len(late)),
        Ratio(sum(t[5] is None for t in rest), len(rest)),
    )
    if a.denominator < rule.min_sample or not b.value or (a.value or 0.0) <= b.value * rule.threshold:
        return []
    missed = [t for t in late if t[5] is None]
    key = book.turns("rule_closing_slot", "22 点以后漏回的轮次", missed)
    gap = ratio_difference(a, b)
    text = f"22 点后漏回 {a.value:.1%}，是其他时段（{b.value:.1%}）的 {(a.value or 0) / b.value:.1f} 倍"
    fen = lost_fen(window, len({t[0] for t in missed}))
    how = f"漏回会话 {len({t[0] for t in missed})} 个 × 本店转化率 × 客单"
    return [
        Reading(
            "22 点后",
            a.value or 0.0,
            a.numerator,
            a.denominator,
            b.value,
            fen,
            how,
            key,
            text,
            bool(gap and gap.is_clear),
        )
    ]


def agent_transfers(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read agents who pass on far more than the rest of the team."""
    rows = breakdowns.people(window)
    found = []
    for row in rows:
        others = [r.transfers for r in rows if r.name != row.name]
        base = Ratio(sum(r.numerator for r in others), sum(r.denominator for r in others))
        if row.transfers.denominator < rule.min_sample or not base.value:
            continue
        if (row.transfers.value or 0.0) <= base.value * rule.threshold:
            continue
        mine = [s for s in window.human_sessions if row.name in s.agent_list[:-1]]
        top = Counter(NAMES_ZH.get(s.intent, s.intent) for s in mine).most_common(2)
        key = book.sessions(f"rule_transfer_{row.name}", f"{row.name} 转出的会话", mine)
        gap = ratio_difference(row.transfers, base)
        text = (
            f"{row.name} 转出 {row.transfers.value:.1%}（同事 {base.value:.1%}），"
            f"多为{'、'.join(name for name, _ in top)}；转出后多等一轮"
        )
        extra = row.transfers.numerator - base.value * row.transfers.denominator
        found.append(
            Reading(row.name, row.transfers.value or 0.0, row.transfers.numerator, row.transfers.denominator, base.value, 0,
                    f"多转约 {extra:.0f} 次，按每次 3 分钟约 {extra * 3 / 60:.1f} 小时", key, text, bool(gap and gap.is_clear))
        )  # fmt: skip
    return found[:TOP_SUBJECTS]


def slow_agent(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read agents whose answered rounds take clearly longer than the team's."""
    team = window.sums().answered_average_s
    found = []
    for row in breakdowns.people(window):
        mine = row.answered_average_s
        if row.turns < rule.min_sample or not team or mine is None or mine <= team * rule.threshold:
            continue
        turns = [t for t in window.turns if t[3] == row.name and t[11] and t[5] is not None]
        key = book.turns(f"rule_slow_{row.name}", f"{row.name} 最慢的轮次", turns)
        share = len(turns) / max(1, window.sums().turns_n)
        text = f"{row.name} 已回复轮次平均 {mine:.1f} 秒，全店 {team:.1f} 秒；占全店轮次 {share:.0%}"
        found.append(
            Reading(
                row.name,
                mine,
                mine,
                row.turns,
                team,
                0,
                f"拉高全店平响约 {(mine - team) * share:.1f} 秒",
                key,
                text,
            )
        )
    return found[:TOP_SUBJECTS]


def repeat_share(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read which share of the sessions about one matter had to come back within three days."""
    failed = [s for s in resolution(window)[1] if s.intent == argument]
    asked = [s for s in window.human_sessions if s.intent == argument]
    ratio = Ratio(len(failed), len(asked))
    if not passes(ratio, rule):
        return []
    label = NAMES_ZH[argument]
    key = book.sessions(f"rule_{rule.code}", f"问“{label}”又来的会话", failed)
    text = f"{len(asked)} 个{label}会话里 {len(failed)} 个三天内又来催（{ratio.value:.1%}）"
    return [Reading("", ratio.value or 0.0, ratio.numerator, ratio.denominator, rule.threshold, 0, "占用人力；逾期有平台处罚",
                    key, text, is_sure(ratio, rule.threshold))]  # fmt: skip


def repeat_contacts(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read the matters that come back most often."""
    solved, failed = resolution(window)
    asked = Counter(s.intent for s in window.human_sessions if s.buyer)
    again = Counter(s.intent for s in failed)
    found = []
    for intent, count in again.most_common():
        ratio = Ratio(count, asked[intent])
        if intent == "invoice" or not passes(ratio, rule):
            continue
        mine = [s for s in failed if s.intent == intent]
        key = book.sessions(f"rule_repeat_{intent}", f"问“{NAMES_ZH[intent]}”又来的会话", mine)
        text = f"{NAMES_ZH[intent]}：{asked[intent]} 个会话里 {count} 个没有一次解决（{ratio.value:.1%}），全店 {1 - (solved.value or 0):.1%}"
        found.append(Reading(NAMES_ZH[intent], ratio.value or 0.0, count, asked[intent], 1 - (solved.value or 0), 0,
                             f"多接待约 {count} 次", key, text, is_sure(ratio, rule.threshold)))  # fmt: skip
    return found[:TOP_SUBJECTS]


def empty_replies(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read which share of replies says nothing."""
    mine = [s for s in window.human_sessions if s.perfunctory_n]
    ratio = Ratio(sum(s.perfunctory_n for s in mine), sum(s.agent_n for s in window.human_sessions))
    if not passes(ratio, rule):
        return []
    by_agent: Counter[str] = Counter()
    for s in mine:
        by_agent[s.agent] += s.perfunctory_n
    key = book.sessions("rule_empty", "含敷衍回复的会话", mine)
    top = "、".join(f"{name} {count}" for name, count in by_agent.most_common(2))
    text = f"{ratio.denominator} 条人工回复里 {ratio.numerator} 条是“稍等、嗯”一类（{ratio.value:.1%}），最多 {top}"
    return [Reading("", ratio.value or 0.0, ratio.numerator, ratio.denominator, rule.threshold, 0,
                    "不算回复，等待继续计时；没有下文即记 600 秒", key, text, is_sure(ratio, rule.threshold))]  # fmt: skip


def closing_words(window: Window, rule: Rule, argument: str, book: EvidenceBook) -> list[Reading]:
    """Read which share of the penalties are courtesies that nobody answered."""
    missed = [t for t in window.turns if t[11] and t[5] is None]
    mine = [t for t in missed if t[10]]
    ratio = Ratio(len(mine), len(missed))
    if not passes(ratio, rule):
        return []
    cost = sum(t[6] for t in mine) / 1000 / max(1, window.sums().turns_n)
    key = book.turns("rule_closing_words", "买家收尾语没有回的轮次", mine)
    text = f"漏回的 {len(missed)} 轮里 {len(mine)} 轮是“好的谢谢”没回（{ratio.value:.1%}），平响因此多 {cost:.1f} 秒"
    return [Reading("", ratio.value or 0.0, ratio.numerator, ratio.denominator, rule.threshold, 0,
                    "平台可能豁免，见口径校准", key, text, is_sure(ratio, rule.threshold))]  # fmt: skip


MEASURES: dict[str, Measure] = {
    "intent_share": intent_share, "product_aftersales": product_aftersales, "creator_aftersales": creator_aftersales,
    "live_conversion": live_conversion, "missed_hours": missed_hours, "closing_slot": closing_slot,
    "agent_transfers": agent_transfers, "slow_agent": slow_agent, "instant_refunds": instant_refunds,
    "night_reviews": night_reviews, "promises_missed": promises_missed, "repeat_share": repeat_share,
    "repeat_contacts": repeat_contacts, "empty_replies": empty_replies, "closing_words": closing_words,
}  # fmt: skip
