"""Priorities: a head start in seconds, given for a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from miaohui.inbox.events import ConversationLabelled
from miaohui.inbox.queries.lists import labels_of
from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.model import BOOSTS_ZH, NOT_ROUTED, rank_at
from miaohui.routing.store.chats import ChatRow


class ClockWarned(Protocol):
    """What routing reads of `sla.events.ClockWarned`."""

    @property
    def shop_id(self) -> int: ...

    @property
    def conversation_id(self) -> int: ...


def reprioritise(tx: Tx, shop_id: int, conversation_id: int, boost: str) -> bool:
    """Move a waiting chat forward by the head start of `boost` (live, vip, breach, complaint), once each.

    Returns whether it moved; a chat that somebody has keeps the boost for the next time it waits.
    Raises: Refusal routing.not_routed; KeyError for a boost that is not in the rules' catalogue.
    """
    if boost not in BOOSTS_ZH:
        raise KeyError(boost)
    chat = store.chats.find(tx.conn, shop_id, conversation_id)
    if chat is None:
        NOT_ROUTED.refuse(conversation_id=conversation_id)
    _, rules = store.rows.get_rules(tx.conn, shop_id)
    seconds = rules.boosts_s.get(boost, 0)
    if boost in chat.boosts or seconds == 0:
        return False
    before = sum(chat.boosts.values())
    chat.boosts[boost] = seconds
    boosts = msgspec.json.encode(chat.boosts).decode()
    if not chat.is_waiting or chat.rank_at is None:
        store.chats.set_boosts(tx.conn, shop_id, conversation_id, boosts)
        return False
    # `rank_at` holds the boosts it was made with, so the new one is taken off on top of them.
    rank = rank_at(chat.rank_at, sum(chat.boosts.values()) - before)
    _rerank(tx, shop_id, chat, boosts, (boost, seconds, rank))
    return True


def withdraw_boost(tx: Tx, shop_id: int, conversation_id: int, boost: str) -> bool:
    """Take a head start back, for its reason is gone; returns whether a waiting chat moved."""
    chat = store.chats.find(tx.conn, shop_id, conversation_id)
    if chat is None or boost not in chat.boosts:
        return False
    before = sum(chat.boosts.values())
    seconds = chat.boosts.pop(boost)
    boosts = msgspec.json.encode(chat.boosts).decode()
    if not chat.is_waiting or chat.rank_at is None:
        store.chats.set_boosts(tx.conn, shop_id, conversation_id, boosts)
        return False
    rank = rank_at(chat.rank_at, sum(chat.boosts.values()) - before)
    _rerank(tx, shop_id, chat, boosts, (boost, -seconds, rank))
    return True


def _rerank(tx: Tx, shop_id: int, chat: ChatRow, boosts: str, step: tuple[str, int, datetime]) -> None:
    boost, seconds, rank = step
    store.lanes.rerank(tx.conn, shop_id, chat.conversation_id, rank, boosts)
    tx.feed(shop_id, ["board", f"group:{chat.group_id}"], "routing.conversation_reprioritised", {
        "conversation_id": chat.conversation_id, "boost": boost, "seconds": seconds, "rank_at": rank,
    })  # fmt: skip


def on_labelled(tx: Tx, event: ConversationLabelled) -> None:
    """Follow a label for which the rules have a head start (VIP, 投诉风险 …), put on or taken off (house §4 step 8).

    Another label on the conversation that gives the same head start keeps it.
    """
    shop_id, talk = event.shop_id, event.conversation_id
    if store.chats.find(tx.conn, shop_id, talk) is None:
        return
    _, rules = store.rows.get_rules(tx.conn, shop_id)
    boost = rules.label_boosts.get(str(event.label_id))
    if boost is None:
        return
    if event.is_on:
        reprioritise(tx, shop_id, talk, boost)
        return
    left = labels_of(tx.conn, shop_id, [talk]).get(talk, [])
    if not any(rules.label_boosts.get(str(label)) == boost for label in left):
        withdraw_boost(tx, shop_id, talk, boost)


def on_clock_warned(tx: Tx, event: ClockWarned) -> None:
    """Let a chat whose reply is nearly due go ahead in the queue."""
    if store.chats.find(tx.conn, event.shop_id, event.conversation_id) is not None:
        reprioritise(tx, event.shop_id, event.conversation_id, "breach")
