"""What time does: overflow to the next group, unanswered chats to somebody else, exclusions end."""

from __future__ import annotations

from datetime import timedelta

from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.actions.drain import drain
from miaohui.routing.actions.floor import Floor, read_floor
from miaohui.routing.actions.place import Move, decision_for, give
from miaohui.routing.actions.release import exclude
from miaohui.routing.events import RetransferExhausted
from miaohui.routing.model import QUEUED, Decision, compact
from miaohui.routing.store.chats import ChatRow
from miaohui.routing.store.rows import DecisionRow
from miaohui.staff import queries as staff_queries

FIRE_LIMIT = 100


def fire_overflows(tx: Tx) -> int:
    """Open chats that waited too long to the next group of their overflow order; return how many were due.

    Source: spec §1.1 (groups), domain.md §6 row 2 (排队/溢出/超时).
    """
    due = store.rows.list_due(tx.conn, "overflow", tx.now, FIRE_LIMIT)
    for shop_id, conversation_id in due:
        store.chats.gate(tx.conn, shop_id)
        chat = store.chats.find(tx.conn, shop_id, conversation_id)
        if chat is not None and chat.overflow_at is not None and chat.overflow_at <= tx.now:
            _overflow(tx, shop_id, chat)
    return len(due)


def _overflow(tx: Tx, shop_id: int, chat: ChatRow) -> None:
    home = staff_queries.find_group(tx.conn, shop_id, chat.group_id)
    order = home.overflow_group_ids if home is not None else ()
    step = chat.overflow_step
    if chat.state != QUEUED or step >= len(order):
        store.rows.set_overflow(tx.conn, shop_id, chat.conversation_id, step, None)
        return
    floor = read_floor(tx, shop_id)
    chat.overflow_step = step + 1
    store.lanes.enter(tx.conn, shop_id, chat, [order[step]])
    due = tx.now + timedelta(seconds=floor.rules.overflow_after_s) if step + 1 < len(order) else None
    store.rows.set_overflow(tx.conn, shop_id, chat.conversation_id, step + 1, due)
    groups = store.lanes.groups_of(tx.conn, shop_id, chat.conversation_id)
    decision = decision_for(tx, floor, chat, groups)
    if decision.user_id is not None:
        give(tx, floor, chat, decision.user_id, Move("overflow", detail=compact(decision)))
        return
    _store(tx, shop_id, chat, ("overflow", "queued"), decision)
    tx.feed(shop_id, ["board", *(f"group:{group_id}" for group_id in groups)], "routing.conversation_overflowed", {
        "conversation_id": chat.conversation_id, "group_ids": list(groups), "queued_at": chat.queued_at,
    })  # fmt: skip


def _store(tx: Tx, shop_id: int, chat: ChatRow, what: tuple[str, str], decision: Decision) -> None:
    store.rows.store_decision(tx.conn, shop_id, DecisionRow(
        tx.ids.next(), chat.conversation_id, tx.now, what[0], what[1], chat.agent_id, chat.agent_id,
        chat.group_id, detail=compact(decision),
    ))  # fmt: skip


def fire_retransfers(tx: Tx) -> int:
    """Pass chats on whose agent never answered; return how many were due.

    Against ping-pong: whoever had it is excluded, at most `max_retransfers` times, and a chat stays where it
    is while nobody else has room (no answer yet is better than nobody at all). Source: domain.md §7 row 1.
    """
    due = store.rows.list_due(tx.conn, "retransfer", tx.now, FIRE_LIMIT)
    for shop_id, conversation_id in due:
        store.chats.gate(tx.conn, shop_id)
        chat = store.chats.find(tx.conn, shop_id, conversation_id)
        if chat is not None and chat.retransfer_at is not None and chat.retransfer_at <= tx.now:
            _retransfer(tx, read_floor(tx, shop_id), chat)
    return len(due)


def _retransfer(tx: Tx, floor: Floor, chat: ChatRow) -> None:
    holder = chat.agent_id
    if holder is None or chat.awaiting_since_at is None:
        store.chats.set_retransfer(tx.conn, floor.shop_id, chat.conversation_id, None)
        return
    if chat.moves >= floor.rules.max_retransfers:
        _exhausted(tx, floor, chat, holder)
        return
    exclude(tx, floor, chat, holder, "retransfer")
    decision = decision_for(tx, floor, chat, (chat.group_id,))
    if decision.user_id is None or decision.user_id == holder:
        again = tx.now + timedelta(seconds=floor.rules.retransfer_after_s)
        store.chats.set_retransfer(tx.conn, floor.shop_id, chat.conversation_id, again)
        _store(tx, floor.shop_id, chat, ("retransfer", "kept"), decision)
        return
    give(
        tx, floor, chat, decision.user_id, Move("retransfer", None, "", counts=True, detail=compact(decision))
    )
    drain(tx, floor.shop_id, floor)


def _exhausted(tx: Tx, floor: Floor, chat: ChatRow, holder: int) -> None:
    store.chats.set_retransfer(tx.conn, floor.shop_id, chat.conversation_id, None)
    data = {"conversation_id": chat.conversation_id, "agent_id": holder, "moves": chat.moves}
    tx.feed(
        floor.shop_id,
        ["board", f"group:{chat.group_id}", f"agent:{holder}"],
        "routing.retransfer_exhausted",
        data,
    )
    tx.publish(RetransferExhausted(floor.shop_id, chat.conversation_id, holder, chat.moves, tx.now))


def end_exclusions(tx: Tx) -> int:
    """Forget exclusions whose time is over, and let those people serve what waits; return how many."""
    count, shop_ids = store.seats.include_due(tx.conn, tx.now)
    for shop_id in sorted(shop_ids):
        drain(tx, shop_id)
    return count
