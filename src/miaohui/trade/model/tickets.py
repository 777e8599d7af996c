"""抖店 complaint tickets (服务单) → facts. Pure; fields as in `order.getServiceList` (channels.md §1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miaohui.trade.model.facts import Source
from miaohui.trade.model.reading import id_of, int_of, text_of, time_of
from miaohui.trade.model.ticket_fact import ServiceTicketFact, TicketStatus

# Second-hand: 0 waits for the shop, 10 is with the platform's reviewers; the end is told by words and by number.
STATUS = {0: TicketStatus.OPEN, 10: TicketStatus.REVIEWING, 20: TicketStatus.CLOSED, 30: TicketStatus.CLOSED}
CLOSED_WORDS = ("完结", "已关闭", "已完成", "已处理", "审核通过")


def ticket_from_list(account_id: int, row: Mapping[str, Any]) -> ServiceTicketFact | None:
    """Return what one row of `order.getServiceList` says; None without a ticket id."""
    ticket_id = id_of(row.get("id"))
    if ticket_id is None:
        return None
    said = text_of(row.get("operate_status_desc"))
    return ServiceTicketFact(
        source=Source("doudian", account_id, time_of(row.get("update_time")), is_full=True),
        platform_ticket_id=ticket_id,
        platform_order_id=id_of(row.get("order_id")),
        status=_status(int_of(row.get("operate_status")), said or ""),
        status_said=said,
        service_type=int_of(row.get("service_type")),
        detail=text_of(row.get("detail")),
        reply=text_of(row.get("reply")),
        opened_at=time_of(row.get("create_time")),
        replied_at=time_of(row.get("reply_time")),
    )


def _status(number: int | None, said: str) -> TicketStatus | None:
    if any(word in said for word in CLOSED_WORDS):
        return TicketStatus.CLOSED
    return None if number is None else STATUS.get(number, TicketStatus.OTHER)
