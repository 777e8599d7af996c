"""Presence 在线/小休/离线: chosen by people, watched by heartbeats, logged as spans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.actions.drain import drain
from miaohui.routing.actions.floor import Floor, read_floor
from miaohui.routing.actions.place import Move
from miaohui.routing.actions.release import release_all
from miaohui.routing.events import PresenceChanged
from miaohui.routing.model import (
    IN_PROGRESS,
    NOT_AN_AGENT,
    OFFLINE_MESSAGE,
    QUEUED,
    UNREACHABLE,
    Presence,
    Span,
    Standing,
)
from miaohui.staff import queries as staff_queries

FIRST_GRACE_FACTOR = 3  # a page that was just opened may take a while to open its socket
FIRE_LIMIT = 50


@dataclass(frozen=True)
class PresenceChange:
    """What somebody chooses. `handover`: going offline passes the chats in progress on to others."""

    presence: Presence
    handover: bool = False
    reason: str = ""


def set_presence(tx: Tx, shop_id: int, user_id: int, change: PresenceChange) -> Standing:
    """Set a person's presence and let everything follow from it; return where they stand.

    Raises: Refusal routing.not_an_agent, routing.in_progress (offline with chats in progress and no
    hand-over). Source: domain.md §5.1.
    """
    agent = staff_queries.find_agent(tx.conn, shop_id, user_id)
    if agent is None or (agent.departed_at is not None and change.presence is not Presence.OFFLINE):
        NOT_AN_AGENT.refuse(user_id=user_id)
    store.chats.gate(tx.conn, shop_id)
    held = store.chats.ids_of_agent(tx.conn, shop_id, user_id)
    if change.presence is Presence.OFFLINE and held and not change.handover:
        IN_PROGRESS.refuse(conversation_count=len(held), conversation_ids=held[:50])
    before = _standing(tx, shop_id, user_id)
    if before.presence is change.presence and before.unreachable_at is None:
        _keep_alive(tx, shop_id, before)
        if change.presence is Presence.OFFLINE and held:
            _follow(tx, shop_id, before, held)
        return before
    standing = Standing(user_id, change.presence, tx.now)
    _keep_alive(tx, shop_id, standing)
    _log(tx, shop_id, standing, before.state, change.reason or _reason_of(before, change.presence))
    _follow(tx, shop_id, standing, held)
    return standing


def _standing(tx: Tx, shop_id: int, user_id: int) -> Standing:
    row = store.seats.find_presence(tx.conn, shop_id, user_id)
    return row.standing if row else Standing(user_id, Presence.OFFLINE, tx.now)


def _reason_of(before: Standing, presence: Presence) -> str:
    if before.presence is Presence.OFFLINE and presence is not Presence.OFFLINE:
        return "login"
    return "logout" if presence is Presence.OFFLINE else "manual"


def _keep_alive(tx: Tx, shop_id: int, standing: Standing) -> None:
    _, rules = store.rows.get_rules(tx.conn, shop_id)
    until = tx.now + timedelta(seconds=rules.grace_s * FIRST_GRACE_FACTOR)
    is_offline = standing.presence is Presence.OFFLINE
    store.seats.set_presence(tx.conn, shop_id, standing, None if is_offline else until)
    tx.ring("timers")


def _log(tx: Tx, shop_id: int, standing: Standing, previous: str, reason: str) -> None:
    store.rows.end_span(tx.conn, shop_id, standing.user_id, tx.now)
    by = tx.actor.id if tx.actor.kind == "user" else None
    span = Span(standing.state, tx.now, None, reason, by)
    store.rows.begin_span(tx.conn, tx.ids.next(), shop_id, standing.user_id, span)
    groups = staff_queries.group_ids_of(tx.conn, shop_id, standing.user_id)
    topics = ["board", f"agent:{standing.user_id}", *(f"group:{group_id}" for group_id in groups)]
    data = {"user_id": standing.user_id, "state": standing.state, "previous_state": previous,
            "since_at": tx.now, "reason": reason}  # fmt: skip
    tx.feed(shop_id, topics, "routing.presence_changed", data)
    tx.publish(PresenceChanged(shop_id, standing.user_id, standing.state, previous, reason, by, tx.now))


def _follow(tx: Tx, shop_id: int, standing: Standing, held: list[int]) -> None:
    floor = read_floor(tx, shop_id)
    if standing.presence is Presence.OFFLINE:
        release_all(tx, floor, held, Move("handover", standing.user_id))
    swap_messages(tx, floor)
    drain(tx, shop_id, floor)


def swap_messages(tx: Tx, floor: Floor) -> int:
    """Turn the queue into messages (留言) when everybody is offline, and back when somebody is online.

    Back only where the shop assigns messages automatically (离线会话自动分配). Source: domain.md §5.1.
    """
    if not floor.is_open:
        return _swap(tx, floor, QUEUED, OFFLINE_MESSAGE)
    is_anybody_online = any(seat.state == Presence.ONLINE for seat in floor.seats.values())
    if floor.rules.offline_auto_assign and is_anybody_online:
        return _swap(tx, floor, OFFLINE_MESSAGE, QUEUED)
    return 0


def _swap(tx: Tx, floor: Floor, before: str, after: str) -> int:
    if not store.chats.any_waiting(tx.conn, floor.shop_id, before):
        return 0
    due = tx.now + timedelta(seconds=floor.rules.overflow_after_s)
    moved = store.lanes.move_all(tx.conn, floor.shop_id, before, after, due)
    tx.ring("timers")
    tx.feed(floor.shop_id, ["board"], "routing.queue_swapped", {"from": before, "to": after, "count": moved})
    return moved


# ---- heartbeats of the page


def note_heartbeat(tx: Tx, shop_id: int, user_id: int) -> bool:
    """Note that a person's page is alive; return whether they were lost and are back."""
    _, rules = store.rows.get_rules(tx.conn, shop_id)
    until = tx.now + timedelta(seconds=rules.grace_s)
    if store.seats.beat(tx.conn, shop_id, user_id, until):
        return False
    if not store.seats.bring_back(tx.conn, shop_id, user_id, until):
        return False
    store.chats.gate(tx.conn, shop_id)
    standing = _standing(tx, shop_id, user_id)
    _log(tx, shop_id, standing, UNREACHABLE, "returned")
    _follow(tx, shop_id, standing, [])
    return True


def expire_heartbeats(tx: Tx) -> int:
    """Mark people whose page went silent as lost and pass their unanswered chats on; return how many."""
    fired = 0
    for shop_id, user_id in store.seats.list_expired(tx.conn, tx.now, FIRE_LIMIT):
        _, rules = store.rows.get_rules(tx.conn, shop_id)
        offline_at = tx.now + timedelta(seconds=rules.auto_offline_s)
        store.chats.gate(tx.conn, shop_id)
        if not store.seats.lose(tx.conn, shop_id, user_id, tx.now, offline_at):
            continue
        fired += 1
        standing = _standing(tx, shop_id, user_id)
        _log(tx, shop_id, standing, standing.presence.value, "lost")
        waiting = store.chats.unanswered_ids_of(tx.conn, shop_id, user_id)
        floor = read_floor(tx, shop_id)
        release_all(tx, floor, waiting, Move("unreachable"))
        drain(tx, shop_id, floor)
        tx.ring("timers")
    return fired


def give_up_lost(tx: Tx) -> int:
    """Set people offline who stayed lost for too long, handing their chats over; return how many."""
    due = store.seats.list_given_up(tx.conn, tx.now, FIRE_LIMIT)
    for shop_id, user_id in due:
        change = PresenceChange(Presence.OFFLINE, handover=True, reason="auto_offline")
        set_presence(tx, shop_id, user_id, change)
    return len(due)
