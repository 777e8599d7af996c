"""What a platform says about a complaint ticket (服务单). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from miaohui.trade.model.facts import Source


class TicketStatus(StrEnum):
    """Where a complaint ticket stands. `OTHER`: the platform says something that we do not know; its words are kept."""

    OPEN = "open"
    REVIEWING = "reviewing"
    CLOSED = "closed"
    OTHER = "other"


TICKET_STATUS_ZH = {
    TicketStatus.OPEN: "待商家处理", TicketStatus.REVIEWING: "平台审核中", TicketStatus.CLOSED: "已完结",
    TicketStatus.OTHER: "其他",
}  # fmt: skip


@dataclass(frozen=True)
class ServiceTicketFact:
    """What is known of one complaint ticket (服务单). The platform pushes none: it is pulled (channels.md §1.4)."""

    source: Source
    platform_ticket_id: str
    platform_order_id: str | None = None
    status: TicketStatus | None = None
    status_said: str | None = None
    service_type: int | None = None
    detail: str | None = None
    reply: str | None = None
    opened_at: datetime | None = None
    replied_at: datetime | None = None
