"""Draining: whoever has room gets what waits, at once, in the order of the queue.

Each lane (group, need) is read from its head in small pieces, so the length of the queue does not matter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import structlog

from miaohui.kit.errors import Refusal
from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.actions.floor import Floor, read_floor
from miaohui.routing.actions.place import Move, decision_for, give
from miaohui.routing.model import Seat, compact, has_room, needs_from_key, serves, skill_verdict
from miaohui.routing.model.dispatch import Verdict

log = structlog.get_logger()
DRAIN_LIMIT = 100
PIECE = 16
Lane = tuple[int, str]


class Line:
    """The waiting chats of a shop, merged over the lanes that somebody with room can serve."""

    def __init__(self, tx: Tx, floor: Floor) -> None:
        self._tx, self._floor = tx, floor
        self._lanes = store.lanes.list_lanes(tx.conn, floor.shop_id)
        self._read: dict[Lane, deque[tuple[int, int]]] = {lane: deque() for lane in self._lanes}
        self._after: dict[Lane, tuple[int, int] | None] = dict.fromkeys(self._lanes, (-(2**62), -1))
        self._given: set[int] = set()

    def next(self, free: Iterable[Seat]) -> int | None:
        """Return the first conversation that somebody of `free` may serve, None when there is none."""
        seats = list(free)
        best: tuple[tuple[int, int], Lane] | None = None
        for lane in self._lanes:
            if self._is_served(lane, seats):
                head = self._head(lane)
                if head is not None and (best is None or head < best[0]):
                    best = (head, lane)
        if best is None:
            return None
        self._read[best[1]].popleft()
        self._given.add(best[0][1])
        return best[0][1]

    def _is_served(self, lane: Lane, seats: list[Seat]) -> bool:
        needs = needs_from_key(lane[1])
        return any(
            serves(seat, (lane[0],)) and skill_verdict(seat.skills, needs, self._floor.today) is Verdict.OK
            for seat in seats
        )

    def _head(self, lane: Lane) -> tuple[int, int] | None:
        waiting = self._read[lane]
        while True:
            while waiting and waiting[0][1] in self._given:
                waiting.popleft()
            after = self._after[lane]
            if waiting or after is None:
                return waiting[0] if waiting else None
            piece = store.lanes.heads(self._tx.conn, self._floor.shop_id, lane, after, PIECE)
            self._after[lane] = piece[-1] if len(piece) == PIECE else None
            waiting.extend(piece)


def drain(tx: Tx, shop_id: int, floor: Floor | None = None, limit: int = DRAIN_LIMIT) -> int:
    """Give waiting chats to whoever has room until one of both runs out; return how many.

    After `limit` chats the rest is left to the pump, so that one transaction stays short.
    """
    if not store.chats.any_waiting(tx.conn, shop_id):
        return 0
    if floor is None:
        store.chats.gate(tx.conn, shop_id)
        floor = read_floor(tx, shop_id)
    free = floor.free
    if not free:
        return 0
    line, given = Line(tx, floor), 0
    while free and (conversation_id := line.next(free)) is not None:
        if given == limit:
            store.seats.mark_backlog(tx.conn, shop_id, tx.now)
            tx.ring("routing")
            break
        given += _give_waiting(tx, floor, conversation_id)
        free = [seat for seat in free if has_room(seat, floor.rules)]
    return given


def _give_waiting(tx: Tx, floor: Floor, conversation_id: int) -> bool:
    chat = store.chats.find(tx.conn, floor.shop_id, conversation_id)
    if chat is None or not chat.is_waiting:
        return False
    groups = store.lanes.groups_of(tx.conn, floor.shop_id, conversation_id)
    decision = decision_for(tx, floor, chat, groups)
    if decision.user_id is None:  # whoever has room has just put this chat down
        return False
    try:
        with tx.savepoint():
            give(tx, floor, chat, decision.user_id, Move("drained", detail=compact(decision)))
    except Refusal as refusal:
        _drop(tx, floor.shop_id, conversation_id, refusal)
        return False
    return True


def _drop(tx: Tx, shop_id: int, conversation_id: int, refusal: Refusal) -> None:
    """Forget a chat that the inbox does not have open any more: it must not stop everybody behind it."""
    log.error("routing.chat_dropped", shop=shop_id, conversation=conversation_id, code=refusal.code)
    store.chats.delete(tx.conn, shop_id, conversation_id)
    store.lanes.leave(tx.conn, shop_id, conversation_id)


def drain_backlog(tx: Tx) -> int:
    """Go on where a drain stopped; return how many chats were given, for the pump."""
    shop_id = store.seats.next_backlog(tx.conn)
    if shop_id is None:
        return 0
    store.seats.unmark_backlog(tx.conn, shop_id)
    return drain(tx, shop_id)
