"""What insight shows over HTTP: figures with what they are made of, tables, evidence, policies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from miaohui.kit.http import Day, Schema

Platform = Annotated[str, Field(pattern=r"^(douyin|tmall|jd|pinduoduo)$")]


class FigureOut(Schema):
    """A figure: value, fraction, sample, 95 % interval, definition, target, and the key of its evidence."""

    code: str
    name_zh: str
    unit: str
    value: float | None
    text_zh: str
    numerator: float | None
    denominator: float | None
    low: float | None
    high: float | None
    n: int
    is_small: bool
    verdict: str
    target: float | None
    better: str
    before: float | None
    platform_value: float | None
    series: list[float | None]
    definition_zh: str
    note_zh: str
    evidence: str


class ActionOut(Schema):
    """One thing to do on Monday."""

    title_zh: str
    why_zh: str
    do_zh: str
    who_zh: str
    money_fen: int
    evidence: str


class ComparisonOut(Schema):
    """The platform's figure beside ours."""

    metric: str
    name_zh: str
    unit: str
    platform_value: float
    our_value: float | None
    difference: float | None
    share: float | None
    reason_zh: str
    reason_en: str
    is_close: bool


class FindingOut(Schema):
    """What a rule says; `fired` false: it did not. `value` stands against `threshold`, in `unit` (%, 倍)."""

    rule: str
    name_zh: str
    fired: bool
    subject: str
    text_zh: str
    sure: bool
    money_fen: int
    money_zh: str
    advice_zh: str
    who_zh: str
    source: str
    evidence: str
    unit: str
    threshold: float
    value: float | None
    numerator: float | None
    denominator: int | None


class DiagnosisEvidenceOut(Schema):
    """The list behind a figure."""

    key: str
    title_zh: str
    columns_zh: list[str]
    rows: list[list[str]]
    total: int


class ReportOut(Schema):
    """A whole report as data; tables are rows as `miaohui.insight.model.breakdowns` names them."""

    shop_name: str
    platform: str
    from_on: str
    to_on: str
    diagnosis_from_on: str
    paragraph_zh: str
    actions: list[ActionOut]
    figures: list[FigureOut]
    platform_figures: list[FigureOut]
    comparisons: list[ComparisonOut]
    calibration: dict[str, Any] | None
    days: list[dict[str, Any]]
    hours: list[dict[str, Any]]
    heat: list[dict[str, Any]]
    people: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    penalties_by_hour: list[dict[str, Any]]
    penalties_by_agent: list[dict[str, Any]]
    funnel: dict[str, Any]
    origins: list[dict[str, Any]]
    creators: list[dict[str, Any]]
    products: list[dict[str, Any]]
    aftersales: dict[str, Any]
    deadlines: list[dict[str, Any]]
    findings: list[FindingOut]
    outcomes: list[dict[str, Any]]
    elasticity: dict[str, Any]
    evidence: list[DiagnosisEvidenceOut]


class CalibrationOut(Schema):
    """What calibration found; null where the platform's own daily averages are missing."""

    calibration: dict[str, Any] | None


class SliceOut(Schema):
    """Response figures of one slice: an agent, a day, an hour."""

    key: str
    turns: int
    missed: int
    asks: int
    sessions: int
    average_s: float | None
    half_width_s: float | None
    answered_average_s: float | None
    within_20s: float | None
    within_45s: float | None
    within_180s: float | None
    p90_s: float | None


class DashboardOut(Schema):
    """Response figures from the hourly roll-ups."""

    from_on: str
    to_on: str
    group: str
    slices: list[SliceOut]


class DefinitionOut(Schema):
    """A version of an indicator's definition."""

    platform: str
    code: str
    version: str
    name_zh: str
    effective_from: str
    effective_to: str
    formula_zh: str
    unit: str
    better: str
    min_sample: int
    source: str
    params: dict[str, Any]


class DefinitionsOut(Schema):
    """Definitions with their dates, and the exemption calendar."""

    items: list[DefinitionOut]
    exemptions: list[dict[str, str]]


class InsightPolicyIn(Schema):
    """A dated policy. Kinds: round_rules.<platform>, credit_rules, rule_settings, definitions, exemptions, targets."""

    effective_from: Day
    value: dict[str, Any]
    reason: Annotated[str, Field(max_length=200)] = ""


class InsightPolicyOut(Schema):
    """A stored policy."""

    kind: str
    effective_from: str
    value: dict[str, Any]
    reason: str
    set_at: datetime
    set_by: str


class InsightInForceOut(Schema):
    """What holds today of one kind; `effective_from` '' where the shop has set nothing."""

    kind: str
    value: dict[str, Any]
    effective_from: str
    reason: str
    set_by: str


class InsightPoliciesOut(Schema):
    """Every dated policy, newest first within its kind; and what holds today of every kind."""

    items: list[InsightPolicyOut]
    in_force: list[InsightInForceOut]


class ChangeIn(Schema):
    """Something was changed because of a rule: the report will tell whether it worked."""

    rule: Annotated[str, Field(max_length=60)]
    changed_on: Day
    note: Annotated[str, Field(max_length=200)] = ""


class IndicatorChangeOut(Schema):
    """A noted change."""

    id: int
    rule: str
    changed_on: str
    note: str
    noted_by: str


class ChangesOut(Schema):
    """Noted changes."""

    items: list[IndicatorChangeOut]


class HeatCellOut(Schema):
    """One local hour of a row."""

    hour: int
    turns: int
    missed: int
    average_s: float
    within_180s: float


class HeatRowOut(Schema):
    """One row of a heat map; hours without rounds are left out."""

    key: str
    name_zh: str
    turns: int
    hours: list[HeatCellOut]


class HeatMapOut(Schema):
    """Rounds by local hour against weekday, agent, group or product."""

    from_on: str
    to_on: str
    by: str
    rows: list[HeatRowOut]


class TalkLineOut(Schema):
    """One line that was said; numbers of people are masked."""

    at: datetime
    role: str
    sender: str
    text: str


class TalkOut(Schema):
    """A conversation behind a figure. With `conversation_id` it is live: read it at the desk."""

    session: str
    conversation_id: int | None
    agent: str
    started_at: datetime
    intent_zh: str
    turns: int
    missed: int
    average_s: float | None
    rating: int | None
    lines: list[TalkLineOut]
