"""Everything a report looks at, for one shop, platform and span of local days. Pure data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from miaohui.insight.model.aftersales import AfterSale
from miaohui.insight.model.attribution import (
    Contact,
    Credit,
    CreditRules,
    Origin,
    Purchase,
    credits,
    origin_of,
)
from miaohui.insight.model.definitions import Definition, Exemption, exempted
from miaohui.insight.model.intents import PRE_SALE
from miaohui.insight.model.rollup import AT, WIDTH, Sums, TurnFact
from miaohui.insight.model.values import (
    day_end_ms,
    day_start_ms,
    days_between,
    local_day,
    local_hour,
    weekday,
)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A stored session. Units: milliseconds."""

    session_id: str
    platform: str
    buyer: str
    agent: str
    agents: str
    started_ms: int
    human_ms: int | None
    ended_ms: int
    buyer_n: int
    agent_n: int
    robot_n: int
    perfunctory_n: int
    turns_n: int
    missed_n: int
    sum_ms: int
    first_response_ms: int | None
    queue_ms: int | None
    intent: str
    product_id: str
    entry: str
    rating: int | None
    scoped: int
    first_text: str

    @property
    def has_human(self) -> bool:
        return self.human_ms is not None or self.turns_n > 0

    @property
    def agent_list(self) -> tuple[str, ...]:
        return tuple(self.agents.split(" ")) if self.agents else ()

    @property
    def average_s(self) -> float | None:
        return self.sum_ms / self.turns_n / 1000 if self.turns_n else None

    @property
    def is_enquiry(self) -> bool:
        """Whether it is a consultation that may end in an order (询单, domain.md §2.5)."""
        return self.has_human and self.buyer_n > 0 and self.intent in PRE_SALE


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An imported order line. Units: fen, milliseconds."""

    item_id: str
    order_id: str
    product_id: str
    product: str
    fen: int
    created_ms: int
    paid_ms: int | None
    shipped_ms: int | None
    promised_ms: int | None
    status: str
    content_form: str
    traffic_channel: str
    traffic_source: str
    creator: str
    buyer: str

    @property
    def origin(self) -> Origin:
        return origin_of(self.content_form, self.traffic_channel, self.traffic_source)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """An imported review."""

    review_id: str
    order_id: str
    product: str
    stars: int
    text: str
    reviewed_ms: int
    replied_ms: int | None
    more_stars: int | None
    outcome: str
    handled_ms: int | None
    agent: str
    creator: str

    @property
    def is_bad(self) -> bool:
        """1–2 stars (spec §5.1 level 1)."""
        return self.stars <= 2

    @property
    def is_solved(self) -> bool:
        """Solved within the rules: the buyer confirms, an appeal holds, or the buyer's later review is good.

        A changed review is never asked for and never the only proof (spec §6.5, domain.md §4.3).
        """
        words = ("确认解决", "已解决", "申诉成立", "举报成立", "申诉成功")
        return any(word in self.outcome for word in words) or (self.more_stars or 0) >= 4


Cell = tuple[str, str, int, int, tuple[int, ...]]


@dataclass
class Window:
    """One span. Shape: `cells` are roll-up rows (platform, agent, hour, scoped, measures).

    `orders_span`: first and last moment that order files cover, in the span or not; consultations outside it cannot
    be judged by their orders.
    """

    shop_id: int
    platform: str
    from_on: str
    to_on: str
    cells: Sequence[Cell] = ()
    sessions: Sequence[SessionRow] = ()
    turns: Sequence[TurnFact] = ()
    orders: Sequence[OrderRow] = ()
    sales: Sequence[AfterSale] = ()
    reviews: Sequence[ReviewRow] = ()
    links: dict[str, tuple[str, ...]] = field(default_factory=dict)
    earlier_sessions: Sequence[SessionRow] = ()
    service: Sequence[tuple[str, str, str, str, str, float]] = ()
    groups: dict[str, str] = field(default_factory=dict)
    orders_span: tuple[int, int] | None = None
    credit_rules: CreditRules = field(default_factory=CreditRules)
    definitions: Sequence[Definition] = ()
    exemptions: Sequence[Exemption] = ()

    @property
    def days(self) -> list[str]:
        return days_between(self.from_on, self.to_on)

    @property
    def from_ms(self) -> int:
        return day_start_ms(self.from_on)

    @property
    def to_ms(self) -> int:
        return day_end_ms(self.to_on)

    def is_assessed(self, day: str) -> bool:
        """Tell whether the platform assesses this day (not in the exemption calendar)."""
        return exempted(self.platform, day, self.exemptions) is None

    def sums(
        self, *, day: str = "", agent: str | None = None, hour: int | None = None, scoped: bool = True
    ) -> Sums:
        """Return the added-up roll-up of a slice; `scoped`: only what the platform assesses."""
        total = [0] * WIDTH
        for _, who, hour_ms, in_scope, values in self.cells:
            if scoped and not in_scope:
                continue
            if agent is not None and who != agent:
                continue
            if hour is not None and local_hour(hour_ms) != hour:
                continue
            if (day and local_day(hour_ms) != day) or (scoped and not self.is_assessed(local_day(hour_ms))):
                continue
            for i, value in enumerate(values):
                total[i] += value
        return Sums(tuple(total))

    @cached_property
    def by_day(self) -> dict[str, Sums]:
        """Assessed sums of every day that has any."""
        return self._grouped(lambda hour_ms, agent: local_day(hour_ms))

    @cached_property
    def by_hour(self) -> dict[str, Sums]:
        """Sums by local hour '00'–'23', out of the platform's hours too."""
        return self._grouped(lambda hour_ms, agent: f"{local_hour(hour_ms):02d}", scoped=False)

    @cached_property
    def by_agent(self) -> dict[str, Sums]:
        """Assessed sums of every agent."""
        return self._grouped(lambda hour_ms, agent: agent)

    @cached_property
    def by_weekday_hour(self) -> dict[str, Sums]:
        """Sums by 'weekday hour', such as '0 09' for Monday nine o'clock."""
        return self._grouped(
            lambda hour_ms, agent: f"{weekday(hour_ms)} {local_hour(hour_ms):02d}", scoped=False
        )

    def _grouped(self, key_of, scoped: bool = True) -> dict[str, Sums]:  # type: ignore[no-untyped-def]
        totals: dict[str, list[int]] = {}
        for _, agent, hour_ms, in_scope, values in self.cells:
            if scoped and (not in_scope or not self.is_assessed(local_day(hour_ms))):
                continue
            total = totals.setdefault(key_of(hour_ms, agent), [0] * WIDTH)
            for i, value in enumerate(values):
                total[i] += value
        return {key: Sums(tuple(total)) for key, total in sorted(totals.items())}

    @cached_property
    def human_sessions(self) -> list[SessionRow]:
        """Sessions in which a person took part or should have."""
        return [s for s in self.sessions if s.has_human]

    @cached_property
    def paid_orders(self) -> list[OrderRow]:
        return [order for order in self.orders if order.paid_ms is not None]

    @cached_property
    def credits(self) -> dict[str, Credit]:
        """Order line → who has which part in it."""
        contacts = [
            Contact(s.session_id, s.buyer, s.started_ms, s.ended_ms, s.agent_list, s.is_enquiry)
            for s in (*self.earlier_sessions, *self.sessions)
            if s.has_human
        ]
        purchases: Iterable[Purchase] = (
            Purchase(
                o.item_id, o.order_id, o.buyer, o.created_ms, o.paid_ms, o.fen, self.links.get(o.order_id, ())
            )
            for o in self.orders
        )
        return {credit.item_id: credit for credit in credits(purchases, contacts, self.credit_rules)}

    @cached_property
    def bought(self) -> dict[str, OrderRow]:
        """Enquiry session → the paid order it was credited with."""
        orders = {order.item_id: order for order in self.paid_orders}
        return {
            credit.session_id: orders[credit.item_id]
            for credit in self.credits.values()
            if credit.session_id and credit.order_agent and credit.item_id in orders
        }

    def has_orders_for(self, session: SessionRow) -> bool:
        """Tell whether the order files reach to the day of a session."""
        if self.orders_span is None:
            return False
        first, last = (local_day(at) for at in self.orders_span)
        return first <= local_day(session.started_ms) <= last

    @property
    def average_order_fen(self) -> int:
        """Mean amount of a paid order line; 0 without any."""
        return sum(o.fen for o in self.paid_orders) // len(self.paid_orders) if self.paid_orders else 0


def measure(sums: Sums, name: str) -> int:
    """Return one measure of some sums."""
    return sums.values[AT[name]]
