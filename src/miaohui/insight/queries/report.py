"""Everything of one report, computed once from the window and the one before it."""

# ruff: noqa: E501
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.importing import queries as files
from miaohui.importing.model.catalogue import KIND_OF
from miaohui.insight.model import breakdowns, elasticity, indicators
from miaohui.insight.model.aftersales import Deadline, open_deadlines
from miaohui.insight.model.calibration import Calibration
from miaohui.insight.model.diagnosis import RULES, Finding, Outcome, Settings, diagnose, outcome
from miaohui.insight.model.evidence import EvidenceBook
from miaohui.insight.model.faults import NO_DATA
from miaohui.insight.model.figures import Evidence, Figure
from miaohui.insight.model.platform import platform_indicators
from miaohui.insight.model.reconcile import Comparison
from miaohui.insight.model.summary import Split, Summary, split_of, summary
from miaohui.insight.model.values import day_end_ms, local_hour, shifted
from miaohui.insight.model.window import Window
from miaohui.insight.queries.calibrate import calibrate
from miaohui.insight.queries.policies import find_policy, list_changes
from miaohui.insight.queries.reconcile import reconcile
from miaohui.insight.queries.window import data_span, load_window

WEEK = 7
DIAGNOSIS_DAYS = 28


@dataclass
class ReportData:
    """A whole report: every output (page, workbook, PDF, API) shows exactly this."""

    shop_name: str
    platform: str
    from_on: str
    to_on: str
    long_from_on: str
    made_at_zh: str
    window: Window
    long: Window
    before: Window
    summary: Summary
    figures: list[Figure]
    platform_figures: list[Figure]
    comparisons: list[Comparison]
    calibration: Calibration | None
    split: Split | None
    people: list[breakdowns.PersonRow]
    groups: list[breakdowns.PersonRow]
    penalties_by_hour: list[breakdowns.PenaltyRow]
    penalties_by_agent: list[breakdowns.PenaltyRow]
    funnel: breakdowns.Funnel
    origins: list[breakdowns.OriginRow]
    creators: list[breakdowns.OriginRow]
    products: list[breakdowns.OriginRow]
    aftersales: breakdowns.AftersaleSummary
    deadlines: list[Deadline]
    findings: list[Finding]
    outcomes: list[tuple[str, Outcome]]
    elasticity: elasticity.Elasticity
    files: list[dict[str, Any]]
    evidence: dict[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportOptions:
    """What a report is about; empty dates: the last full week that there is data for.

    Trying every definition takes five times as long as all the rest: pages leave it out and ask for it by itself.
    """

    from_on: str = ""
    to_on: str = ""
    platform: str = "douyin"
    shop_name: str = ""
    made_at_zh: str = ""
    calibrated: bool = True


def report_span(conn: Connection, shop_id: int, options: ReportOptions) -> tuple[str, str]:
    """Return the local days of a report. Raises: Refusal insight.no_data."""
    if options.from_on and options.to_on:
        return options.from_on, options.to_on
    spans = data_span(conn, shop_id)
    chosen = [spans[name][1] for name in ("sessions", "orders", "aftersales", "service") if name in spans]
    if not chosen:
        NO_DATA.refuse()
    last = options.to_on or spans.get("sessions", ("", max(chosen)))[1]
    return options.from_on or shifted(last, 1 - WEEK), last


def make_report(conn: Connection, shop_id: int, options: ReportOptions) -> ReportData:
    """Return a report. Raises: Refusal insight.no_data.

    The week is judged by itself; diagnosis, attribution and elasticity look at up to four weeks, because a week is
    too small a sample for most rules.
    """
    from_on, to_on = report_span(conn, shop_id, options)
    days = (day_end_ms(to_on) - day_end_ms(from_on)) // 86_400_000 + 1
    long_from = min(from_on, shifted(to_on, 1 - DIAGNOSIS_DAYS))
    window = load_window(conn, shop_id, from_on, to_on, options.platform)
    before = load_window(conn, shop_id, shifted(from_on, -days), shifted(from_on, -1), options.platform)
    long = load_window(conn, shop_id, long_from, to_on, options.platform)
    if not (long.sessions or long.orders or long.sales or long.service):
        NO_DATA.refuse(from_on=from_on, to_on=to_on)
    book = EvidenceBook()
    targets = find_policy(conn, shop_id, "targets", to_on) or {}
    five = indicators.five_indicators(window, before if before.sessions else None, book, targets)
    settings = Settings(find_policy(conn, shop_id, "rule_settings", to_on) or {})
    findings = diagnose(long, book, settings)
    hours = breakdowns.penalties_by_hour(window)
    split = split_of(window.sums())
    for row in hours:
        _penalty_evidence(window, row.name, book)
    return ReportData(
        options.shop_name or "我的店铺", options.platform, from_on, to_on, long_from, options.made_at_zh, window, long,
        before, summary(five, split, hours, findings), five, platform_indicators(window, book),
        reconcile(window, find_policy(conn, shop_id, f"round_rules.{options.platform}") or {}),
        calibrate(conn, shop_id, long) if options.calibrated else None, split, _people(window, book), breakdowns.grouped(window), hours,
        breakdowns.penalties_by_agent(window), breakdowns.funnel(long), breakdowns.origins(long),
        breakdowns.creators(long), breakdowns.products(long), breakdowns.aftersale_summary(long),
        open_deadlines(list(long.sales), long.to_ms), findings, _outcomes(conn, shop_id, long),
        elasticity.estimate(_exposures(long)), _files(conn, shop_id), book.pages,
    )  # fmt: skip


def find_calibration(conn: Connection, shop_id: int, options: ReportOptions) -> Calibration | None:
    """Return how the open choices fit the platform's own daily averages; None where it has none."""
    _, to_on = report_span(conn, shop_id, options)
    window = load_window(conn, shop_id, shifted(to_on, 1 - DIAGNOSIS_DAYS), to_on, options.platform)
    return calibrate(conn, shop_id, window)


def _penalty_evidence(window: Window, hour: str, book: EvidenceBook) -> None:
    missed = [t for t in window.turns if t[11] and t[5] is None and f"{local_hour(t[4]):02d}" == hour]
    book.turns(f"missed_{hour}", f"{hour} 点漏回的轮次", missed)


def _people(window: Window, book: EvidenceBook) -> list[breakdowns.PersonRow]:
    rows = breakdowns.people(window)
    for row in rows:
        missed = [t for t in window.turns if t[11] and t[3] == row.name and (t[5] is None or t[6] > 60_000)]
        book.turns(f"agent_{row.name}", f"{row.name} 漏回或超过 60 秒的轮次", missed)
    return rows


def _exposures(window: Window) -> list[elasticity.Exposure]:
    """Return how long every enquiry waited on average and whether it was paid.

    Courtesies that nobody answered are left out: whoever says 谢谢 has decided already.
    """
    waits: dict[str, list[float]] = {}
    for turn in window.turns:
        if not (turn[10] and turn[5] is None):
            waits.setdefault(turn[0], []).append(min(turn[6] / 1000, elasticity.CAP_S))
    return [
        elasticity.Exposure(
            sum(found) / len(found),
            s.session_id in window.bought,
            local_hour(s.started_ms),
            s.product_id,
            s.intent,
        )
        for s in window.human_sessions
        if s.is_enquiry and s.agent_n and window.has_orders_for(s) and (found := waits.get(s.session_id))
    ]


def _outcomes(conn: Connection, shop_id: int, window: Window) -> list[tuple[str, Outcome]]:
    """Return whether noted changes worked: two weeks before against two weeks after, as far as there is data."""
    result = []
    rules = {rule.code: rule for rule in RULES}
    for change in list_changes(conn, shop_id):
        rule, day = rules.get(change["rule"]), change["changed_on"]
        if rule is None or day > window.to_on:
            continue
        old = load_window(conn, shop_id, shifted(day, -14), shifted(day, -1), window.platform)
        new = load_window(conn, shop_id, day, min(shifted(day, 13), window.to_on), window.platform)
        found = outcome(rule, old, new, day, change["note"])
        if found is not None:
            result.append((rule.name_zh, found))
    return result


def _files(conn: Connection, shop_id: int) -> list[dict[str, Any]]:
    return [
        {"file": b["file_name"], "kind_zh": KIND_OF[b["kind"]].name_zh, "rows": b["counts"].get("rows", 0),
         "new": b["counts"].get("new", 0), "overlapping": b["counts"].get("overlapping", 0), "bad": b["counts"].get("bad", 0),
         "notes_zh": b["counts"].get("notes_zh", []), "id": b["id"]}
        for b in files.list_batches(conn, shop_id, limit=200)
        if b["outcome"] == "done"
    ]  # fmt: skip
