"""A buyer's stay from opening to closing: who has it, when the first answer came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from miaohui.inbox.queries.conversations import find_conversation
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.tx import Tx
from miaohui.sla.store import END_SESSION, GIVE_SESSION, INSERT_SESSION, NOTE_REPLY, OPEN_SESSION


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
    """Return the stay, begun at `at` by whoever has the conversation when there is none yet."""
    found = find_session(tx, shop_id, conversation_id)
    if found is not None:
        return found
    conversation = find_conversation(tx.conn, shop_id, conversation_id)
    agent_id = conversation.agent_id if conversation is not None else None
    group_id = conversation.group_id if conversation is not None else None
    return begin_session(tx, shop_id, conversation_id, at, (agent_id, group_id))


def begin_session(
    tx: Tx, shop_id: int, conversation_id: int, at: datetime, held_by: tuple[int | None, int | None]
) -> Session:
    """Begin a stay, held by an agent and a group or nobody; one that is open stays as it is."""
    agent_id, group_id = held_by
    assigned_ms = to_ms(at) if agent_id is not None else None
    tx.run(
        INSERT_SESSION, tx.ids.next(), shop_id, conversation_id, agent_id, group_id, to_ms(at), assigned_ms
    )
    made = find_session(tx, shop_id, conversation_id)
    assert made is not None, "the row was inserted, or somebody else inserted it"
    return made


def find_session(tx: Tx, shop_id: int, conversation_id: int) -> Session | None:
    """Return the open stay of a conversation, or None."""
    rows = tx.rows(OPEN_SESSION, shop_id, conversation_id)
    return Session(*rows[0][:3], *(ms and from_ms(ms) for ms in rows[0][3:])) if rows else None


def assign_session(
    tx: Tx, shop_id: int, conversation_id: int, agent_id: int | None, group_id: int | None
) -> None:
    """Keep who has the stay now; the first assignment ends the wait in the queue."""
    session = open_session(tx, shop_id, conversation_id, tx.now)
    assigned_ms = to_ms(tx.now) if agent_id is not None else None
    tx.run(GIVE_SESSION, agent_id, group_id, assigned_ms, session.id)


def note_reply(tx: Tx, session: Session, at: datetime) -> None:
    """Keep when a human answered: the first time and the last."""
    tx.run(NOTE_REPLY, to_ms(at), to_ms(max(at, session.last_reply_at or at)), session.id)


def end_session(tx: Tx, shop_id: int, conversation_id: int, at: datetime) -> None:
    """End the stay."""
    tx.run(END_SESSION, to_ms(at), shop_id, conversation_id)
