"""Placing: a chat finds its agent or waits; every decision is stored with its reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from miaohui.inbox.actions.conversation import assign_conversation
from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.actions.floor import Floor
from miaohui.routing.events import ConversationPlaced, ConversationQueued
from miaohui.routing.model import (
    ALREADY_OWNED,
    OFFLINE_MESSAGE,
    QUEUED,
    Chat,
    Decision,
    compact,
    decide,
    needs_from_key,
    rank_at,
)
from miaohui.routing.store.chats import ChatRow
from miaohui.routing.store.rows import DecisionRow


@dataclass(frozen=True)
class Move:
    """Why and by whom a chat changes hands. `counts`: it is an automatic pass-on (against ping-pong)."""

    trigger: str
    by_user_id: int | None = None
    note: str = ""
    counts: bool = False
    detail: dict[str, Any] = field(default_factory=dict)


def decision_for(tx: Tx, floor: Floor, chat: ChatRow, group_ids: tuple[int, ...]) -> Decision:
    """Return who gets the chat now, with the verdict on everybody."""
    since = floor.now - timedelta(seconds=floor.rules.sticky_window_s)
    asked = Chat(
        chat.conversation_id,
        group_ids or (chat.group_id,),
        needs_from_key(chat.need),
        store.seats.sticky(tx.conn, floor.shop_id, chat.buyer_id, since),
        store.seats.excluded(tx.conn, floor.shop_id, chat.conversation_id, tx.now),
    )
    return decide(asked, floor.seats.values(), floor.rules, floor.now, floor.today)


def place(tx: Tx, floor: Floor, chat: ChatRow, move: Move) -> int | None:
    """Give a chat that nobody has to the best agent, or queue it; return the agent.

    Order: call `gate` before the floor is read; the chat is new or was just released by its agent.
    """
    decision = decision_for(tx, floor, chat, (chat.group_id,))
    if decision.user_id is None:
        wait(tx, floor, chat, decision, move)
        return None
    give(tx, floor, chat, decision.user_id, _explained(move, decision))
    return decision.user_id


def _explained(move: Move, decision: Decision) -> Move:
    return Move(move.trigger, move.by_user_id, move.note, move.counts, compact(decision))


def give(tx: Tx, floor: Floor, chat: ChatRow, user_id: int, move: Move) -> int:
    """Make `user_id` the one owner of the chat, whoever had it; return the decision's id.

    Raises: Refusal routing.already_owned when somebody was faster.
    """
    before, queued_at = chat.agent_id, chat.queued_at
    awaits = chat.awaiting_since_at is not None
    chat.agent_id = user_id
    chat.moves = chat.moves + 1 if move.counts else chat.moves
    chat.retransfer_at = tx.now + timedelta(seconds=floor.rules.retransfer_after_s) if awaits else None
    if not store.chats.take(tx.conn, floor.shop_id, chat, tx.now):
        ALREADY_OWNED.refuse(conversation_id=chat.conversation_id)
    if queued_at is not None:
        store.lanes.leave(tx.conn, floor.shop_id, chat.conversation_id)
    if awaits:
        tx.ring("timers")
    store.seats.note_placed(tx.conn, floor.shop_id, user_id, tx.now)
    decision_id = tx.ids.next()
    store.rows.store_decision(tx.conn, floor.shop_id, DecisionRow(
        decision_id, chat.conversation_id, tx.now, move.trigger, "placed", user_id, before, chat.group_id,
        queued_at, move.by_user_id, move.note, move.detail,
    ))  # fmt: skip
    assign_conversation(
        tx, floor.shop_id, chat.conversation_id, user_id, chat.group_id or None, move.trigger, move.by_user_id
    )
    floor.moved(before, user_id, awaits)
    waited = None if queued_at is None else (tx.now - queued_at).total_seconds()
    tx.publish(ConversationPlaced(
        floor.shop_id, chat.conversation_id, user_id, chat.group_id, before, move.trigger, decision_id, waited,
        tx.now,
    ))  # fmt: skip
    _tell_placed(tx, floor, chat, (before, waited), move)
    return decision_id


def _tell_placed(
    tx: Tx, floor: Floor, chat: ChatRow, was: tuple[int | None, float | None], move: Move
) -> None:
    before, waited = was
    topics = ["board", f"group:{chat.group_id}", f"agent:{chat.agent_id}"]
    if before is not None and before != chat.agent_id:
        topics.append(f"agent:{before}")
    tx.feed(floor.shop_id, topics, "routing.conversation_placed", {
        "conversation_id": chat.conversation_id, "agent_id": chat.agent_id, "previous_agent_id": before,
        "group_id": chat.group_id, "trigger": move.trigger, "note": move.note, "waited_s": waited,
        "by_user_id": move.by_user_id, "version": chat.version + 1,
    })  # fmt: skip


def wait(tx: Tx, floor: Floor, chat: ChatRow, decision: Decision, move: Move) -> None:
    """Put a chat into the queue, or among the messages (留言) when the whole shop is offline.

    The place follows from when the buyer began to wait, so a chat that was passed on is not sent to the end.
    Source: domain.md §5.1.
    """
    before = chat.agent_id
    since = min(tx.now, chat.awaiting_since_at or tx.now)
    chat.state = QUEUED if floor.is_open else OFFLINE_MESSAGE
    chat.agent_id, chat.queued_at = None, tx.now
    chat.rank_at = rank_at(since, sum(chat.boosts.values()))
    chat.overflow_step = 0
    chat.moves = chat.moves + 1 if move.counts else chat.moves
    due = tx.now + timedelta(seconds=floor.rules.overflow_after_s)
    chat.overflow_at = due if chat.state == QUEUED else None
    if not store.chats.wait(tx.conn, floor.shop_id, chat):
        ALREADY_OWNED.refuse(conversation_id=chat.conversation_id)
    store.lanes.leave(tx.conn, floor.shop_id, chat.conversation_id)
    store.lanes.enter(tx.conn, floor.shop_id, chat, [chat.group_id])
    floor.moved(before, None, chat.awaiting_since_at is not None)
    if chat.overflow_at is not None:
        tx.ring("timers")
    outcome = "queued" if chat.state == QUEUED else "offline_message"
    store.rows.store_decision(tx.conn, floor.shop_id, DecisionRow(
        tx.ids.next(), chat.conversation_id, tx.now, move.trigger, outcome, None, before, chat.group_id,
        None, move.by_user_id, move.note, compact(decision),
    ))  # fmt: skip
    assign_conversation(
        tx, floor.shop_id, chat.conversation_id, None, chat.group_id or None, move.trigger, move.by_user_id
    )
    tx.publish(ConversationQueued(
        floor.shop_id, chat.conversation_id, chat.group_id, chat.state, move.trigger, tx.now
    ))  # fmt: skip
    _expect_wait(tx, floor)
    topics = ["board", f"group:{chat.group_id}", *([f"agent:{before}"] if before is not None else [])]
    tx.feed(floor.shop_id, topics, "routing.conversation_queued", {
        "conversation_id": chat.conversation_id, "group_id": chat.group_id, "state": chat.state,
        "entry": chat.entry, "trigger": move.trigger, "note": move.note, "queued_at": tx.now,
        "rank_at": chat.rank_at, "previous_agent_id": before,
    })  # fmt: skip


def _expect_wait(tx: Tx, floor: Floor) -> None:
    """Have the reserve thought of when the chat that has just begun to wait will have waited too long (§2.6)."""
    if floor.rules.reserve_call_after_s:
        due = tx.now + timedelta(seconds=floor.rules.reserve_call_after_s)
        store.reserve.watch(tx.conn, floor.shop_id, due)
        tx.ring("timers")
