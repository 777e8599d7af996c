"""The reserve 机动人力 is called when a queue waits too long, and stands down when it is quiet (spec §2.6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.actions.presence import PresenceChange, set_presence
from miaohui.routing.events import ReserveAnswered, ReserveCalled, ReserveStoodDown
from miaohui.routing.model import Presence, Rules
from miaohui.routing.model.reserve import CALL_OVER, REST_S, Member, choose, wanted_count
from miaohui.staff import queries as staff_queries

LOOK_EVERY_S = 5
FIRE_LIMIT = 50
REASON_ZH = "机动支援"


def look_at_reserves(tx: Tx) -> int:
    """Look at every queue that is due: expire, call, stand down; return how many shops were looked at."""
    shops = store.reserve.due_shops(tx.conn, tx.now, FIRE_LIMIT)
    for shop_id in shops:
        store.chats.gate(tx.conn, shop_id)
        _look(tx, shop_id)
    return len(shops)


def _look(tx: Tx, shop_id: int) -> None:
    _, rules = store.rows.get_rules(tx.conn, shop_id)
    calls = store.reserve.open_calls(tx.conn, shop_id)
    for call in calls:
        if call.state == "called" and call.expires_at <= tx.now:
            _move(tx, call, "called", "expired", answered_at=tx.now)
    waits = store.reserve.longest_waits(tx.conn, shop_id)
    if rules.reserve_call_after_s:
        for group_id, since, count in waits:
            if tx.now - since >= timedelta(seconds=rules.reserve_call_after_s):
                _call_for(tx, shop_id, rules, (group_id, since, count))
    quiet_since = _quiet_since(tx, shop_id, bool(waits))
    calls = store.reserve.open_calls(tx.conn, shop_id)
    if quiet_since is not None and tx.now - quiet_since >= timedelta(seconds=rules.reserve_quiet_s):
        for call in calls:
            _end(tx, call, "quiet")
        calls = []
    again = tx.now + timedelta(seconds=LOOK_EVERY_S) if waits or calls else None
    store.reserve.look_again(tx.conn, shop_id, again, quiet_since)


def _quiet_since(tx: Tx, shop_id: int, is_busy: bool) -> datetime | None:
    return None if is_busy else store.reserve.quiet_since(tx.conn, shop_id) or tx.now


def _call_for(tx: Tx, shop_id: int, rules: Rules, queue: tuple[int, datetime, int]) -> None:
    """Call as many of the reserve as a queue needs more; the row keeps who was not called, and why."""
    group_id, since, count = queue
    group = staff_queries.find_group(tx.conn, shop_id, group_id)
    may_serve = frozenset({group_id, *(group.overflow_group_ids if group is not None else ())})
    under_way = [call for call in store.reserve.open_calls(tx.conn, shop_id) if call.group_id in may_serve]
    members = _members(tx, shop_id)
    choice = choose(members, may_serve, wanted_count(count, len(under_way)), tx.now)
    waited_s = int((tx.now - since).total_seconds())
    for user_id in choice.user_ids:
        call_id = tx.ids.next()
        row = {
            "id": call_id, "shop_id": shop_id, "user_id": user_id, "group_id": group_id, "state": "called",
            "called_at": tx.now, "expires_at": tx.now + timedelta(seconds=rules.reserve_answer_s),
            "reason": "wait", "waited_s": waited_s, "waiting_count": count,
            "detail": {"against": {str(k): v for k, v in choice.against.items()},
                       "call_after_s": rules.reserve_call_after_s},
        }  # fmt: skip
        store.reserve.add_call(tx.conn, **row)
        tx.publish(ReserveCalled(shop_id, call_id, user_id, group_id, waited_s, count, tx.now))
        _tell(tx, shop_id, call_id)


def _members(tx: Tx, shop_id: int) -> list[Member]:
    agents = [
        a for a in staff_queries.list_agents(tx.conn, shop_id) if a.in_reserve and a.departed_at is None
    ]
    lately = store.reserve.calls_since(tx.conn, shop_id, tx.now - timedelta(seconds=REST_S))
    busy = {call.user_id for call in store.reserve.open_calls(tx.conn, shop_id)}
    members = []
    for agent in agents:
        last, row = lately.get(agent.user_id), store.seats.find_presence(tx.conn, shop_id, agent.user_id)
        no_at = last.answered_at if last is not None and last.state in ("declined", "expired") else None
        members.append(Member(
            agent.user_id, row.standing.state if row is not None else "offline", frozenset(agent.group_ids),
            no_at, last.called_at if last is not None else None,
            agent.user_id in busy,
        ))  # fmt: skip
    return members


def answer_call(tx: Tx, shop_id: int, call_id: int, user_id: int, *, accepts: bool, note: str = "") -> None:
    """Take a call or say no to it. Who takes it is online with this; after a no the next one is called at once.

    Raises: Refusal kit.not_found (also somebody else's), routing.call_over, routing.not_an_agent.
    """
    call = _own(tx, shop_id, call_id, user_id)
    store.chats.gate(tx.conn, shop_id)
    state = "accepted" if accepts else "declined"
    if call.expires_at <= tx.now or not _move(tx, call, "called", state, answered_at=tx.now, note=note):
        CALL_OVER.refuse(state=call.state)
    tx.publish(ReserveAnswered(shop_id, call_id, user_id, accepts, tx.now))
    if accepts:
        set_presence(tx, shop_id, user_id, PresenceChange(Presence.ONLINE, reason=REASON_ZH))
    else:
        store.reserve.watch(tx.conn, shop_id, tx.now)
        tx.ring("timers")


def end_call(tx: Tx, shop_id: int, call_id: int, user_id: int | None) -> None:
    """Let somebody of the reserve stand down by hand; `user_id` None: a supervisor does it.

    Raises: Refusal kit.not_found, routing.call_over.
    """
    call = store.reserve.find_call(tx.conn, shop_id, call_id)
    if call is None or (user_id is not None and call.user_id != user_id):
        NOT_FOUND.refuse(call_id=call_id)
    store.chats.gate(tx.conn, shop_id)
    if not _end(tx, call, "by_hand"):
        CALL_OVER.refuse(state=call.state)


def _own(tx: Tx, shop_id: int, call_id: int, user_id: int) -> Any:
    call = store.reserve.find_call(tx.conn, shop_id, call_id)
    return call if call is not None and call.user_id == user_id else NOT_FOUND.refuse(call_id=call_id)


def _end(tx: Tx, call: Any, why: str) -> bool:
    """End a call. Who still has chats finishes them on a break and gets no new ones; who has none is offline."""
    if not _move(tx, call, call.state, "ended", ended_at=tx.now, why=why):
        return False
    if call.state == "accepted":
        held = store.chats.ids_of_agent(tx.conn, call.shop_id, call.user_id)
        to = Presence.ON_BREAK if held else Presence.OFFLINE
        set_presence(tx, call.shop_id, call.user_id, PresenceChange(to, reason=f"{REASON_ZH}结束"))
    tx.publish(ReserveStoodDown(call.shop_id, call.id, call.user_id, why, tx.now))
    return True


def _move(tx: Tx, call: Any, before: str, after: str, *, note: str = "", why: str = "", **times: Any) -> bool:
    if before not in ("called", "accepted"):
        return False
    said = {name: text for name, text in (("note", note), ("ended_because", why)) if text}
    if not store.reserve.move_call(tx.conn, call.id, before, after, **times, detail={**call.detail, **said}):
        return False
    _tell(tx, call.shop_id, call.id)
    return True


def _tell(tx: Tx, shop_id: int, call_id: int) -> None:
    """Tell the person's page and the board; the row is the notification that a page reads when it comes back."""
    call = store.reserve.find_call(tx.conn, shop_id, call_id)
    tx.feed(shop_id, [f"agent:{call.user_id}", "board"], "routing.reserve_call_changed", {
        "call": {name: value for name, value in call._mapping.items() if name not in ("shop_id", "detail")},
    })  # fmt: skip
