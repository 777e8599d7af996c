"""A channel's inbound business fact → facts of this room, and what is worth asking again. Pure.

A push is a hint (channels.md §1.3: few fields, may come twice, late or never); what was pulled is the detail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from miaohui.channels.model.inbound import Inbound, Kind, Origin
from miaohui.trade.model import doudian
from miaohui.trade.model.facts import (
    AftersaleFact,
    AftersaleKind,
    AftersaleStatus,
    Arbitration,
    Fact,
    OrderFact,
    OrderStatus,
    Source,
)
from miaohui.trade.model.parcel_route import route_from_detail
from miaohui.trade.model.reading import id_of, int_of, object_of, time_of
from miaohui.trade.model.tickets import ticket_from_list


@dataclass(frozen=True)
class Hint:
    """Something that has changed on the platform and is to be pulled. `what`: order, aftersale or parcel."""

    what: str
    refs: tuple[tuple[str, str], ...]

    @property
    def ref_map(self) -> dict[str, str]:
        return dict(self.refs)


def facts_from_inbound(account_id: int, inbound: Inbound) -> list[Fact]:
    """Return the facts that an inbound carries; an empty list for kinds that are not of trade."""
    is_pulled = inbound.origin is Origin.PULL
    raw = payload(inbound.raw)
    if inbound.channel != "doudian":
        found = _from_refs(account_id, inbound)
    elif inbound.kind is Kind.ORDER:
        found = (
            doudian.order_from_detail(account_id, raw)
            if is_pulled
            else doudian.order_from_push(account_id, raw)
        )
    elif inbound.kind in (Kind.AFTERSALE, Kind.ARBITRATION):
        found = _doudian_aftersale(account_id, raw, is_pulled)
    elif inbound.kind is Kind.SERVICE_TICKET:
        found = ticket_from_list(account_id, raw)
    elif inbound.kind is Kind.LOGISTICS and is_pulled:
        found = _doudian_route(account_id, inbound, raw)
    else:
        found = doudian.order_from_push(account_id, raw) if inbound.kind is Kind.LOGISTICS else None
    return [] if found is None else [found]


def hints_from_inbound(inbound: Inbound) -> list[Hint]:
    """Return what to pull after a push: the order, and the after-sale it names. Pulls hint at nothing."""
    if inbound.origin is Origin.PULL:
        return []
    raw = payload(inbound.raw)
    order_id = id_of(inbound.refs.get("order_id")) or id_of(raw.get("p_id"))
    aftersale_id = id_of(inbound.refs.get("aftersale_id")) or id_of(raw.get("aftersale_id"))
    hints = []
    if inbound.kind in (Kind.ORDER, Kind.LOGISTICS, Kind.AFTERSALE, Kind.ARBITRATION) and order_id:
        hints.append(Hint("order", (("order_id", order_id),)))
    if inbound.kind in (Kind.AFTERSALE, Kind.ARBITRATION) and aftersale_id:
        hints.append(Hint("aftersale", (("aftersale_id", aftersale_id),)))
    return hints


def payload(raw: Any) -> Mapping[str, Any]:
    """Return the fields of a push or an answer: its `data`, as an object or as JSON text, else the whole."""
    whole = object_of(raw)
    inner = whole.get("data")
    if isinstance(inner, Mapping):
        return inner
    if isinstance(inner, str):
        try:
            return object_of(msgspec.json.decode(inner))
        except msgspec.DecodeError:
            return {}
    return whole


def _doudian_aftersale(account_id: int, raw: Mapping[str, Any], is_pulled: bool) -> AftersaleFact | None:
    if not is_pulled:
        return doudian.aftersale_from_push(account_id, raw)
    if "aftersale_info" in raw:
        return doudian.aftersale_from_list(account_id, raw)
    return doudian.aftersale_from_detail(account_id, raw)


def _doudian_route(account_id: int, inbound: Inbound, raw: Mapping[str, Any]) -> Fact | None:
    order_id, tracking_no = id_of(inbound.refs.get("order_id")), id_of(inbound.refs.get("tracking_no"))
    if order_id is None or tracking_no is None:
        return None
    source = Source("doudian", account_id, inbound.occurred_at, is_full=True)
    return route_from_detail(source, order_id, tracking_no, raw)


def _from_refs(account_id: int, inbound: Inbound) -> Fact | None:
    """Facts of channels without an order API (a bridge): only what the refs say in this room's own words."""
    refs = inbound.refs
    source = Source(inbound.channel, account_id, inbound.occurred_at)
    aftersale_id, order_id = id_of(refs.get("aftersale_id")), id_of(refs.get("order_id"))
    if inbound.kind in (Kind.AFTERSALE, Kind.ARBITRATION) and aftersale_id:
        return AftersaleFact(
            source=source,
            platform_aftersale_id=aftersale_id,
            platform_order_id=order_id,
            status=_member(AftersaleStatus, refs.get("status")),
            kind=_member(AftersaleKind, refs.get("kind")),
            arbitration=_member(Arbitration, refs.get("arbitration")),
            status_deadline=time_of(refs.get("status_deadline")),
        )
    if inbound.kind in (Kind.ORDER, Kind.LOGISTICS) and order_id:
        return OrderFact(
            source=source,
            platform_order_id=order_id,
            status=_member(OrderStatus, refs.get("status")),
            pay_fen=int_of(refs.get("pay_fen")),
        )
    return None


def _member(words: Any, value: Any) -> Any:
    return words(value) if value in list(words) else None
