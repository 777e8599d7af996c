"""A buyer's stay from opening to closing: who has it, when the first answer came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from miaohui.inbox.queries.conversations import find_conversation
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.tx import Tx
from miaohui.sla.store import INSERT_SESSION, OPEN_SESSION, sessions


@dataclass(frozen=True, slots=True)
class Session:
    """An open stay as the clocks need it."""

    id: int
    agent_id: int | None
    group_id: int | None
    opened_at: datetime
    assigned_at: datetime | None
    first_reply_at: datetime | None
    last_reply_at: datetime | None


def open_session(tx: Tx, shop_id: int, conversation_id: int, at: datetime) -> Session:
    """Return the stay, begun at `at` when there is none yet."""
    found = _find(tx, shop_id, conversation_id)
    if found is not None:
        return found
    conversation = find_conversation(tx.conn, shop_id, conversation_id)
    agent_id = conversation.agent_id if conversation is not None else None
    group_id = conversation.group_id if conversation is not None else None
    assigned_ms = to_ms(at) if agent_id is not None else None
    session_id = tx.ids.next()
    tx.run(INSERT_SESSION, session_id, shop_id, conversation_id, agent_id, group_id, to_ms(at), assigned_ms)
    made = _find(tx, shop_id, conversation_id)
    assert made is not None, "the row was inserted, or somebody else inserted it"
    return made


def _find(tx: Tx, shop_id: int, conversation_id: int) -> Session | None:
    rows = tx.rows(OPEN_SESSION, shop_id, conversation_id)
    return Session(*rows[0][:3], *(ms and from_ms(ms) for ms in rows[0][3:])) if rows else None


def assign_session(
    tx: Tx, shop_id: int, conversation_id: int, agent_id: int | None, group_id: int | None
) -> None:
    """Keep who has the stay now; the first assignment ends the wait in the queue."""
    session = open_session(tx, shop_id, conversation_id, tx.now)
    values = {"agent_id": agent_id, "group_id": group_id}
    if agent_id is not None and session.assigned_at is None:
        values["assigned_at"] = tx.now  # type: ignore[assignment]
    tx.execute(update(sessions).where(sessions.c.id == session.id).values(values))


def note_reply(tx: Tx, session: Session, at: datetime) -> None:
    """Keep when a human answered: the first time and the last."""
    values = {"last_reply_at": max(at, session.last_reply_at or at)}
    if session.first_reply_at is None:
        values["first_reply_at"] = at
    tx.execute(update(sessions).where(sessions.c.id == session.id).values(values))


def end_session(tx: Tx, shop_id: int, conversation_id: int, at: datetime) -> None:
    """End the stay."""
    tx.execute(
        update(sessions)
        .where(
            sessions.c.shop_id == shop_id,
            sessions.c.conversation_id == conversation_id,
            sessions.c.ended_at.is_(None),
        )
        .values(ended_at=at)
    )
