"""A buyer asks for a person, or threatens: the chat goes ahead, and everybody sees why (spec §3.3)."""

from __future__ import annotations

from miaohui.inbox import actions as inbox
from miaohui.inbox.events import MessageReceived
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.kit.tx import Tx
from miaohui.phrasebook.model.handover import HANDOVER_WORDS, heard_word
from miaohui.routing import store
from miaohui.routing.actions.priority import reprioritise
from miaohui.shop.queries import get_rulebook


def hear_handover_word(tx: Tx, event: MessageReceived) -> None:
    """Follow a buyer's message that holds a hand-over word: priority, and a head start in the queue."""
    if event.kind != "text":
        return
    words = get_rulebook(tx.conn, event.shop_id, tx.now).policy(HANDOVER_WORDS.kind, tx.now)
    word = heard_word(event.text, words)
    if word is None:
        return
    if get_conversation(tx.conn, event.shop_id, event.conversation_id).priority == 0:
        inbox.set_priority(tx, event.shop_id, event.conversation_id, 1, f"handover_word:{word}")
    if store.chats.find(tx.conn, event.shop_id, event.conversation_id) is not None:
        reprioritise(tx, event.shop_id, event.conversation_id, "handover")
