"""The floor: everybody's seat as dispatch sees it, read once per transaction and kept exact while it works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from miaohui.kit.tx import Tx
from miaohui.routing.model import Rules, Seat, has_room
from miaohui.routing.queries.room import get_room
from miaohui.staff.model import local_date


@dataclass
class Floor:
    """The seats of one shop. `is_open`: somebody is online or on a break, so new buyers queue."""

    shop_id: int
    rules: Rules
    seats: dict[int, Seat]
    is_open: bool
    now: datetime
    today: date

    @property
    def free(self) -> list[Seat]:
        return [seat for seat in self.seats.values() if has_room(seat, self.rules)]

    def moved(self, before: int | None, after: int | None, awaits: bool) -> None:
        """Keep the loads exact after a chat changed hands."""
        for user_id, step in ((before, -1), (after, 1)):
            seat = self.seats.get(user_id) if user_id is not None else None
            if seat is not None:
                seat.load += step
                seat.unanswered += step if awaits else 0
        taken = self.seats.get(after) if after is not None else None
        if taken is not None:
            taken.last_placed_at = self.now


def read_floor(tx: Tx, shop_id: int) -> Floor:
    """Return the floor as it is in this transaction."""
    room = get_room(tx.conn, shop_id, tx.now)
    return Floor(shop_id, room.rules, room.seats, room.is_open, tx.now, local_date(tx.now))
