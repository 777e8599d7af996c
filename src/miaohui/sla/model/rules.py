"""Which target holds for a group at a moment, and why. Pure (spec §1.3, §2.3–2.5).

Order, the first that says something wins: guard window of a live session and promotion (the stricter of the
two) → period of the group → the group's own target → period of the shop → the tier's target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from miaohui.shop.model import CalendarException, LiveSession, Promotion, Rulebook, Window
from miaohui.shop.model.calendar import local, window
from miaohui.shop.model.live import Guard, guard_of, guarding_session, promotion_at
from miaohui.shop.model.tiers import Tier, named_tier, tiers_of
from miaohui.sla.model.rounds import RoundDefinition, round_definition_of

EVERY_DAY = frozenset(range(1, 8))
KINDS = (
    "tier",
    "tiers",
    "response_targets",
    "guard_window",
    "business_hours",
    "warnings",
    "round_definition",
)


@dataclass(frozen=True, slots=True)
class Period:
    """Hours of the day with a target of their own, such as 晚间 20:00–24:00 ≤20 s (spec §2.3)."""

    name_zh: str
    hours: Window
    target_s: int
    weekdays: frozenset[int] = EVERY_DAY

    def covers(self, at: datetime) -> bool:
        """Tell whether `at` lies inside on the shop's wall clock."""
        here = local(at)
        second = here.hour * 3600 + here.minute * 60 + here.second
        today, yesterday = here.isoweekday(), (here.isoweekday() + 5) % 7 + 1
        return (today in self.weekdays and self.hours.covers_second(second)) or (
            yesterday in self.weekdays and self.hours.covers_second(second, of_day_before=True)
        )


@dataclass(frozen=True, slots=True)
class GroupTargets:
    """What one group promises: its periods, and a target for its other hours (None: the shop's)."""

    periods: tuple[Period, ...] = ()
    target_s: int | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """When the shop answers. `closed`: what a clock does outside: next_opening, pause or run."""

    weekly: Mapping[int, tuple[Window, ...]]
    closed: str

    @property
    def is_always_open(self) -> bool:
        """Whether every day of the week is open from 00:00 to 24:00."""
        return all(
            any(w.start_s == 0 and w.end_s == 86_400 for w in self.weekly.get(day, ())) for day in EVERY_DAY
        )


@dataclass(frozen=True, slots=True)
class Warn:
    """When a clock warns: at a share of its target, and the pop-up of 千牛 at 100 s. Units: seconds."""

    ratio: float = 0.6
    after_s: int = 100
    popup_after_s: int = 100


@dataclass(frozen=True, eq=False)
class Rules:
    """Everything that decides a promise at one moment, parsed. Compared by identity."""

    tier: Tier
    periods: tuple[Period, ...] = ()
    groups: Mapping[int, GroupTargets] = field(default_factory=dict)
    guard: Guard = Guard(1800, 3600, 20, 14_400)
    hours: Hours = Hours({day: (Window(0, 86_400),) for day in EVERY_DAY}, "next_opening")
    warn: Warn = Warn()
    rounds: RoundDefinition = RoundDefinition()
    live_sessions: tuple[LiveSession, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    exceptions: Mapping[date, CalendarException] = field(default_factory=dict)

    @property
    def never_closes(self) -> bool:
        """Whether the calendar can be left out: open always, no exceptional day."""
        return self.hours.is_always_open and not self.exceptions


@dataclass(frozen=True, slots=True)
class Target:
    """How long an answer may take, and why. `marks_zh` such as 特护时段, 大促."""

    target_s: int
    name_zh: str
    marks_zh: tuple[str, ...] = ()
    source: str = ""

    @property
    def reason_zh(self) -> str:
        """Return the reason as people read it: 晚间 ≤20 秒 · 特护时段."""
        return " · ".join((f"{self.name_zh} ≤{self.target_s} 秒", *self.marks_zh))


def target_at(rules: Rules, at: datetime, group_id: int | None = None) -> Target:
    """Return the target that holds for a group at `at`, with its reason.

    Source: spec §1.3, §2.3, §2.4, §2.5.
    """
    base = _hour_target(rules, at, group_id)
    guarded = _is_guarded(rules, at, group_id)
    promotion = promotion_at(rules.promotions, at)
    marks = ("特护时段",) * guarded + (("大促",) if promotion is not None else ())
    special = [rules.guard.target_s] if guarded else []
    special += [promotion.target_s] if promotion is not None else []
    given = [seconds for seconds in special if seconds is not None]
    source = "guard_window" if guarded else "promotion" if promotion is not None else base.source
    return Target(min(given) if given else base.target_s, base.name_zh, marks, source)


def _is_guarded(rules: Rules, at: datetime, group_id: int | None) -> bool:
    groups = rules.guard.group_ids
    if groups and group_id not in groups:
        return False
    return guarding_session(rules.live_sessions, rules.guard, at) is not None


def _hour_target(rules: Rules, at: datetime, group_id: int | None) -> Target:
    group = rules.groups.get(group_id) if group_id is not None else None
    if group is not None:
        if (period := _period_at(group.periods, at)) is not None:
            return Target(period.target_s, period.name_zh, ("本组目标",), "group_period")
        if group.target_s is not None:
            return Target(group.target_s, "本组", (), "group")
    if (period := _period_at(rules.periods, at)) is not None:
        return Target(period.target_s, period.name_zh, (), "period")
    return Target(rules.tier.target_s, rules.tier.name_zh, (), "tier")


def _period_at(periods: Sequence[Period], at: datetime) -> Period | None:
    return next((p for p in periods if p.covers(at)), None)


# ---- from policies to rules


def rules_of(book: Rulebook, at: datetime) -> Rules:
    """Return the rules that hold at `at`; the same object while neither the book nor a version changes."""
    return _parsed(book, tuple(book.version(kind, at) for kind in KINDS))


@lru_cache(maxsize=512)
def _parsed(book: Rulebook, versions: tuple[int, ...]) -> Rules:
    value = {kind: book.value_of(kind, version) for kind, version in zip(KINDS, versions, strict=True)}
    targets, hours, warn = value["response_targets"], value["business_hours"], value["warnings"]
    return Rules(
        tier=named_tier(value["tier"]["tier"], tiers_of(value["tiers"])),
        periods=_periods(targets["periods"]),
        groups={
            int(group_id): GroupTargets(_periods(row.get("periods") or ()), row.get("target_s"))
            for group_id, row in targets["groups"].items()
        },
        guard=guard_of(value["guard_window"]),
        hours=Hours(
            {int(day): tuple(window(a, b) for a, b in rows) for day, rows in hours["weekly"].items()},
            hours["closed"],
        ),
        warn=Warn(warn["warn_ratio"], warn["warn_after_s"], warn["popup_after_s"]),
        rounds=round_definition_of(value["round_definition"]),
        live_sessions=book.live_sessions,
        promotions=book.promotions,
        exceptions=book.exceptions,
    )


def _periods(rows: Sequence[Mapping[str, Any]]) -> tuple[Period, ...]:
    return tuple(
        Period(
            row["name_zh"],
            window(row["from"], row["to"]),
            row["target_s"],
            frozenset(row.get("weekdays") or EVERY_DAY),
        )
        for row in rows
    )
