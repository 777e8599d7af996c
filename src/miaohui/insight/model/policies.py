"""What a dated policy of insight may hold, checked before it is stored. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from miaohui.insight.model.attribution import MAX_WINDOW_DAYS, MIN_WINDOW_DAYS, CreditRules
from miaohui.insight.model.diagnosis.rules import RULES
from miaohui.insight.model.indicators import TARGETS
from miaohui.insight.model.rounds import RoundRules

ROUND_CHOICES = {
    "anchor": ("first", "last"), "first_round": ("buyer", "handover"), "closing": ("counts", "exempt"),
    "late": ("actual", "capped"), "perfunctory": ("closes", "ignored"),
}  # fmt: skip


def _round_rules(value: dict[str, Any]) -> list[str]:
    return [
        f"{name} 只能是 {' 或 '.join(allowed)}"
        for name, allowed in ROUND_CHOICES.items()
        if name in value and value[name] not in allowed
    ] + [f"没有参数 {name}" for name in value if name not in ROUND_CHOICES]


def _credit_rules(value: dict[str, Any]) -> list[str]:
    days = value.get("window_days", MIN_WINDOW_DAYS)
    faults = []
    if not isinstance(days, int) or not MIN_WINDOW_DAYS <= days <= MAX_WINDOW_DAYS:
        faults.append(f"询单有效时长须为 {MIN_WINDOW_DAYS}–{MAX_WINDOW_DAYS} 天")
    if value.get("keep", "last") not in ("last", "creator"):
        faults.append("keep 只能是 last 或 creator")
    return faults


def _exemptions(value: dict[str, Any]) -> list[str]:
    faults = []
    for line in value.get("days", []):
        try:
            if date.fromisoformat(line["from_on"]) > date.fromisoformat(line["to_on"]):
                faults.append("豁免的开始日晚于结束日")
        except (KeyError, TypeError, ValueError):
            faults.append("豁免须有 platform、from_on、to_on（如 2026-11-11）、reason_zh")
    return faults


def _definitions(value: dict[str, Any]) -> list[str]:
    needed = {"platform", "code", "version", "name_zh", "effective_from", "measure", "params"}
    return [
        f"口径缺少 {'、'.join(sorted(needed - set(line)))}"
        for line in value.get("definitions", [])
        if needed - set(line)
    ]


def _rule_settings(value: dict[str, Any]) -> list[str]:
    return [
        f"规则 {code} 的 {name} 须为数字"
        for code, setting in value.items()
        for name in ("threshold", "min_sample")
        if name in setting and not isinstance(setting[name], int | float)
    ]


def _targets(value: dict[str, Any]) -> list[str]:
    return [f"目标 {name} 须为数字" for name, number in value.items() if not isinstance(number, int | float)]


def _change(value: dict[str, Any]) -> list[str]:
    return [] if value.get("rule") else ["没有说明是哪条规则"]


def default_value(kind: str) -> dict[str, Any]:
    """Return what holds where a shop has set nothing: every field that the kind has.

    Source: spec §6.1 (targets), §6.2 (rules); domain.md §2.5 (credit), §2.6 (rounds).
    """
    credit, rounds = CreditRules(), RoundRules()
    rules = {
        rule.code: {"threshold": rule.threshold, "min_sample": rule.min_sample, "off": False}
        for rule in RULES
    }
    found: dict[str, dict[str, Any]] = {
        "targets": dict(TARGETS),
        "credit_rules": {"window_days": credit.window_days, "keep": credit.keep},
        "rule_settings": rules,
        "exemptions": {"days": []},
        "definitions": {"definitions": []},
    }
    return found.get(kind) or {name: getattr(rounds, name) for name in ROUND_CHOICES}


def merged(kind: str, own: dict[str, Any]) -> dict[str, Any]:
    """Return a shop's own value with the default of every field that it leaves out."""
    default = default_value(kind)
    if kind != "rule_settings":
        return {**default, **own}
    return {
        code: {**default.get(code, {}), **own.get(code, {})}
        for code in (*default, *(own.keys() - default.keys()))
    }


_CHECKS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "credit_rules": _credit_rules, "exemptions": _exemptions, "definitions": _definitions,
    "rule_settings": _rule_settings, "targets": _targets, "change": _change,
}  # fmt: skip


PLATFORMS = ("douyin", "tmall", "jd", "pinduoduo")
KINDS = (
    *(kind for kind in _CHECKS if kind != "change"),  # a change is noted, not set
    *(f"round_rules.{platform}" for platform in PLATFORMS),
)


def policy_faults(kind: str, effective_from: str, value: dict[str, Any]) -> list[str]:
    """Return what is wrong with a policy, in Chinese; [] when it can be stored. Kinds: round_rules.<platform>, …"""
    try:
        date.fromisoformat(effective_from)
    except ValueError:
        return ["生效日须写成 2026-11-23 这样"]
    check = _round_rules if kind.startswith("round_rules.") else _CHECKS.get(kind)
    if check is None:
        return [f"没有这类设置：{kind}"]
    try:
        return check(value)
    except (TypeError, AttributeError):  # a number where a list belongs, a text where an object belongs
        return ["设置的写法不对：请对照现有的一份修改"]
