"""HTTP of trade: orders, after-sales, parcels, products; read, and ask the platform again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.trade import actions, queries
from miaohui.trade.model.facts import AftersaleStatus, OrderStatus
from miaohui.trade.model.ticket_fact import TicketStatus
from miaohui.trade.schemas import (
    AftersaleOut,
    AftersalePageOut,
    BuyerOrdersOut,
    OrderDetailOut,
    OrderPageOut,
    ProductsOut,
    ReconcilesOut,
    RefreshOut,
    ServiceTicketOut,
    ServiceTicketPageOut,
    aftersale_out,
    order_detail_out,
    order_out,
    ticket_out,
)

router = APIRouter(prefix="/api", tags=["trade"])
Reader = Annotated[Caller, Depends(require("trade.read"))]
Refresher = Annotated[Caller, Depends(require("trade.refresh"))]
Limit = Annotated[int, Query(ge=1, le=queries.MAX_LIMIT)]


@dataclass(frozen=True)
class Paging:
    """Which page of a list is asked for."""

    cursor: Annotated[str | None, Query(max_length=40)] = None
    limit: Limit = 50


Page = Annotated[Paging, Depends()]


@router.get("/orders", operation_id="list_orders", summary="订单列表", responses=refusals())
async def list_orders(
    caller: Reader,
    rt: Rt,
    at: Page,
    status: OrderStatus | None = None,
    q: Annotated[str, Query(max_length=64, description="订单号或运单号")] = "",
) -> OrderPageOut:
    """Return orders, newest first."""
    page = await rt.read(
        lambda conn: queries.list_orders(
            conn, caller.shop_id, status=status, text=q, cursor=at.cursor, limit=at.limit
        )
    )
    return OrderPageOut(items=[order_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/orders/{order_id}", operation_id="get_order", summary="订单详情", responses=refusals())
async def get_order(order_id: int, caller: Reader, rt: Rt) -> OrderDetailOut:
    """Return an order with items, after-sales and parcels."""
    row = await rt.read(lambda conn: queries.get_order_detail(conn, caller.shop_id, order_id))
    return order_detail_out(row)


@router.post(
    "/orders/{order_id}/refresh", operation_id="refresh_order", summary="重新拉取订单", status_code=202,
    responses=refusals(),
)  # fmt: skip
async def refresh_order(order_id: int, caller: Refresher, rt: Rt) -> RefreshOut:
    """Ask the platform again; the answer arrives on the live feed."""
    count = await rt.write(caller.actor, lambda tx: actions.refresh_order(tx, caller.shop_id, order_id))
    return RefreshOut(asked_count=count)


@router.get(
    "/buyers/{buyer_id}/orders", operation_id="list_buyer_orders", summary="买家的订单（跨平台）",
    responses=refusals(),
)  # fmt: skip
async def list_buyer_orders(buyer_id: int, caller: Reader, rt: Rt, limit: Limit = 20) -> BuyerOrdersOut:
    """Return a buyer's orders over all platforms, newest first."""
    rows = await rt.read(lambda conn: queries.list_orders_of_buyer(conn, caller.shop_id, buyer_id, limit))
    return BuyerOrdersOut(items=[order_out(row) for row in rows])


@router.get("/aftersales", operation_id="list_aftersales", summary="售后单列表", responses=refusals())
async def list_aftersales(
    caller: Reader,
    rt: Rt,
    at: Page,
    status: AftersaleStatus | None = None,
    arbitrated: bool = False,
) -> AftersalePageOut:
    """Return after-sales, newest first."""
    page = await rt.read(
        lambda conn: queries.list_aftersales(
            conn, caller.shop_id, status=status, arbitrated=arbitrated, cursor=at.cursor, limit=at.limit
        )
    )
    return AftersalePageOut(items=[aftersale_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.get(
    "/aftersales/due",
    operation_id="list_due_aftersales",
    summary="临近平台截止时间的售后单",
    responses=refusals(),
)
async def list_due_aftersales(
    caller: Reader,
    rt: Rt,
    before: Annotated[AwareDatetime | None, Query(description="默认：24 小时内")] = None,
    limit: Limit = 100,
) -> AftersalePageOut:
    """Return open after-sales whose platform deadline is near, the most urgent first (domain.md §3.3)."""
    until = before or rt.clock.now() + timedelta(hours=24)
    rows = await rt.read(lambda conn: queries.list_due_aftersales(conn, caller.shop_id, until, limit))
    return AftersalePageOut(items=[aftersale_out(row) for row in rows])


@router.get(
    "/aftersales/{aftersale_id}", operation_id="get_aftersale", summary="售后单详情", responses=refusals()
)
async def get_aftersale(aftersale_id: int, caller: Reader, rt: Rt) -> AftersaleOut:
    """Return an after-sale."""
    return aftersale_out(
        await rt.read(lambda conn: queries.get_aftersale(conn, caller.shop_id, aftersale_id))
    )


@router.post(
    "/aftersales/{aftersale_id}/refresh", operation_id="refresh_aftersale", summary="重新拉取售后单",
    status_code=202, responses=refusals(),
)  # fmt: skip
async def refresh_aftersale(aftersale_id: int, caller: Refresher, rt: Rt) -> RefreshOut:
    """Ask the platform again; the answer arrives on the live feed."""
    count = await rt.write(
        caller.actor, lambda tx: actions.refresh_aftersale(tx, caller.shop_id, aftersale_id)
    )
    return RefreshOut(asked_count=count)


@router.get(
    "/service-tickets", operation_id="list_service_tickets", summary="平台服务单（投诉工单）",
    responses=refusals(),
)  # fmt: skip
async def list_service_tickets(
    caller: Reader,
    rt: Rt,
    at: Page,
    status: TicketStatus | None = None,
    order_number: Annotated[str, Query(max_length=64, description="平台订单号")] = "",
) -> ServiceTicketPageOut:
    """Return complaint tickets as the platform has them, newest first; they are pulled every minute."""
    page = await rt.read(
        lambda conn: queries.list_service_tickets(
            conn, caller.shop_id, status=status, order_number=order_number, cursor=at.cursor, limit=at.limit
        )
    )
    return ServiceTicketPageOut(items=[ticket_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.get(
    "/service-tickets/{ticket_id}", operation_id="get_service_ticket", summary="服务单详情",
    responses=refusals(),
)  # fmt: skip
async def get_service_ticket(ticket_id: int, caller: Reader, rt: Rt) -> ServiceTicketOut:
    """Return one complaint ticket."""
    return ticket_out(await rt.read(lambda conn: queries.get_service_ticket(conn, caller.shop_id, ticket_id)))


@router.get("/products", operation_id="list_products", summary="商品与规格", responses=refusals())
async def list_products(
    caller: Reader, rt: Rt, q: Annotated[str, Query(max_length=64)] = "", limit: Limit = 50
) -> ProductsOut:
    """Return products with their variants."""
    rows = await rt.read(lambda conn: queries.list_products(conn, caller.shop_id, q, limit))
    return ProductsOut.model_validate({"items": rows})


@router.get(
    "/trade/reconciles",
    operation_id="list_trade_reconciles",
    summary="订单与售后的核对进度",
    responses=refusals(),
)
async def list_trade_reconciles(caller: Reader, rt: Rt) -> ReconcilesOut:
    """Return how far each account has been reconciled, and how much was repaired."""
    rows = await rt.read(lambda conn: queries.list_cursors(conn, caller.shop_id))
    return ReconcilesOut.model_validate({"items": rows})
