"""By hand: claim, transfer, take over, reassign in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from miaohui.kit.errors import STALE, Refusal
from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.actions.drain import drain
from miaohui.routing.actions.floor import Floor, read_floor
from miaohui.routing.actions.place import Move, give, place
from miaohui.routing.actions.release import exclude, release
from miaohui.routing.model import (
    ALREADY_OWNED,
    CLAIM_OFFLINE,
    FULL,
    NOT_ROUTED,
    NOT_YOURS,
    SAME_OWNER,
    TARGET_MISSING,
    TARGET_OFFLINE,
    UNREACHABLE,
    Presence,
)
from miaohui.routing.store.chats import ChatRow
from miaohui.staff import queries as staff_queries

BULK_LIMIT = 200


@dataclass(frozen=True)
class Transfer:
    """Where a chat goes: exactly one of agent and group. `note` is for the next one to read.

    `version`, when given, is the one the person saw: a chat that moved meanwhile is refused.
    """

    to_user_id: int | None = None
    to_group_id: int | None = None
    note: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Reassignment:
    """A shift's end: all or some chats of one person go to these people, to a group, or back to dispatch."""

    from_user_id: int
    conversation_ids: tuple[int, ...] | None = None
    to_user_ids: tuple[int, ...] = ()
    to_group_id: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class ItemResult:
    """What became of one chat of a bulk: the new agent, None for the queue, or the refusal."""

    conversation_id: int
    ok: bool
    agent_id: int | None = None
    code: str = ""
    message_zh: str = ""


def claim(tx: Tx, shop_id: int, conversation_id: int, user_id: int) -> int | None:
    """Take a waiting chat oneself. Of fifty who try at once exactly one gets it; return the decision's id.

    Claiming what one has already changes nothing and returns None.
    Raises: Refusal routing.not_routed, routing.already_owned, routing.claim_offline, routing.full.
    """
    chat, floor = _chat_and_floor(tx, shop_id, conversation_id)
    if chat.agent_id == user_id:
        return None
    if not chat.is_waiting:
        ALREADY_OWNED.refuse(agent_id=chat.agent_id)
    seat = floor.seats.get(user_id)
    if seat is None or seat.state == Presence.OFFLINE:
        CLAIM_OFFLINE.refuse()
    if seat.load >= seat.max_concurrency:
        FULL.refuse(load=seat.load, max_concurrency=seat.max_concurrency)
    return give(tx, floor, chat, user_id, Move("claim", user_id))


def _chat_and_floor(tx: Tx, shop_id: int, conversation_id: int) -> tuple[ChatRow, Floor]:
    store.chats.gate(tx.conn, shop_id)
    chat = store.chats.find(tx.conn, shop_id, conversation_id)
    if chat is None:
        NOT_ROUTED.refuse(conversation_id=conversation_id)
    return chat, read_floor(tx, shop_id)


def transfer(
    tx: Tx, shop_id: int, conversation_id: int, wanted: Transfer, *, is_supervisor: bool = False
) -> int | None:
    """Pass a chat to an agent (on a break is fine) or to a group; return the new agent, None for the queue.

    Raises: Refusal routing.not_yours, routing.target_missing, routing.target_offline, routing.same_owner,
    routing.not_routed, kit.stale. Source: domain.md §5.1 (小休可接收转接).
    """
    if (wanted.to_user_id is None) == (wanted.to_group_id is None):
        TARGET_MISSING.refuse()
    chat, floor = _chat_and_floor(tx, shop_id, conversation_id)
    if wanted.version is not None and wanted.version != chat.version:
        STALE.refuse(version=chat.version, agent_id=chat.agent_id, group_id=chat.group_id)
    if not is_supervisor and chat.agent_id != tx.actor.id:
        NOT_YOURS.refuse(agent_id=chat.agent_id)
    before = chat.agent_id
    new_agent_id = _pass_on(tx, floor, chat, wanted)
    if before is not None:
        drain(tx, shop_id, floor)
    return new_agent_id


def _pass_on(tx: Tx, floor: Floor, chat: ChatRow, wanted: Transfer) -> int | None:
    if wanted.to_user_id is not None:
        _check_target(floor, chat, wanted.to_user_id)
        if chat.agent_id is not None:
            exclude(tx, floor, chat, chat.agent_id, "transfer")
        give(tx, floor, chat, wanted.to_user_id, Move("transfer", tx.actor.id, wanted.note))
        return wanted.to_user_id
    group = staff_queries.get_group(tx.conn, floor.shop_id, wanted.to_group_id or 0)
    if group.archived_at is not None:
        TARGET_MISSING.refuse(group_id=group.id)
    chat.group_id = group.id
    return release(tx, floor, chat, Move("transfer_group", tx.actor.id, wanted.note))


def _check_target(floor: Floor, chat: ChatRow, user_id: int) -> None:
    if chat.agent_id == user_id:
        SAME_OWNER.refuse(agent_id=user_id)
    seat = floor.seats.get(user_id)
    if seat is None:
        TARGET_MISSING.refuse(user_id=user_id)
    if seat.state in (Presence.OFFLINE, UNREACHABLE):
        TARGET_OFFLINE.refuse(user_id=user_id, state=str(seat.state))


def take_over(tx: Tx, shop_id: int, conversation_id: int, user_id: int, note: str = "") -> int | None:
    """Let a supervisor have a chat, whoever has it; return the decision's id, None when it is theirs already.

    Raises: Refusal routing.not_routed.
    """
    chat, floor = _chat_and_floor(tx, shop_id, conversation_id)
    if chat.agent_id == user_id:
        return None
    before = chat.agent_id
    decision_id = give(tx, floor, chat, user_id, Move("takeover", tx.actor.id, note))
    tx.audit(
        "routing.taken_over", f"conversation:{conversation_id}",
        {"from": before, "to": user_id, "note": note}, shop_id=shop_id,
    )  # fmt: skip
    if before is not None:
        drain(tx, shop_id, floor)
    return decision_id


def reassign(tx: Tx, shop_id: int, wanted: Reassignment) -> list[ItemResult]:
    """Pass on the chats of somebody whose shift ends, each by itself: one that fails stays where it is.

    With people named each chat goes to the one with the most room (a full one may get some: it is a person's
    decision); with a group it is dispatched there; with neither it is dispatched again.
    Raises: Refusal staff.agent_missing for somebody who neither works here nor holds a chat.
    """
    store.chats.gate(tx.conn, shop_id)
    held = store.chats.ids_of_agent(tx.conn, shop_id, wanted.from_user_id)
    if not held:
        staff_queries.get_agent(tx.conn, shop_id, wanted.from_user_id)
    chosen = held if wanted.conversation_ids is None else list(wanted.conversation_ids)
    floor = read_floor(tx, shop_id)
    results = [
        _reassign_one(tx, shop_id, conversation_id, wanted, held) for conversation_id in chosen[:BULK_LIMIT]
    ]
    tx.audit(
        "routing.reassigned", f"agent:{wanted.from_user_id}",
        {"count": len(results), "ok": sum(r.ok for r in results), "reason": wanted.reason}, shop_id=shop_id,
    )  # fmt: skip
    drain(tx, floor.shop_id)
    return results


def _reassign_one(
    tx: Tx, shop_id: int, conversation_id: int, wanted: Reassignment, held: Sequence[int]
) -> ItemResult:
    try:
        with tx.savepoint():
            if conversation_id not in held:
                NOT_ROUTED.refuse(conversation_id=conversation_id)
            return ItemResult(conversation_id, True, _reassign_chat(tx, shop_id, conversation_id, wanted))
    except Refusal as refusal:
        return ItemResult(conversation_id, False, None, refusal.code, refusal.kind.both)


def _reassign_chat(tx: Tx, shop_id: int, conversation_id: int, wanted: Reassignment) -> int | None:
    chat, floor = _chat_and_floor(tx, shop_id, conversation_id)
    move = Move("reassign", tx.actor.id, wanted.reason)
    if wanted.to_user_ids:
        target = _roomiest(floor, wanted)
        _check_target(floor, chat, target)
        exclude(tx, floor, chat, wanted.from_user_id, "reassign")
        give(tx, floor, chat, target, move)
        return target
    if wanted.to_group_id is not None:
        chat.group_id = staff_queries.get_group(tx.conn, shop_id, wanted.to_group_id).id
    exclude(tx, floor, chat, wanted.from_user_id, "reassign")
    return place(tx, floor, chat, move)


def _roomiest(floor: Floor, wanted: Reassignment) -> int:
    """Return who of the named people can take a transfer and has the most room."""
    here = [
        seat
        for user_id in wanted.to_user_ids
        if (seat := floor.seats.get(user_id)) is not None
        and seat.state in (Presence.ONLINE, Presence.ON_BREAK)
        and user_id != wanted.from_user_id
    ]
    if not here:
        TARGET_OFFLINE.refuse(user_ids=list(wanted.to_user_ids))
    best = max(here, key=lambda seat: (seat.max_concurrency - seat.load, -seat.user_id))
    return best.user_id
