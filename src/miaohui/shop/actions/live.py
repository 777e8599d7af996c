"""Plan, start, extend, end and cancel live sessions; every step leaves a row with who and why (spec §2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.engine import Row

from miaohui.kit.errors import STALE
from miaohui.kit.tx import Tx
from miaohui.shop.actions.shops import touch_rules
from miaohui.shop.events import LiveSessionChanged
from miaohui.shop.model import BAD_TIMES, WRONG_LIVE_STATE, LiveState
from miaohui.shop.queries import get_live_session
from miaohui.shop.queries.schedule import live_session_of
from miaohui.shop.store import live_changes, live_sessions

LONGEST = timedelta(hours=72)


@dataclass(frozen=True)
class LivePlan:
    """What is planned. Units: aware UTC; a session lasts at most 72 h (ours)."""

    title: str
    planned_start_at: datetime
    planned_end_at: datetime
    room: str = ""
    presenter: str = ""

    def check(self) -> None:
        """Raises: Refusal shop.bad_times."""
        if not timedelta(0) < self.planned_end_at - self.planned_start_at <= LONGEST:
            BAD_TIMES.refuse(longest_hours=LONGEST // timedelta(hours=1))


def plan_live_session(tx: Tx, shop_id: int, plan: LivePlan) -> int:
    """Store a planned session and return its id. Raises: Refusal shop.bad_times."""
    plan.check()
    session_id = tx.ids.next()
    tx.execute(
        insert(live_sessions).values(
            id=session_id, shop_id=shop_id, version=0, title=plan.title, room=plan.room,
            presenter=plan.presenter, planned_start_at=plan.planned_start_at,
            planned_end_at=plan.planned_end_at,
        )
    )  # fmt: skip
    _change(tx, get_live_session(tx.conn, shop_id, session_id), "planned", {}, "")
    return session_id


def edit_live_session(
    tx: Tx, shop_id: int, live_session_id: int, version: int, plan: LivePlan, reason: str = ""
) -> Row[Any]:
    """Move or rename a session that has not ended. Raises: Refusal kit.stale, shop.wrong_live_state."""
    plan.check()
    row = _expect(tx, shop_id, live_session_id, LiveState.PLANNED, LiveState.LIVE)
    if row.version != version:
        STALE.refuse(current=shown_live_session(row))
    values = {
        "title": plan.title, "room": plan.room, "presenter": plan.presenter,
        "planned_start_at": plan.planned_start_at, "planned_end_at": plan.planned_end_at,
    }  # fmt: skip
    return _change(tx, row, "moved", values, reason)


def start_live_session(tx: Tx, shop_id: int, live_session_id: int) -> Row[Any]:
    """Note that the session went on air now. Raises: Refusal shop.wrong_live_state, kit.not_found."""
    row = _expect(tx, shop_id, live_session_id, LiveState.PLANNED)
    return _change(tx, row, "started", {"actual_start_at": tx.now}, "")


def extend_live_session(
    tx: Tx, shop_id: int, live_session_id: int, planned_end_at: datetime, reason: str
) -> Row[Any]:
    """Move the end of a planned or running session (加播). Raises: Refusal shop.bad_times, …wrong_live_state."""
    row = _expect(tx, shop_id, live_session_id, LiveState.PLANNED, LiveState.LIVE)
    LivePlan(row.title, row.planned_start_at, planned_end_at).check()
    if planned_end_at < tx.now:
        BAD_TIMES.refuse(earliest=tx.now.isoformat())
    return _change(tx, row, "extended", {"planned_end_at": planned_end_at}, reason)


def end_live_session(tx: Tx, shop_id: int, live_session_id: int, reason: str = "") -> Row[Any]:
    """Note that the session went off air now; its guard window ends one hour later (spec §2.4)."""
    row = _expect(tx, shop_id, live_session_id, LiveState.LIVE)
    return _change(tx, row, "ended", {"actual_end_at": tx.now}, reason)


def cancel_live_session(tx: Tx, shop_id: int, live_session_id: int, reason: str) -> Row[Any]:
    """Cancel a session that has not begun; its guard window falls away."""
    row = _expect(tx, shop_id, live_session_id, LiveState.PLANNED)
    return _change(tx, row, "cancelled", {"cancelled_at": tx.now}, reason)


def shown_live_session(row: Row[Any]) -> dict[str, Any]:
    """Return what feeds and stale editors are shown."""
    return {
        "id": row.id, "version": row.version, "title": row.title, "room": row.room,
        "presenter": row.presenter, "state": live_session_of(row).state.value,
        "planned_start_at": row.planned_start_at.isoformat(), "planned_end_at": row.planned_end_at.isoformat(),
        "actual_start_at": row.actual_start_at and row.actual_start_at.isoformat(),
        "actual_end_at": row.actual_end_at and row.actual_end_at.isoformat(),
    }  # fmt: skip


def _expect(tx: Tx, shop_id: int, live_session_id: int, *states: LiveState) -> Row[Any]:
    row = get_live_session(tx.conn, shop_id, live_session_id)
    state = live_session_of(row).state
    if state not in states:
        WRONG_LIVE_STATE.refuse(state=state.value, needed=[s.value for s in states])
    return row


def _change(tx: Tx, row: Row[Any], change: str, values: dict[str, Any], reason: str) -> Row[Any]:
    """Write the new values, the row that says who and why, the event; return the row as it is now."""
    tx.execute(
        update(live_sessions).where(live_sessions.c.id == row.id).values(version=row.version + 1, **values)
    )
    detail = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in values.items()}
    tx.execute(
        insert(live_changes).values(
            id=tx.ids.next(), shop_id=row.shop_id, live_session_id=row.id, change=change, detail=detail,
            reason=reason, author_id=tx.actor.id, author=tx.actor.name, at=tx.now,
        )
    )  # fmt: skip
    touch_rules(tx, row.shop_id)
    now = get_live_session(tx.conn, row.shop_id, row.id)
    tx.audit(f"shop.live_session_{change}", f"live_session:{row.id}", detail, shop_id=row.shop_id)
    tx.feed(row.shop_id, ["shop"], f"shop.live_session_{change}", shown_live_session(now))
    session = live_session_of(now)
    tx.publish(
        LiveSessionChanged(
            row.shop_id, row.id, change, now.title, session.actual_start_at or session.planned_start_at,
            session.actual_end_at or session.planned_end_at, reason, tx.now,
        )
    )  # fmt: skip
    return now
