"""Releasing: a chat leaves its agent and finds another, or waits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.actions.floor import Floor
from miaohui.routing.actions.place import Move, place
from miaohui.routing.store.chats import ChatRow


def exclude(tx: Tx, floor: Floor, chat: ChatRow, user_id: int, reason: str) -> None:
    """Keep the chat from coming back to somebody for a while."""
    if floor.rules.exclusion_s:
        until = tx.now + timedelta(seconds=floor.rules.exclusion_s)
        store.seats.exclude(tx.conn, floor.shop_id, chat.conversation_id, user_id, (until, reason))
        tx.ring("timers")


def release(tx: Tx, floor: Floor, chat: ChatRow, move: Move) -> int | None:
    """Take a chat from its agent and place it again, with anybody else; return the new agent."""
    if chat.agent_id is not None:
        exclude(tx, floor, chat, chat.agent_id, move.trigger)
    return place(tx, floor, chat, move)


def release_all(tx: Tx, floor: Floor, conversation_ids: Iterable[int], move: Move) -> int:
    """Release several chats; return how many."""
    count = 0
    for conversation_id in conversation_ids:
        chat = store.chats.find(tx.conn, floor.shop_id, conversation_id)
        if chat is not None and chat.agent_id is not None:
            release(tx, floor, chat, move)
            count += 1
    return count
