"""Between orders (`trade`) and people (`buyers`): whose order it is, by ids that platforms give, never by names.

An order of 抖店 carries the buyer's open_id of one app; 抖音私信 knows people by the open_id of its own app. The two
compare only where the 抖店 account says that its open_ids are of that app (`open_id_app`, channels.md §6.2).
"""

from __future__ import annotations

from miaohui.buyers import queries as buyers
from miaohui.buyers.events import BuyersSplit
from miaohui.inbox.events import ConversationOpened
from miaohui.kit.tx import Tx
from miaohui.shop import queries as shop
from miaohui.trade import actions as trade
from miaohui.trade.events import OrderMirrored

OPEN_ID = "douyin_open_id"
PEOPLE = "douyin_im"


def link_order_to_buyer(tx: Tx, event: OrderMirrored) -> None:
    """Give a new order to the buyer who is known by its open_id, when somebody is. Inline on `OrderMirrored`."""
    open_ids = [platform_id for space, platform_id in event.buyer_ids if space == OPEN_ID]
    app = _app_of(tx, event.shop_id, event.account_id) if open_ids else ""
    for open_id in open_ids if app else ():
        buyer_id = buyers.find_buyer_id(tx.conn, event.shop_id, PEOPLE, f"app:{app}/{open_id}")
        if buyer_id is not None:
            trade.link_buyer(tx, event.shop_id, event.order_id, buyer_id, f"{OPEN_ID}={open_id}")


def link_orders_to_visitor(tx: Tx, event: ConversationOpened) -> None:
    """Give whoever begins to write the orders that carry their open_id. Inline on `ConversationOpened`."""
    if event.channel == PEOPLE:
        for open_id in _linkable(tx, event.shop_id, event.buyer_id):
            trade.link_orders_of_identity(tx, event.shop_id, OPEN_ID, open_id, event.buyer_id)


def return_orders_after_split(tx: Tx, event: BuyersSplit) -> None:
    """Give the orders of the identities that left back to the restored buyer. Inline on `BuyersSplit`."""
    for open_id in _linkable(tx, event.shop_id, event.restored_id):
        trade.relink_orders_of_identity(tx, event.shop_id, OPEN_ID, open_id, event.restored_id)


def _linkable(tx: Tx, shop_id: int, buyer_id: int) -> list[str]:
    """Return the open_ids of a buyer that orders of some account carry too."""
    rows = shop.list_channel_accounts(tx.conn, shop_id)
    apps = {str(row.config["open_id_app"]) for row in rows if row.config.get("open_id_app")}
    found = []
    for identity in buyers.list_identities(tx.conn, shop_id, buyer_id) if apps else ():
        space, _, open_id = str(identity["platform_id"]).partition("/")
        is_known = space.startswith("app:") and space.removeprefix("app:") in apps
        if identity["channel"] == PEOPLE and is_known and open_id:
            found.append(open_id)
    return found


def _app_of(tx: Tx, shop_id: int, account_id: int) -> str:
    """Return the app whose open_ids an account's orders carry, '' where nobody said."""
    rows = shop.list_channel_accounts(tx.conn, shop_id)
    return next((str(row.config.get("open_id_app", "")) for row in rows if row.id == account_id), "")
