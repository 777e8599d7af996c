"""Priorities: a head start in seconds, given for a reason."""

from __future__ import annotations

from typing import Protocol

import msgspec

from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.model import BOOSTS_ZH, NOT_ROUTED, rank_at


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
    store.lanes.rerank(tx.conn, shop_id, conversation_id, rank, boosts)
    tx.feed(shop_id, ["board", f"group:{chat.group_id}"], "routing.conversation_reprioritised", {
        "conversation_id": conversation_id, "boost": boost, "seconds": seconds, "rank_at": rank,
    })  # fmt: skip
    return True


def on_clock_warned(tx: Tx, event: ClockWarned) -> None:
    """Let a chat whose reply is nearly due go ahead in the queue."""
    if store.chats.find(tx.conn, event.shop_id, event.conversation_id) is not None:
        reprioritise(tx, event.shop_id, event.conversation_id, "breach")
