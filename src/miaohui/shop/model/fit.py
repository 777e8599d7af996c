"""Rules over several fields of a policy: overlapping windows, shares above 100 %, order. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from miaohui.shop.model.calendar import window
from miaohui.shop.model.shapes import DAY_S, Problem, second_of_day
from miaohui.shop.model.tiers import TIERS


def window_problems(rows: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Refuse empty windows and windows that overlap on a day."""
    for i, row in enumerate(rows):
        if second_of_day(row["from"]) == second_of_day(row["to"]):
            return [Problem(str(i), "开始与结束时间相同；全天请写 00:00–24:00")]
    taken: dict[int, list[tuple[int, int, int]]] = {}
    for i, row in enumerate(rows):
        found = window(row["from"], row["to"])
        for day in row.get("weekdays") or range(1, 8):
            for on_day, start, end in _pieces(day, found.start_s, found.end_s):
                for other, a, b in taken.get(on_day, []):
                    if start < b and a < end and other != i:
                        return [Problem(str(i), f"与第 {other + 1} 个时段重叠")]
                taken.setdefault(on_day, []).append((i, start, end))
    return []


def _pieces(day: int, start: int, end: int) -> list[tuple[int, int, int]]:
    if end > start:
        return [(day, start, end)]
    return [(day, start, DAY_S), (day % 7 + 1, 0, end)]


def share_problems(rows: Sequence[Mapping[str, Any]]) -> list[Problem]:
    found = window_problems(rows)
    if not found and sum(row.get("share_ratio") or 0 for row in rows) > 1.000001:
        return [Problem("", "各时段咨询占比之和不能超过 100%")]
    return found


def day_problems(rows: Sequence[Sequence[str]]) -> list[Problem]:
    return window_problems([{"from": row[0], "to": row[1]} for row in rows])


def tier_problems(rows: Sequence[Mapping[str, Any]]) -> list[Problem]:
    if sorted(row["tier"] for row in rows) != sorted(TIERS):
        return [Problem("", "必须且只能包含 new、growing、ka 三档")]
    ordered = sorted(rows, key=lambda row: TIERS.index(row["tier"]))
    starts = [row["orders_from"] for row in ordered]
    if starts[0] != 0 or starts != sorted(set(starts)):
        return [Problem("", "日单量起点须从 0 开始且逐档升高")]
    if any(row["agents_min"] > row["agents_max"] for row in rows):
        return [Problem("", "人数下限不能大于上限")]
    return []


def label_problems(rows: Sequence[Mapping[str, Any]]) -> list[Problem]:
    starts = [row["after_s"] for row in rows]
    return [] if starts == sorted(set(starts)) else [Problem("", "等待时长须从小到大，且不重复")]


def hours_problems(value: Mapping[str, Any]) -> list[Problem]:
    if not any(value["weekly"].values()):
        return [Problem("weekly", "一周至少要有一个营业时段")]
    return []
