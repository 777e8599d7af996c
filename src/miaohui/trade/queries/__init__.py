"""Public reads of trade. Values come from the mirror; nothing personal is in clear there."""

from miaohui.trade.queries.aftersales import get_aftersale, list_aftersales, list_due_aftersales
from miaohui.trade.queries.cursors import find_cursor, list_cursors
from miaohui.trade.queries.orders import (
    count_orders_of_day,
    find_order,
    find_order_by_number,
    get_order_detail,
    list_buyer_ids_of_order,
    list_orders,
    list_orders_of_buyer,
    list_parcels_of_order,
)
from miaohui.trade.queries.products import find_product, get_product, list_products
from miaohui.trade.queries.shown import MAX_LIMIT, Page
from miaohui.trade.queries.tickets import get_service_ticket, list_service_tickets

__all__ = [
    "MAX_LIMIT",
    "Page",
    "count_orders_of_day",
    "find_cursor",
    "find_order",
    "find_order_by_number",
    "find_product",
    "get_aftersale",
    "get_order_detail",
    "get_product",
    "get_service_ticket",
    "list_aftersales",
    "list_buyer_ids_of_order",
    "list_cursors",
    "list_due_aftersales",
    "list_orders",
    "list_orders_of_buyer",
    "list_parcels_of_order",
    "list_products",
    "list_service_tickets",
]
