"""Tables of a report: people, groups, hours, where penalties come from, the funnel, where orders come from. Pure.

Source: spec §6; domain.md §2.5 (credits), §2.6 (penalties weigh 20 times a slow answer).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from miaohui.insight.model.aftersales import review_ms
from miaohui.insight.model.rollup import WIDTH, Sums
from miaohui.insight.model.statistics import Ratio
from miaohui.insight.model.values import local_hour
from miaohui.insight.model.window import Window


@dataclass(frozen=True)
class PersonRow:
    """One agent (or group) of a span. Money in fen."""

    name: str
    group: str
    sessions: int
    turns: int
    average_s: float | None
    half_width_s: float | None
    answered_average_s: float | None
    missed: int
    within_3m: Ratio
    first_s: float | None
    transfers: Ratio
    rated: Ratio
    order_credits: int
    order_fen: int
    payment_credits: int
    payment_fen: int
    assists: int


def people(window: Window) -> list[PersonRow]:
    """Return every agent with work, speed and credit, the busiest first."""
    sums = window.by_agent
    taken: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    rated: Counter[str] = Counter()
    happy: Counter[str] = Counter()
    for s in window.human_sessions:
        for agent in s.agent_list:
            taken[agent] += 1
        for agent in s.agent_list[:-1]:
            moved[agent] += 1
        if s.rating is not None and s.agent:
            rated[s.agent] += 1
            happy[s.agent] += s.rating >= 4
    money = _credits(window)
    names = sorted({*sums, *taken} - {""}, key=lambda name: (-taken[name], name))
    return [
        _person(name, window.groups.get(name, ""), sums.get(name), money.get(name, _NOTHING), taken[name],
                (Ratio(moved[name], taken[name]), Ratio(happy[name], rated[name])))
        for name in names
    ]  # fmt: skip


_NOTHING = (0, 0, 0, 0, 0)


def _credits(window: Window) -> dict[str, tuple[int, int, int, int, int]]:
    orders = {o.item_id: o for o in window.orders}
    found: dict[str, list[int]] = {}
    for credit in window.credits.values():
        order = orders[credit.item_id]
        paid = order.paid_ms is not None
        if credit.order_agent:
            row = found.setdefault(credit.order_agent, [0] * 5)
            row[0] += 1
            row[1] += order.fen
        if credit.payment_agent and paid:
            row = found.setdefault(credit.payment_agent, [0] * 5)
            row[2] += 1
            row[3] += order.fen
        for agent in credit.assistants:
            found.setdefault(agent, [0] * 5)[4] += 1
    return {name: tuple(row) for name, row in found.items()}  # type: ignore[misc]


def _person(
    name: str, group: str, sums: Sums | None, money: tuple[int, int, int, int, int], sessions: int,
    ratios: tuple[Ratio, Ratio],
) -> PersonRow:  # fmt: skip
    s = sums or Sums((0,) * WIDTH)
    return PersonRow(
        name, group, sessions, s.turns_n, s.average_s, s.half_width_s, s.answered_average_s, s.missed_n,
        Ratio(s.within(180), s.turns_n), s.first_sum_ms / s.first_n / 1000 if s.first_n else None, ratios[0], ratios[1],
        *money,
    )  # fmt: skip


def grouped(window: Window) -> list[PersonRow]:
    """Return groups by the roster, as rows like people's."""
    rows = people(window)
    result = []
    for group in sorted({row.group for row in rows if row.group}):
        members = [row for row in rows if row.group == group]
        sums = _merged([window.by_agent[row.name] for row in members if row.name in window.by_agent])
        money = tuple(
            sum(getattr(row, name) for row in members)
            for name in ("order_credits", "order_fen", "payment_credits", "payment_fen", "assists")
        )
        transfers, rated = (
            Ratio(
                sum(getattr(r, n).numerator for r in members), sum(getattr(r, n).denominator for r in members)
            )
            for n in ("transfers", "rated")
        )
        result.append(
            _person(
                group, f"{len(members)} 人", sums, money, sum(r.sessions for r in members), (transfers, rated)
            )
        )
    return result


def _merged(parts: list[Sums]) -> Sums:
    if not parts:
        return Sums((0,) * WIDTH)
    return Sums(tuple(sum(values) for values in zip(*(part.values for part in parts), strict=True)))


@dataclass(frozen=True)
class PenaltyRow:
    """Where unanswered rounds come from. `cost_s`: how many seconds of the average they cause."""

    name: str
    missed: int
    turns: int
    closing: int
    cost_s: float

    @property
    def ratio(self) -> Ratio:
        return Ratio(self.missed, self.turns)


def penalties_by_hour(window: Window) -> list[PenaltyRow]:
    """Return the 600-second penalties by local hour, with what each hour adds to the average."""
    return _penalties(window, lambda turn: f"{local_hour(turn[4]):02d}")


def penalties_by_agent(window: Window) -> list[PenaltyRow]:
    """Return the penalties by agent, the dearest first."""
    rows = _penalties(window, lambda turn: turn[3] or "无人接待")
    return sorted(rows, key=lambda row: -row.cost_s)


def _penalties(window: Window, key_of) -> list[PenaltyRow]:  # type: ignore[no-untyped-def]
    turns: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    closing: Counter[str] = Counter()
    cost: Counter[str] = Counter()
    for turn in window.turns:
        if not turn[11]:
            continue
        key = key_of(turn)
        turns[key] += 1
        if turn[5] is None:
            missed[key] += 1
            closing[key] += turn[10]
            cost[key] += turn[6]
    total = sum(turns.values())
    return [
        PenaltyRow(key, missed[key], turns[key], closing[key], cost[key] / 1000 / total if total else 0.0)
        for key in sorted(turns)
    ]


@dataclass(frozen=True)
class Funnel:
    """From asking to paying, in buyers. `silent`: paid orders in which nobody had a part."""

    consulted: int
    received: int
    enquired: int
    ordered: int
    paid: int
    paid_fen: int
    silent_orders: int
    silent_fen: int
    kinds: dict[str, int]


def funnel(window: Window) -> Funnel:
    """Return 咨询 → 接待 → 询单 → 下单 → 付款 with the kinds of credit (domain.md §2.5)."""
    asked = [s for s in window.sessions if s.buyer_n]
    consulted = {s.buyer or s.session_id for s in asked}
    received = {s.buyer or s.session_id for s in asked if s.agent_n}
    enquired = {s.buyer or s.session_id for s in asked if s.agent_n and s.is_enquiry}
    buyer_of = {s.session_id: s.buyer or s.session_id for s in (*window.earlier_sessions, *window.sessions)}
    orders = {o.item_id: o for o in window.orders}
    pairs = [(credit, orders[credit.item_id]) for credit in window.credits.values()]
    mine = [(credit, order) for credit, order in pairs if credit.order_agent]
    bought = [(credit, order) for credit, order in mine if order.paid_ms is not None]
    silent = [o for c, o in pairs if o.paid_ms is not None and not c.order_agent and not c.payment_agent]
    kinds: Counter[str] = Counter(
        c.kind for c, o in pairs if o.paid_ms is not None or c.kind == "ordered_unpaid"
    )
    ordered = {buyer_of[credit.session_id] for credit, _ in mine}
    paid = {buyer_of[credit.session_id] for credit, _ in bought}
    return Funnel(
        len(consulted), len(received), len(enquired), len(ordered & enquired), len(paid & enquired),
        sum(o.fen for _, o in bought), len(silent), sum(o.fen for o in silent), dict(kinds),
    )  # fmt: skip


@dataclass(frozen=True)
class OriginRow:
    """Orders by where they came from, or by creator. Money in fen."""

    name: str
    orders: int
    paid: int
    fen: int
    aftersales: Ratio
    top_reason: str


def origins(window: Window) -> list[OriginRow]:
    """Return live room, video, shelf, other by the export's own columns."""
    return _order_rows(window, lambda o: o.origin.name_zh)


def creators(window: Window) -> list[OriginRow]:
    """Return orders and after-sales by creator."""
    return [row for row in _order_rows(window, lambda o: o.creator) if row.name]


def products(window: Window) -> list[OriginRow]:
    """Return orders and after-sales by product."""
    return [row for row in _order_rows(window, lambda o: o.product) if row.name]


def _order_rows(window: Window, key_of) -> list[OriginRow]:  # type: ignore[no-untyped-def]
    reasons = {}
    for sale in window.sales:
        reasons[sale.order_id] = sale.reason
    groups: dict[str, list[int]] = {}
    why: dict[str, Counter[str]] = {}
    for order in window.orders:
        key = key_of(order)
        row = groups.setdefault(key, [0, 0, 0, 0])
        row[0] += 1
        if order.paid_ms is not None:
            row[1] += 1
            row[2] += order.fen
            if order.order_id in reasons:
                row[3] += 1
                why.setdefault(key, Counter())[reasons[order.order_id]] += 1
    result = []
    for key, row in groups.items():
        top = why[key].most_common(1)[0] if key in why else ("", 0)
        text = f"{top[0]}（{top[1] / row[3]:.0%}）" if top[1] else "—"
        result.append(OriginRow(key, row[0], row[1], row[2], Ratio(row[3], row[1]), text))
    return sorted(result, key=lambda row: (-row.fen, row.name))


@dataclass(frozen=True)
class AftersaleSummary:
    """After-sales of a span."""

    count: int
    refund_fen: int
    reasons: list[tuple[str, int]]
    arbitration: Ratio
    liable: Ratio
    instant: Ratio
    day_hours: float | None
    night_hours: float | None
    night_count: int


def aftersale_summary(window: Window) -> AftersaleSummary:
    """Return reasons, arbitration, instant refunds, and review time by day and by night."""
    sales = window.sales
    night = [s for s in sales if local_hour(s.applied_ms) >= 23 or local_hour(s.applied_ms) < 8]
    day = [s for s in sales if 8 <= local_hour(s.applied_ms) < 23]
    arbitrated = [s for s in sales if s.has_arbitration]
    return AftersaleSummary(
        len(sales), sum(s.refund_fen for s in sales if s.is_refunded), Counter(s.reason for s in sales).most_common(8),
        Ratio(len(arbitrated), len(sales)), Ratio(sum(s.is_our_fault for s in arbitrated), len(arbitrated)),
        Ratio(sum(s.instant for s in sales), len(sales)), _mean_hours(day), _mean_hours(night), len(night),
    )  # fmt: skip


def _mean_hours(sales) -> float | None:  # type: ignore[no-untyped-def]
    found = [ms for s in sales if not s.instant and (ms := review_ms(s)) is not None]
    return sum(found) / len(found) / 3_600_000 if found else None
