"""Public verbs of trade."""

from miaohui.trade.actions.links import (
    follow_merged_buyers,
    link_buyer,
    link_order_of_number,
    link_orders_of_identity,
    relink_orders_of_identity,
)
from miaohui.trade.actions.mirror_aftersale import mirror_aftersale
from miaohui.trade.actions.mirror_order import Mirrored, mirror_order
from miaohui.trade.actions.mirror_parcel import mirror_parcel
from miaohui.trade.actions.mirror_product import mirror_product
from miaohui.trade.actions.mirror_ticket import mirror_ticket
from miaohui.trade.actions.reconcile import Look, note_failure, note_page
from miaohui.trade.actions.refresh import refresh_aftersale, refresh_order
from miaohui.trade.actions.take_in import ask_details, note_unreadable, take_in_fact, take_in_inbound

__all__ = [
    "Look",
    "Mirrored",
    "ask_details",
    "follow_merged_buyers",
    "link_buyer",
    "link_order_of_number",
    "link_orders_of_identity",
    "mirror_aftersale",
    "mirror_order",
    "mirror_parcel",
    "mirror_product",
    "mirror_ticket",
    "note_failure",
    "note_page",
    "note_unreadable",
    "refresh_aftersale",
    "refresh_order",
    "relink_orders_of_identity",
    "take_in_fact",
    "take_in_inbound",
]
