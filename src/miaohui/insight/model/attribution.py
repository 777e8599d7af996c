"""Who earned an order: the roles of 落实下单, 落实付款, 协助 and 静默. Pure.

Within the window before an order was placed, the last human enquiry's agent has the order credit; the last human
contact between placing and paying has the payment credit (else the order credit holds it); every other agent of
the window assisted. Without any: silent. Source: domain.md §2.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

DAY_MS = 86_400_000
MIN_WINDOW_DAYS, MAX_WINDOW_DAYS, DEFAULT_WINDOW_DAYS = 2, 15, 2


@dataclass(frozen=True, slots=True)
class Contact:
    """One human session with a buyer. `agents`: in the order they took part (transfers)."""

    session_id: str
    buyer: str
    from_ms: int
    to_ms: int
    agents: tuple[str, ...]
    is_enquiry: bool


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order line. `linked_sessions`: sessions in which its number was mentioned."""

    item_id: str
    order_id: str
    buyer: str
    created_ms: int
    paid_ms: int | None
    fen: int
    linked_sessions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """Who has which part in an order; '' where nobody has."""

    item_id: str
    order_agent: str
    payment_agent: str
    assistants: tuple[str, ...]
    session_id: str
    kind: Literal["same", "both", "silent_order", "ordered_unpaid", "fully_silent"]


@dataclass(frozen=True)
class CreditRules:
    """`window_days` 2–15. `keep`: which human of a transferred session counts, the last before, or the first.

    Raises: ValueError outside the window's bounds.
    """

    window_days: int = DEFAULT_WINDOW_DAYS
    keep: Literal["last", "creator"] = "last"

    def __post_init__(self) -> None:
        if not MIN_WINDOW_DAYS <= self.window_days <= MAX_WINDOW_DAYS:
            raise ValueError(f"询单有效时长须为 {MIN_WINDOW_DAYS}–{MAX_WINDOW_DAYS} 天")


def _agent(contact: Contact, rules: CreditRules) -> str:
    if not contact.agents:
        return ""
    return contact.agents[-1] if rules.keep == "last" else contact.agents[0]


def credit(purchase: Purchase, contacts: Sequence[Contact], rules: CreditRules) -> Credit:
    """Return the credit of one order.

    Shape: `contacts` of this buyer, by time, human ones only. A session that began before the order was placed
    and went on after it counts for both sides.
    """
    earliest = purchase.created_ms - rules.window_days * DAY_MS
    before = [c for c in contacts if earliest <= c.from_ms <= purchase.created_ms and c.agents]
    enquiries = [c for c in before if c.is_enquiry]
    order_by = enquiries[-1] if enquiries else None
    paid = purchase.paid_ms
    between = [
        c for c in contacts
        if paid is not None and c.agents and purchase.created_ms < c.to_ms and c.from_ms <= paid and c is not order_by
    ]  # fmt: skip
    pay_by = between[-1] if between else (order_by if paid is not None else None)
    order_agent = _agent(order_by, rules) if order_by else ""
    payment_agent = _agent(pay_by, rules) if pay_by else ""
    involved = dict.fromkeys(agent for c in (*before, *between) for agent in c.agents)
    session = (order_by or pay_by).session_id if (order_by or pay_by) else ""  # type: ignore[union-attr]
    return Credit(
        purchase.item_id, order_agent, payment_agent,
        tuple(agent for agent in involved if agent not in (order_agent, payment_agent)), session,
        _kind(order_agent, payment_agent, paid),
    )  # fmt: skip


def _kind(
    order_agent: str, payment_agent: str, paid: int | None
) -> Literal["same", "both", "silent_order", "ordered_unpaid", "fully_silent"]:
    if not order_agent:
        return "silent_order" if payment_agent else "fully_silent"
    if paid is None:
        return "ordered_unpaid"
    return "same" if order_agent == payment_agent else "both"


def credits(purchases: Iterable[Purchase], contacts: Iterable[Contact], rules: CreditRules) -> list[Credit]:
    """Return the credit of every order. Order lines without a buyer are joined by sessions that name them."""
    by_buyer: dict[str, list[Contact]] = {}
    by_session: dict[str, Contact] = {}
    for contact in sorted(contacts, key=lambda c: (c.from_ms, c.session_id)):
        by_buyer.setdefault(contact.buyer or f"\0{contact.session_id}", []).append(contact)
        by_session[contact.session_id] = contact
    result = []
    for purchase in purchases:
        found = list(by_buyer.get(purchase.buyer, ())) if purchase.buyer else []
        seen = {c.session_id for c in found}
        for session_id in purchase.linked_sessions:
            linked = by_session.get(session_id)
            if linked is None:
                continue
            for other in by_buyer[linked.buyer or f"\0{session_id}"]:
                if other.session_id not in seen:
                    seen.add(other.session_id)
                    found.append(other)
        found.sort(key=lambda c: (c.from_ms, c.session_id))
        result.append(credit(purchase, found, rules))
    return result


@dataclass(frozen=True)
class Origin:
    """Where an order came from, by the export's own columns. Source: domain.md §3.2."""

    code: Literal["live", "video", "shelf", "other"]
    name_zh: str


def origin_of(content_form: str, traffic_channel: str, traffic_source: str) -> Origin:
    """Return live room, video, shelf or other from 流量体裁, 流量渠道, 流量来源."""
    text = f"{content_form} {traffic_channel} {traffic_source}"
    if "直播" in text:
        return Origin("live", "直播")
    if "视频" in text:
        return Origin("video", "短视频")
    if any(word in text for word in ("商品卡", "搜索", "橱窗", "商城", "店铺", "货架")):
        return Origin("shelf", "商品卡与搜索")
    return Origin("other", "其他")
