"""A report as JSON values, for the API: the same figures as on the page."""

# ruff: noqa: E501
from __future__ import annotations

from dataclasses import asdict
from typing import Any

from miaohui.insight.model.calibration import Calibration
from miaohui.insight.model.figures import Figure
from miaohui.insight.model.rollup import Sums
from miaohui.insight.queries.report import ReportData


def figure_values(figure: Figure) -> dict[str, Any]:
    """Return a figure as JSON values."""
    names = (
        "code", "name_zh", "unit", "value", "text_zh", "numerator", "denominator", "low", "high", "n", "is_small", "verdict",
        "target", "better", "before", "platform_value", "definition_zh", "note_zh", "evidence",
    )  # fmt: skip
    return {**{name: getattr(figure, name) for name in names}, "series": list(figure.series)}


def slice_values(key: str, sums: Sums) -> dict[str, Any]:
    """Return the response figures of one slice."""
    turns = sums.turns_n
    share = {f"within_{s}s": sums.within(s) / turns if turns else None for s in (20, 45, 180)}
    return {
        "key": key, "turns": turns, "missed": sums.missed_n, "asks": sums.asks_n, "sessions": sums.sessions_n,
        "average_s": sums.average_s, "half_width_s": sums.half_width_s, "answered_average_s": sums.answered_average_s,
        "p90_s": sums.percentile_s(0.9), **share,
    }  # fmt: skip


def calibration_values(found: Calibration | None) -> dict[str, Any] | None:
    """Return what calibration found as JSON values."""
    if found is None:
        return None
    return {
        "rules": asdict(found.best.rules), "mean_error_s": found.best.mean_error_s, "undecided": found.undecided,
        "default_error_s": found.default.mean_error_s, "worst_day": found.best.worst_day, "days": found.best.days,
    }  # fmt: skip


def report_values(data: ReportData) -> dict[str, Any]:
    """Return a report as JSON values."""
    return {
        "shop_name": data.shop_name, "platform": data.platform, "from_on": data.from_on, "to_on": data.to_on,
        "diagnosis_from_on": data.long_from_on, "paragraph_zh": data.summary.paragraph_zh,
        "actions": [asdict(action) for action in data.summary.actions],
        "figures": [figure_values(f) for f in data.figures],
        "platform_figures": [figure_values(f) for f in data.platform_figures],
        "comparisons": [{**asdict(c), "is_close": c.is_close} for c in data.comparisons],
        "calibration": calibration_values(data.calibration),
        "days": [slice_values(key, sums) for key, sums in data.window.by_day.items()],
        "hours": [slice_values(key, sums) for key, sums in data.long.by_hour.items()],
        "heat": [slice_values(key, sums) for key, sums in data.long.by_weekday_hour.items()],
        **_tables(data), "findings": _findings(data),
        "outcomes": [{"name_zh": name, **asdict(found)} for name, found in data.outcomes],
        "elasticity": {**asdict(data.elasticity), "in_force": data.elasticity.in_force},
        "evidence": [asdict(page) for page in data.evidence.values()],
    }  # fmt: skip


def _tables(data: ReportData) -> dict[str, Any]:
    return {
        "people": [asdict(row) for row in data.people], "groups": [asdict(row) for row in data.groups],
        "penalties_by_hour": [asdict(row) for row in data.penalties_by_hour],
        "penalties_by_agent": [asdict(row) for row in data.penalties_by_agent],
        "funnel": asdict(data.funnel), "origins": [asdict(row) for row in data.origins],
        "creators": [asdict(row) for row in data.creators], "products": [asdict(row) for row in data.products],
        "aftersales": asdict(data.aftersales),
        "deadlines": [
            {"aftersale_id": d.sale.aftersale_id, "order_id": d.sale.order_id, "product": d.sale.product,
             "reason": d.sale.reason, "left_ms": d.left_ms, "level": d.level}
            for d in data.deadlines
        ],
    }  # fmt: skip


def _findings(data: ReportData) -> list[dict[str, Any]]:
    result = []
    for finding in data.findings:
        rule, r = finding.rule, finding.reading
        result.append({
            "rule": rule.code, "name_zh": rule.name_zh, "fired": finding.fired, "subject": r.subject if r else "",
            "text_zh": r.text_zh if r else finding.reason_zh, "sure": bool(r and r.sure), "money_fen": r.money_fen if r else 0,
            "money_zh": r.money_zh if r else "", "advice_zh": rule.advice_zh, "who_zh": rule.who_zh, "source": rule.source,
            "evidence": r.evidence if r else "", "unit": rule.unit, "threshold": rule.threshold,
            **{name: getattr(r, name) if r else None for name in ("value", "numerator", "denominator")},
        })  # fmt: skip
    return result
