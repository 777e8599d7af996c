"""Running the rules over a window, and comparing before and after a change. Pure. Source: spec §6.2, §6.4."""

from __future__ import annotations

from dataclasses import replace

from miaohui.insight.model.diagnosis.measures import MEASURES
from miaohui.insight.model.diagnosis.rules import RULES, Finding, Outcome, Rule, Settings
from miaohui.insight.model.evidence import EvidenceBook
from miaohui.insight.model.statistics import Ratio, ratio_difference
from miaohui.insight.model.window import Window


def diagnose(
    window: Window, book: EvidenceBook, settings: Settings | None = None, rules: tuple[Rule, ...] = RULES
) -> list[Finding]:
    """Return what every rule says: fired ones first, the dearest first."""
    found: list[Finding] = []
    for rule in rules:
        own = (settings or Settings()).applied(rule)
        if own is None:
            continue
        name, _, argument = own.measure.partition(":")
        readings = MEASURES[name](window, own, argument, book)
        found += [Finding(own, reading) for reading in readings] or [
            Finding(own, None, "没有触发，或样本不足")
        ]
    return sorted(found, key=lambda f: (not f.fired, -(f.reading.money_fen if f.reading else 0), f.rule.code))


def ratio_of(window: Window, rule: Rule, subject: str) -> Ratio | None:
    """Return the rule's rate in a span, whether it fires or not; None for rules that are no rates."""
    open_rule = replace(rule, threshold=-9.0, min_sample=1)  # a rate of nothing is no rate
    name, _, argument = rule.measure.partition(":")
    readings = MEASURES[name](window, open_rule, argument, EvidenceBook())
    found = next((r for r in readings if not subject or r.subject == subject), None)
    if found is None or found.numerator != int(found.numerator) or found.numerator > found.denominator:
        return None
    return Ratio(int(found.numerator), found.denominator)


def outcome(rule: Rule, before: Window, after: Window, changed_on: str, note_zh: str) -> Outcome | None:
    """Return whether a change worked: the rate before and after, with the interval of the difference."""
    old, new = ratio_of(before, rule, ""), ratio_of(after, rule, "")
    if old is None or new is None:
        return None
    difference = ratio_difference(new, old)
    if difference is None or not difference.is_clear:
        verdict = "还看不出变化（区间跨过 0），继续观察"
    elif (difference.value < 0) == rule.above:
        verdict = "有效：比改之前明显变好"
    else:
        verdict = "变差了：建议撤回这项改动"
    return Outcome(changed_on, note_zh, old, new, difference, verdict)
