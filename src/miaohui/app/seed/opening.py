"""What a newcomer finds in the first minute: a buyer who waits too long over a refund, one who has just begun to
wait, a colleague's note, the supervisor's word. On the shop's own chat window, so that answers always arrive.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.engine import Connection

from miaohui.app.seed.channels import WIDGET_KEY, Accounts
from miaohui.app.seed.goods import PastBuyer
from miaohui.app.seed.people import Seat
from miaohui.app.seed.stage import Stage
from miaohui.buyers.actions import merge_buyers
from miaohui.channels.model import Account, Inbound, Kind, Origin, Party, Role, parts
from miaohui.inbox.actions import add_note, assign_conversation
from miaohui.inbox.actions.receive import receive_message
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.kit.tx import Actor, Tx
from miaohui.trade import queries as trade

CLAIM = ("在吗？我的退款", "都申请三天了怎么还没到账", "再不处理我找人工投诉了")
FRESH = "这条裙子 160 穿 S 还是 M？今晚拍明天能发吗"
NOTE = "售后单我看过了：快递已签收退回，等仓库验货，今天内能退。别让她再重复一遍。"
WORD = "@{you} 老客，已经催第三次了。先道歉再给时间，可以送一张运费券。"


def seed_opening(
    stage: Stage, shop_id: int, accounts: Accounts, past: list[PastBuyer], seats: list[Seat]
) -> int:
    """Play the two conversations up to now and give them to the newcomer's seat; return how many."""
    you = next(seat for seat in seats if seat.person.is_you)
    boss = next(seat for seat in seats if seat.person.login == "zhuguan")
    account = Account(shop_id, accounts.widget, WIDGET_KEY, "widget", {})
    buyer = stage.read(lambda conn: _with_aftersale(conn, shop_id, past))
    claim = _play(stage, account, ("opening-1", buyer.name), CLAIM, stage.now - timedelta(seconds=95))
    stage.write(lambda tx: _know(tx, shop_id, claim, buyer), stage.now - timedelta(seconds=60))
    fresh = _play(stage, account, ("opening-2", "一只小橘"), (FRESH,), stage.now)
    for one in (claim, fresh):
        stage.write(partial(_give, shop_id=shop_id, talk=one, to=you.user_id, by=boss.user_id))
    for login, text, mentioned in (("xiaosun", NOTE, []), ("zhuguan", WORD, [you.user_id])):
        seat = next(seat for seat in seats if seat.person.login == login)
        actor = Actor("user", seat.user_id, seat.person.name)
        words = text.format(you=you.person.name)
        stage.write(
            partial(
                add_note, shop_id=shop_id, conversation_id=claim, text=words, mentioned_user_ids=mentioned
            ),
            actor=actor,
        )
    return 2


def _give(tx: Tx, shop_id: int, talk: int, to: int, by: int) -> None:
    group_id = get_conversation(tx.conn, shop_id, talk).group_id
    assign_conversation(tx, shop_id, talk, to, group_id, "transfer", by)


def _with_aftersale(conn: Connection, shop_id: int, past: list[PastBuyer]) -> PastBuyer:
    """Return a buyer of the past who has an order with an after-sale, the newest at best; else the first."""
    found = past[0]
    for one in reversed(past):
        orders = trade.list_orders_of_buyer(conn, shop_id, one.buyer_id)
        if orders and orders[0]["aftersales"]:
            return one
        if any(order["aftersales"] for order in orders):
            found = one
    return found


def _play(
    stage: Stage, account: Account, who: tuple[str, str], texts: tuple[str, ...], until: datetime
) -> int:
    """Let a visitor write, the last line at `until`; return the conversation."""
    visitor, name = who
    talk = 0
    for n, text in enumerate(texts):
        at = until - timedelta(seconds=8 * (len(texts) - 1 - n))
        fact = Inbound(
            "widget", account.key, f"wg:{account.key}:{visitor}:{n}", Kind.MESSAGE, at,
            Party(Role.BUYER, visitor, name, f"widget:{account.key}"), conversation_key=f"v:{visitor}",
            message_key=f"{visitor}-{n}", origin=Origin.WIDGET, entry="订单详情页" if len(texts) > 1 else "商品详情页",
            parts=(parts.Text(text),),
        )  # fmt: skip
        talk = stage.write(partial(receive_message, account=account, fact=fact), at).conversation_id
    return talk


def _know(tx: Tx, shop_id: int, conversation_id: int, buyer: PastBuyer) -> None:
    """Say who the visitor is: somebody who bought before."""
    visitor = get_conversation(tx.conn, shop_id, conversation_id).buyer_id
    merge_buyers(tx, shop_id, buyer.buyer_id, visitor, "示例：登录了网站，手机号与订单相同")
