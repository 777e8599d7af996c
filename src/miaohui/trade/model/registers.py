"""How facts become one mirror, whatever their order. Pure.

A mirror is a map of registers: field → (value, version). Taking in a fact keeps, for every field it names,
the value with the larger version; that is commutative, associative and idempotent, so every permutation and
every duplication of the same facts gives the same mirror (reliability.md F7, R3).

Versions compare as `(rank, at_ms, weight, text of the value)`. For most fields the rank is 0 and the
platform's time decides. An order's status ranks first by how far it is in an order's life, which only goes
forward. An after-sale may be refused and asked for again, so there time decides and the rank only separates
facts of the same second, except that success is final.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

import msgspec

from miaohui.trade.model.facts import (
    AFTERSALE_RANK,
    ARBITRATION_RANK,
    ORDER_RANK,
    PARCEL_RANK,
    AftersaleFact,
    AftersaleStatus,
    Arbitration,
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
from miaohui.trade.model.ticket_fact import ServiceTicketFact

Version = tuple[int, int, int, int]
Register = tuple[Any, Version]
Registers = dict[str, Register]
RankOf = Callable[[str, Any], tuple[int, int]]

FULL, PUSHED = 2, 1
_PARTS = {"source", "items", "parcels", "buyer_ids", "skus", "nodes"}
_EPOCH_MS = 0


def no_rank(name: str, value: Any) -> tuple[int, int]:
    """Return (first, second) = (0, 0): time decides."""
    return 0, 0


def order_rank(name: str, value: Any) -> tuple[int, int]:
    """Return the rank of an order's or item's status before its time."""
    return (ORDER_RANK[OrderStatus(value)], 0) if name == "status" else (0, 0)


def aftersale_rank(name: str, value: Any) -> tuple[int, int]:
    """Return the rank of an after-sale's status or arbitration: success first, else among equal times."""
    if name == "status":
        status = AftersaleStatus(value)
        return int(status is AftersaleStatus.SUCCEEDED), AFTERSALE_RANK[status]
    if name == "arbitration":
        return 0, ARBITRATION_RANK[Arbitration(value)]
    return 0, 0


def plain(value: Any) -> Any:
    """Return `value` as JSON: enums by value, times as milliseconds since 1970, tuples as lists."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    if isinstance(value, tuple):
        return [plain(v) for v in value]
    return value


def said_fields(fact: Any) -> dict[str, Any]:
    """Return the fields that a fact speaks of, as JSON values; parts of their own (items, nodes) left out."""
    return {
        field.name: plain(getattr(fact, field.name))
        for field in fields(fact)
        if field.name not in _PARTS and getattr(fact, field.name) is not None
    }


def merged(mine: Mapping[str, Register], said: Mapping[str, Any], source: Source, rank: RankOf) -> Registers:
    """Return the registers after taking in what `source` said."""
    at_ms = plain(source.at) if source.at is not None else _EPOCH_MS
    weight = FULL if source.is_full else PUSHED
    result = dict(mine)
    for name, value in said.items():
        first, second = rank(name, value)
        new: Register = (value, (first, at_ms, second, weight))
        if name not in result or _order(new) > _order(result[name]):
            result[name] = new
    return result


def _order(register: Register) -> tuple[Version, bytes]:
    """Return what registers compare by: version, then the value's text, so that ties have one winner."""
    value, version = register
    return tuple(version), msgspec.json.encode(value, order="deterministic")  # type: ignore[return-value]


def value_of(registers: Mapping[str, Register], name: str, default: Any = None) -> Any:
    """Return a field's value, or `default` when nobody spoke of it."""
    return registers[name][0] if name in registers else default


def order_registers(mine: Mapping[str, Register], fact: OrderFact) -> Registers:
    """Return an order's registers after `fact`, its own fields only."""
    return merged(mine, said_fields(fact), fact.source, order_rank)


def item_registers(mine: Mapping[str, Register], fact: OrderItemFact, source: Source) -> Registers:
    """Return a sub-order's registers after `fact`."""
    return merged(mine, said_fields(fact), source, order_rank)


def aftersale_registers(mine: Mapping[str, Register], fact: AftersaleFact) -> Registers:
    """Return an after-sale's registers after `fact`."""
    return merged(mine, said_fields(fact), fact.source, aftersale_rank)


def ticket_registers(mine: Mapping[str, Register], fact: ServiceTicketFact) -> Registers:
    """Return a complaint ticket's registers after `fact`: the newest word counts, a closed one may be opened again."""
    return merged(mine, said_fields(fact), fact.source, no_rank)


def parcel_registers(mine: Mapping[str, Register], fact: ParcelFact) -> Registers:
    """Return a parcel's registers after `fact`; the newest line of its route is `newest_node`."""
    result = merged(mine, said_fields(fact), fact.source, no_rank)
    for node in fact.nodes:
        source = Source(fact.source.channel, fact.source.account_id, node.at, is_full=True)
        result = merged(result, {"newest_node": _node_value(node)}, source, _node_rank)
    return result


def _node_value(node: RouteNode) -> dict[str, Any]:
    return {"at": plain(node.at), "text": node.text, "state": node.state.value, "site": node.site}


def _node_rank(name: str, value: Any) -> tuple[int, int]:
    """A signature ends a route: nodes that a carrier files later (its own bookkeeping) do not undo it."""
    state = ParcelState(value["state"])
    return int(state in (ParcelState.SIGNED, ParcelState.RETURNED)), PARCEL_RANK[state]


def product_registers(mine: Mapping[str, Register], fact: ProductFact) -> Registers:
    """Return a product's registers after `fact`."""
    return merged(mine, said_fields(fact), fact.source, no_rank)


def sku_registers(mine: Mapping[str, Register], fact: SkuFact, source: Source) -> Registers:
    """Return a variant's registers after `fact`."""
    return merged(mine, said_fields(fact), source, no_rank)
