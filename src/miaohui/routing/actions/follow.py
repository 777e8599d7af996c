"""What routing does when something happens elsewhere. Every function here is an inline handler."""

from __future__ import annotations

from datetime import timedelta

from miaohui.inbox.events import (
    ConversationAssigned,
    ConversationClosed,
    ConversationOpened,
    MessageReceived,
    ReplyQueued,
    ReplySent,
)
from miaohui.inbox.queries.conversations import get_conversation, list_of_buyer
from miaohui.inbox.queries.lists import labels_of
from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.actions.drain import drain
from miaohui.routing.actions.floor import Floor, read_floor
from miaohui.routing.actions.place import Move, place
from miaohui.routing.actions.presence import note_heartbeat
from miaohui.routing.actions.release import release
from miaohui.routing.model import OFFLINE_MESSAGE, PLACED, Entry, entry_of, home_group, need_key, needs_of
from miaohui.routing.store.chats import ChatRow
from miaohui.routing.store.rows import DecisionRow
from miaohui.staff import queries as staff_queries

LABELS_OF_LATEST = 20


def on_opened(tx: Tx, event: ConversationOpened) -> None:
    """Place a new or reopened conversation; the agent who served the buyer last comes first."""
    store.chats.gate(tx.conn, event.shop_id)
    floor = read_floor(tx, event.shop_id)
    chat = _new_chat(tx, floor, event)
    chat.boosts.update(label_boosts(tx, floor, chat.buyer_id))
    if store.chats.insert(tx.conn, event.shop_id, chat):
        place(tx, floor, chat, Move("reopened" if event.reopened else "opened"))


def _new_chat(tx: Tx, floor: Floor, event: ConversationOpened) -> ChatRow:
    entry = entry_of(event.entry)
    groups = staff_queries.list_groups(tx.conn, event.shop_id)
    known = event.group_id is not None and any(g.id == event.group_id for g in groups)
    group_id = event.group_id if known and event.group_id else home_group(floor.rules, entry, groups)
    return _chat(floor, (event.conversation_id, event.buyer_id), entry, group_id, event.reopened)


def _chat(floor: Floor, ids: tuple[int, int], entry: Entry, group_id: int, reopened: bool) -> ChatRow:
    names = [name for name, holds in (("live", entry is Entry.LIVE), ("reopened", reopened)) if holds]
    boosts = {name: floor.rules.boosts_s.get(name, 0) for name in names}
    return ChatRow(
        conversation_id=ids[0], buyer_id=ids[1], entry=entry.value, state="opening", group_id=group_id,
        agent_id=None, need=need_key(needs_of(floor.rules, entry)), opened_at=floor.now, queued_at=None,
        rank_at=None, boosts=boosts, overflow_at=None, overflow_step=0, placed_at=None,
        awaiting_since_at=None, first_answer_at=None, retransfer_at=None, moves=0, version=1,
    )  # fmt: skip


def label_boosts(tx: Tx, floor: Floor, buyer_id: int) -> dict[str, int]:
    """Return the head starts that the labels on the buyer's latest conversations give."""
    wanted = floor.rules.label_boosts
    if not wanted:
        return {}
    talks = [c.id for c in list_of_buyer(tx.conn, floor.shop_id, buyer_id, LABELS_OF_LATEST)]
    labels = {label for found in labels_of(tx.conn, floor.shop_id, talks).values() for label in found}
    names = {wanted[str(label)] for label in labels if str(label) in wanted}
    return {name: floor.rules.boosts_s.get(name, 0) for name in sorted(names)}


def on_message(tx: Tx, event: MessageReceived) -> None:
    """Note that the buyer waits for an answer. One statement for every further message of a round."""
    found = store.chats.buyer_wrote(tx.conn, event.shop_id, event.conversation_id, tx.now)
    if found is None:
        return
    state, agent_id, was_answered = found
    if state == PLACED and agent_id is not None:
        _watch_answer(tx, event, agent_id, was_answered)
    elif state == OFFLINE_MESSAGE:
        _requeue(tx, event)


def _watch_answer(tx: Tx, event: MessageReceived, agent_id: int, was_answered: bool) -> None:
    row = store.seats.find_presence(tx.conn, event.shop_id, agent_id)
    if row is not None and row.standing.unreachable_at is not None:
        _release_one(tx, event.shop_id, event.conversation_id, Move("unreachable"))
    elif not was_answered:
        _, rules = store.rows.get_rules(tx.conn, event.shop_id)
        due = tx.now + timedelta(seconds=rules.retransfer_after_s)
        store.chats.set_retransfer(tx.conn, event.shop_id, event.conversation_id, due)
        tx.ring("timers")


def _release_one(tx: Tx, shop_id: int, conversation_id: int, move: Move) -> None:
    store.chats.gate(tx.conn, shop_id)
    chat = store.chats.find(tx.conn, shop_id, conversation_id)
    if chat is not None and chat.agent_id is not None:
        release(tx, read_floor(tx, shop_id), chat, move)


def _requeue(tx: Tx, event: MessageReceived) -> None:
    """A buyer who left a message (留言) writes again while somebody is here: back into the queue."""
    store.chats.gate(tx.conn, event.shop_id)
    floor = read_floor(tx, event.shop_id)
    chat = store.chats.find(tx.conn, event.shop_id, event.conversation_id)
    if floor.is_open and chat is not None and chat.state == OFFLINE_MESSAGE:
        place(tx, floor, chat, Move("requeued"))


def on_reply_queued(tx: Tx, event: ReplyQueued) -> None:
    """Somebody who writes is alive, whatever their socket says."""
    if event.agent_id is not None:
        note_heartbeat(tx, event.shop_id, event.agent_id)


def on_reply_sent(tx: Tx, event: ReplySent) -> None:
    """Note the answer, remember who serves the buyer, and use the room that answering makes."""
    if event.by_robot:
        return
    found = store.chats.answered(tx.conn, event.shop_id, event.conversation_id, event.sent_at)
    if found is None:
        return
    _, owner_id, buyer_id = found
    agent_id = event.agent_id if event.agent_id is not None else owner_id
    if agent_id is not None:
        store.seats.note_served(tx.conn, event.shop_id, buyer_id, agent_id, event.sent_at)
    _, rules = store.rows.get_rules(tx.conn, event.shop_id)
    if rules.shrink and owner_id is not None:
        drain(tx, event.shop_id)


def on_closed(tx: Tx, event: ConversationClosed) -> None:
    """Forget the chat; its place goes to whoever waits, now."""
    found = store.chats.delete(tx.conn, event.shop_id, event.conversation_id)
    if found is None:
        return
    agent_id, _ = found
    store.seats.include_all(tx.conn, event.shop_id, event.conversation_id)
    if agent_id is None:
        store.lanes.leave(tx.conn, event.shop_id, event.conversation_id)
    else:
        drain(tx, event.shop_id)


def on_assigned(tx: Tx, event: ConversationAssigned) -> None:
    """Follow an assignment that was made elsewhere; our own ones are in the row already."""
    chat = store.chats.find(tx.conn, event.shop_id, event.conversation_id)
    if chat is not None and chat.agent_id == event.agent_id:
        return
    store.chats.gate(tx.conn, event.shop_id)
    floor = read_floor(tx, event.shop_id)
    if chat is None:
        chat = _adopt(tx, floor, event)
    move = Move("outside", event.by_user_id, event.reason)
    if event.agent_id is None:
        release(tx, floor, chat, move)
    else:
        _take_note(tx, floor, chat, event)
        drain(tx, event.shop_id, floor)


def _adopt(tx: Tx, floor: Floor, event: ConversationAssigned) -> ChatRow:
    """Begin to follow a conversation that routing did not see open (imported, or older than routing)."""
    found = get_conversation(tx.conn, event.shop_id, event.conversation_id)
    ids = (event.conversation_id, found.buyer_id)
    chat = _chat(floor, ids, entry_of(found.entry), event.group_id or 0, False)
    chat.awaiting_since_at = found.waiting_since
    store.chats.insert(tx.conn, event.shop_id, chat)
    return chat


def _take_note(tx: Tx, floor: Floor, chat: ChatRow, event: ConversationAssigned) -> None:
    before, queued_at = chat.agent_id, chat.queued_at
    awaits = chat.awaiting_since_at is not None
    chat.agent_id, chat.group_id = event.agent_id, event.group_id or chat.group_id
    chat.retransfer_at = tx.now + timedelta(seconds=floor.rules.retransfer_after_s) if awaits else None
    store.chats.take(tx.conn, event.shop_id, chat, tx.now)
    store.lanes.leave(tx.conn, event.shop_id, event.conversation_id)
    floor.moved(before, event.agent_id, awaits)
    store.rows.store_decision(tx.conn, event.shop_id, DecisionRow(
        tx.ids.next(), event.conversation_id, tx.now, "outside", "placed", event.agent_id, before,
        chat.group_id, queued_at, event.by_user_id, event.reason,
    ))  # fmt: skip
