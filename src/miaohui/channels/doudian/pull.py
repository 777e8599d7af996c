"""Orders, after-sales and service tickets read again: parameters and answers. Pure.

Pushes are hints, the lists are the truth: each round reads what changed since the last one, minus an overlap
of at least ten minutes. Pages go by the time of the last row instead of by number, so that rows which change
while we read cannot make us skip others. Source: channels.md §1.3–1.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from miaohui.channels.doudian.push import CHANNEL, EPOCH, moment
from miaohui.channels.model import Account, Inbound, Kind, Origin, Party, Role, content_key, text_id

STREAMS = ("orders", "aftersales", "service_tickets")
PAGE_SIZE = 100
OVERLAP_S = 900
MIN_OVERLAP_S = 600


@dataclass(frozen=True)
class Window:
    """Where a round of reading stands. Units: Unix seconds; pages from 0."""

    start_s: int
    end_s: int
    page: int = 0

    @classmethod
    def opened(cls, account: Account, since: datetime, now: datetime) -> Window:
        overlap_s = max(MIN_OVERLAP_S, int(account.config.get("overlap_s", OVERLAP_S)))
        return cls(max(0, int(since.timestamp()) - overlap_s), int(now.timestamp()))

    @classmethod
    def parsed(cls, cursor: str) -> Window:
        start_s, end_s, page = cursor.split(":")
        return cls(int(start_s), int(end_s), int(page))

    def __str__(self) -> str:
        return f"{self.start_s}:{self.end_s}:{self.page}"

    def after(self, update_times_s: Sequence[int]) -> Window | None:
        """Return where to go on after a page with these update times; None when it was the last one."""
        if len(update_times_s) < PAGE_SIZE:
            return None
        newest = update_times_s[-1]
        if newest > self.start_s and sorted(update_times_s) == list(update_times_s):
            return Window(newest, self.end_s)
        return replace(self, page=self.page + 1)


def request(stream: str, window: Window) -> tuple[str, dict[str, Any]]:
    """Return path and parameters of one page, oldest change first."""
    if stream == "orders":
        return "order/searchList", {
            "update_time_start": window.start_s, "update_time_end": window.end_s, "order_by": "update_time",
            "order_asc": True, "page": window.page, "size": PAGE_SIZE,
        }  # fmt: skip
    if stream == "aftersales":
        return "afterSale/List", {
            "update_start_time": window.start_s, "update_end_time": window.end_s,
            "order_by": ["update_time asc"], "page": window.page, "size": PAGE_SIZE,
        }  # fmt: skip
    if stream == "service_tickets":
        return "order/getServiceList", {
            "start_time": window.start_s, "end_time": window.end_s, "order_by": "update_time", "order": "ASC",
            "page": window.page + 1, "size": PAGE_SIZE,
        }  # fmt: skip
    raise ValueError(f"no stream {stream!r}: one of {', '.join(STREAMS)}")


def rows_of(stream: str, data: Any) -> list[Mapping[str, Any]]:
    """Return the rows of one page."""
    name = {"orders": "shop_order_list", "aftersales": "items", "service_tickets": "list"}[stream]
    rows = data.get(name) if isinstance(data, Mapping) else None
    return [row for row in rows or [] if isinstance(row, Mapping)]


def fact(stream: str, row: Mapping[str, Any], account: Account) -> Inbound:
    """Return the fact of one row."""
    return _READERS[stream](row, account)


def order_fact(row: Mapping[str, Any], account: Account, shape: str = "order_list") -> Inbound:
    """Return the fact of an order as `order.searchList` and `order.orderDetail` show it."""
    order_id = text_id(row.get("order_id")) or text_id(row.get("shop_order_id"))
    subs = row.get("sku_order_list") if isinstance(row.get("sku_order_list"), list) else []
    refs = {
        "order_id": order_id,
        "status": text_id(row.get("order_status")),
        "sub_order_ids": [text_id(sub.get("order_id")) for sub in subs or [] if isinstance(sub, Mapping)],
        "doudian_open_id": text_id(row.get("doudian_open_id")),
    }
    status = f"{refs['status']}:{text_id(row.get('main_status'))}"
    return _pulled(Kind.ORDER, f"order:{order_id}:{status}", row, refs | {"shape": shape}, account)


def aftersale_fact(row: Mapping[str, Any], account: Account) -> Inbound:
    """Return the fact of one row of `afterSale.List`."""
    info, order = _object(row.get("aftersale_info")), _object(row.get("order_info"))
    aftersale_id, status = text_id(info.get("aftersale_id")), text_id(info.get("aftersale_status"))
    refs = {
        "aftersale_id": aftersale_id,
        "order_id": text_id(order.get("shop_order_id")) or text_id(info.get("related_id")),
        "status": status,
        "arbitrate_status": text_id(info.get("arbitrate_status")),
        "shape": "aftersale_list",
    }
    name = f"aftersale:{aftersale_id}:{status}:{refs['arbitrate_status']}"
    return _pulled(Kind.AFTERSALE, name, row, refs, account, info.get("update_time"))


def aftersale_detail_fact(row: Mapping[str, Any], account: Account) -> Inbound:
    """Return the fact of an `afterSale.Detail` answer."""
    process = _object(row.get("process_info"))
    info = _object(process.get("after_sale_info"))
    aftersale_id, status = text_id(info.get("after_sale_id")), text_id(info.get("after_sale_status"))
    order_id = text_id(_object(row.get("order_info")).get("shop_order_id"))
    refs = {"aftersale_id": aftersale_id, "order_id": order_id, "status": status, "shape": "aftersale_detail"}
    name = f"aftersale:{aftersale_id}:{status}:detail"
    return _pulled(Kind.AFTERSALE, name, row, refs, account, info.get("update_time"))


def ticket_fact(row: Mapping[str, Any], account: Account) -> Inbound:
    """Return the fact of one complaint ticket (服务单)."""
    ticket_id, status = text_id(row.get("id")), text_id(row.get("operate_status"))
    refs = {
        "service_id": ticket_id, "order_id": text_id(row.get("order_id")), "status": status,
        "shape": "service_ticket",
    }  # fmt: skip
    return _pulled(Kind.SERVICE_TICKET, f"ticket:{ticket_id}:{status}", row, refs, account)


def route_fact(data: Mapping[str, Any], tracking_no: str, account: Account) -> Inbound:
    """Return the fact of a parcel's route. The platform spells the list `route__node_list` in one SDK."""
    nodes = data.get("route_node_list") or data.get("route__node_list") or []
    times = [moment(node.get("timestamp")) for node in nodes if isinstance(node, Mapping)]
    newest = max((at for at in times if at is not None), default=EPOCH)
    refs = {"tracking_no": tracking_no, "shape": "logistics_route"}
    name = f"route:{tracking_no}:{len(nodes)}"
    return _pulled(Kind.LOGISTICS, name, data, refs, account, str(int(newest.timestamp())))


def update_time_s(row: Mapping[str, Any]) -> int:
    """Return a row's update time in Unix seconds, 0 where it has none."""
    info = row.get("aftersale_info")
    at = moment((info if isinstance(info, Mapping) else row).get("update_time"))
    return 0 if at is None else int(at.timestamp())


_READERS = {"orders": order_fact, "aftersales": aftersale_fact, "service_tickets": ticket_fact}


def _pulled(
    kind: Kind, name: str, row: Mapping[str, Any], refs: dict[str, Any], account: Account, updated: Any = None
) -> Inbound:  # fmt: skip
    at = moment(row.get("update_time") if updated is None else updated) or EPOCH
    return Inbound(
        channel=CHANNEL,
        account_key=account.key,
        event_key=f"dd:{account.key}:{name}:{int(at.timestamp())}:{content_key(repr(row))[:12]}",
        kind=kind,
        occurred_at=at,
        actor=Party(Role.SYSTEM, text_id(account.config.get("platform_shop_id")), "抖店", "shop"),
        origin=Origin.PULL,
        refs={key: value for key, value in refs.items() if value},
        raw=dict(row),
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
