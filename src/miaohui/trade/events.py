"""What happened in trade, as facts: ids, statuses and deadlines, never personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class OrderMirrored:
    """An order is new here or changed. `buyer_ids`: (id space, platform id) pairs, the evidence for linking.

    `previous_status` is None when the order is new; equal to `status` when something else changed.
    """

    shop_id: int
    order_id: int
    account_id: int
    channel: str
    platform_order_id: str
    status: str | None
    previous_status: str | None
    buyer_ids: tuple[tuple[str, str], ...]
    at: datetime


@dataclass(frozen=True)
class AftersaleMirrored:
    """An after-sale is new here or changed. An open `arbitration` triggers level 4 (spec §5.1)."""

    shop_id: int
    aftersale_id: int
    channel: str
    platform_aftersale_id: str
    platform_order_id: str | None
    status: str | None
    previous_status: str | None
    arbitration: str | None
    previous_arbitration: str | None
    status_deadline: datetime | None
    at: datetime


@dataclass(frozen=True)
class ServiceTicketMirrored:
    """A complaint ticket (服务单) is new here or changed: what complaint tracing begins with (spec §7.2)."""

    shop_id: int
    ticket_id: int
    channel: str
    platform_ticket_id: str
    platform_order_id: str | None
    status: str | None
    previous_status: str | None
    at: datetime


@dataclass(frozen=True)
class ParcelMirrored:
    """A parcel is new here or moved."""

    shop_id: int
    parcel_id: int
    channel: str
    platform_order_id: str
    tracking_no: str
    state: str
    previous_state: str | None
    at: datetime


@dataclass(frozen=True)
class OrderLinked:
    """An order now belongs to a buyer. `evidence` says why (an id pair, an order card, a merge)."""

    shop_id: int
    order_id: int
    platform_order_id: str
    buyer_id: int
    evidence: str
