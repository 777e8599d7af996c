"""Take a round up again when the answer that ended it is taken back (domain.md §2.6: recalled answers are none)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Row

from miaohui.inbox.actions.conversation import set_due
from miaohui.kit.clock import to_ms
from miaohui.kit.tx import Tx
from miaohui.sla.actions.clocks import find_open, ring_soon
from miaohui.sla.actions.days import subtract_round
from miaohui.sla.actions.sessions import Session, find_session
from miaohui.sla.events import ClockStarted
from miaohui.sla.store import INSERT_WAIT, clocks, rounds, sessions


def reopen_round(tx: Tx, shop_id: int, conversation_id: int, message_id: int) -> bool:
    """Let the clock run again that this answer stopped; False when something has happened since.

    Nothing changes when the stay ended, the buyer waits again, or a human answered once more.
    """
    session = find_session(tx, shop_id, conversation_id)
    if session is None or find_open(tx, shop_id, conversation_id) is not None:
        return False
    row = tx.execute(
        select(clocks, rounds.c.id.label("round_id"), rounds.c.anchor_at, rounds.c.first_response_ms)
        .join(rounds, (rounds.c.shop_id == clocks.c.shop_id) & (rounds.c.clock_id == clocks.c.id))
        .where(
            clocks.c.shop_id == shop_id,
            clocks.c.conversation_id == conversation_id,
            clocks.c.answered_by_message_id == message_id,
            rounds.c.ended_at == session.last_reply_at,
        )
    ).first()
    if row is None:
        return False
    _forget_round(tx, row, session)
    _run_again(tx, row)
    return True


def _forget_round(tx: Tx, row: Row[Any], session: Session) -> None:
    fact = tx.execute(select(rounds).where(rounds.c.id == row.round_id)).one()
    subtract_round(tx, fact)
    tx.execute(delete(rounds).where(rounds.c.id == row.round_id))
    values: dict[str, Any] = {"last_reply_at": None}
    if row.first_response_ms is not None:
        values["first_reply_at"] = None
    tx.execute(update(sessions).where(sessions.c.id == session.id).values(values))


def _run_again(tx: Tx, row: Row[Any]) -> None:
    open_deadlines = [
        at
        for at, done in (
            (row.warn_at, row.warned_at),
            (row.popup_at, row.popped_at),
            (row.due_at, row.breached_at),
        )
        if done is None
    ]
    next_at = min(open_deadlines, default=None)
    tx.execute(
        update(clocks)
        .where(clocks.c.id == row.id)
        .values(
            ended_at=None, how=None, answered_by_message_id=None, answered_by_agent_id=None, next_at=next_at
        )
    )  # fmt: skip
    times = to_ms(row.anchor_at), to_ms(row.started_at)
    tx.run(INSERT_WAIT, row.shop_id, row.anchor_message_id, row.id, *times)
    set_due(tx, row.shop_id, row.conversation_id, row.due_at, tell=True)
    ring_soon(tx, None if next_at is None else to_ms(next_at))
    tx.publish(
        ClockStarted(
            row.shop_id, row.id, row.conversation_id, row.agent_id, row.group_id, row.started_at, row.due_at,
            row.warn_at, row.target_s, row.reason_zh,
        )
    )  # fmt: skip
