"""What the platform would say about the world: its own service figures, under choices it does not publish.

They are computed by the product's own state machine with rules that differ from our defaults, so that calibration has
a truth to find (domain.md §10).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from miaohui.app.example_files.shop import Shop
from miaohui.app.example_files.world import Chat, Order
from miaohui.importing.model.messages import marks_of, resolved_role
from miaohui.insight.model.rounds import RoundRules, Scope
from miaohui.insight.model.sessions import Session, StoredMessage, build_session
from miaohui.insight.model.values import local_day

HIDDEN_RULES = RoundRules(closing="exempt", late="capped")
ROLES = {"买家": "buyer", "客服": "agent", "机器人": "robot", "系统": "system"}


@dataclass
class Figures:
    """One row of 飞鸽 service data."""

    users: set[str] = field(default_factory=set)
    sessions: int = 0
    turns: int = 0
    sum_ms: int = 0
    first_n: int = 0
    first_sum_ms: int = 0
    first_3m: int = 0
    asks: int = 0
    asks_3m: int = 0
    rated: int = 0
    bad: int = 0
    enquiries: int = 0
    ordered: int = 0
    paid: int = 0
    fen: int = 0
    warned: int = 0


def stored(chat: Chat) -> list[StoredMessage]:
    """Return a chat as messages of the state machine."""
    result: list[StoredMessage] = []
    for seq, message in enumerate(chat.messages):
        role = resolved_role(ROLES[message.role], message.text)
        result.append(
            (message.at, seq, role, marks_of(role, message.text, ""), message.who, message.text, chat.buyer, None, None,
             None, None, "douyin")
        )  # fmt: skip
    return result


def figures(shop: Shop) -> tuple[dict[str, Figures], dict[tuple[str, str], Figures]]:
    """Return the platform's figures by day, and by day and agent."""
    days: dict[str, Figures] = {}
    agents: dict[tuple[str, str], Figures] = {}
    orders = {order.buyer: order for order in shop.orders if order.buyer}
    for chat in shop.chats:
        session, turns = build_session(chat.id, stored(chat), lambda platform, day: (HIDDEN_RULES, Scope()))
        if not session.has_human:
            continue
        day = local_day(session.started_ms)
        places = [days.setdefault(day, Figures())]
        if session.agent:
            places.append(agents.setdefault((day, session.agent), Figures()))
        order = orders.get(chat.buyer)
        for place in places:
            _add(place, session, chat.buyer, order)
        for turn in turns:
            for place in (days[day], agents.setdefault((day, turn[3]), Figures())):
                if turn[11]:
                    place.turns += 1
                    place.sum_ms += turn[6]
                    place.asks += turn[7]
                    place.asks_3m += turn[8]
    return days, agents


def _add(place: Figures, session: Session, buyer: str, order: Order | None) -> None:
    if order is not None:
        place.ordered += 1
        place.paid += order.paid is not None
        place.fen += order.fen if order.paid is not None else 0
    place.users.add(buyer)
    place.sessions += 1
    place.enquiries += session.is_enquiry
    if session.first_response_ms is not None:
        place.first_n += 1
        place.first_sum_ms += session.first_response_ms
        place.first_3m += session.first_response_ms <= 180_000
    if session.rating is not None:
        place.rated += 1
        place.bad += session.rating <= 3
    place.warned += session.intent == "complaint_threat"
