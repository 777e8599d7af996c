"""Rules and facts of trade. Pure."""

from miaohui.trade.model.facts import (
    AftersaleFact,
    AftersaleKind,
    AftersaleStatus,
    Arbitration,
    BuyerId,
    Fact,
    OrderFact,
    OrderItemFact,
    OrderStatus,
    ParcelFact,
    ParcelState,
    ProductFact,
    RouteNode,
    SkuFact,
    Source,
)
from miaohui.trade.model.inbound import Hint, facts_from_inbound, hints_from_inbound
from miaohui.trade.model.ports import PullAccount, PullAccounts
from miaohui.trade.model.ticket_fact import ServiceTicketFact, TicketStatus

__all__ = [
    "AftersaleFact",
    "AftersaleKind",
    "AftersaleStatus",
    "Arbitration",
    "BuyerId",
    "Fact",
    "Hint",
    "OrderFact",
    "OrderItemFact",
    "OrderStatus",
    "ParcelFact",
    "ParcelState",
    "ProductFact",
    "PullAccount",
    "PullAccounts",
    "RouteNode",
    "ServiceTicketFact",
    "SkuFact",
    "Source",
    "TicketStatus",
    "facts_from_inbound",
    "hints_from_inbound",
]
