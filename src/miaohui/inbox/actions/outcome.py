"""What became of a reply: sending, delivered, refused, unknown; each step by compare-and-set (F15)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import insert

from miaohui.inbox.actions.announce import announce, tell_visitor
from miaohui.inbox.events import ReplyRefused, ReplySent, ReplyUnknown
from miaohui.inbox.model import LOOK_UP_AFTER_S, NOT_UNKNOWN, State
from miaohui.inbox.model.messages import ANSWERS_NOTHING
from miaohui.inbox.store.conversations import ANSWERED
from miaohui.inbox.store.messages import (
    END_ATTEMPT,
    NEXT_QUEUED,
    READ_OUTGOING,
    SET_MESSAGE_KEY,
    SET_STATE,
    attempts,
)
from miaohui.kit.clock import to_ms
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.tx import Tx


def mark_sending(tx: Tx, shop_id: int, message_id: int, number: int, scene: str) -> bool:
    """Note, committed before the network is touched, that a send begins; False when it is not queued."""
    if not _move(tx, shop_id, message_id, State.QUEUED, State.SENDING, None):
        return False
    tx.execute(
        insert(attempts).values(
            id=tx.ids.next(), shop_id=shop_id, message_id=message_id, number=number, started_at=tx.now,
            outcome=State.SENDING.value, scene=scene, detail={},
        )
    )  # fmt: skip
    _tell(tx, shop_id, message_id, "inbox.reply_sending")
    return True


def mark_delivered(tx: Tx, shop_id: int, message_id: int, message_key: str, source: str) -> bool:
    """Note that the platform has it; True when that is news. `source`: receipt, lookup, echo, person.

    A second confirmation only adds the platform's id. The conversation's next queued reply gets its turn.
    """
    if message_key:
        tx.run(SET_MESSAGE_KEY, message_key, message_id, shop_id)
    moved = _move(tx, shop_id, message_id, State.SENDING, State.DELIVERED, None)
    moved = moved or _move(tx, shop_id, message_id, State.UNKNOWN, State.DELIVERED, None)
    if not moved:
        return False
    _end_attempt(tx, shop_id, message_id, State.DELIVERED, {"source": source})
    conversation_id, agent_id, is_answer = _outgoing(tx, shop_id, message_id)
    by_robot = not is_answer
    if is_answer:
        tx.run(ANSWERED, conversation_id, shop_id)
    tx.publish(ReplySent(shop_id, conversation_id, message_id, agent_id, by_robot, tx.now))
    _tell(tx, shop_id, message_id, "inbox.reply_sent", {"message_key": message_key, "source": source})
    queue_next(tx, shop_id, conversation_id)
    return True


def mark_refused(
    tx: Tx, shop_id: int, message_id: int, reason: str, detail: Mapping[str, Any] | None = None
) -> bool:
    """Note that it certainly did not arrive, with a reason for the agent; True when that is news."""
    before = (State.QUEUED, State.SENDING, State.UNKNOWN, State.DELIVERED)
    if not any(_move(tx, shop_id, message_id, state, State.REFUSED, reason) for state in before):
        return False
    _end_attempt(tx, shop_id, message_id, State.REFUSED, {"reason": reason, **(detail or {})})
    conversation_id, agent_id, _ = _outgoing(tx, shop_id, message_id)
    tx.publish(ReplyRefused(shop_id, conversation_id, message_id, agent_id, reason, tx.now))
    _tell(tx, shop_id, message_id, "inbox.reply_refused", {"reason": reason, **(detail or {})})
    queue_next(tx, shop_id, conversation_id)
    return True


def mark_unknown(tx: Tx, shop_id: int, message_id: int, detail: Mapping[str, Any]) -> bool:
    """Note that nobody knows whether it arrived, and have it looked up; it is never sent again by itself."""
    if not _move(tx, shop_id, message_id, State.SENDING, State.UNKNOWN, "unknown"):
        return False
    _end_attempt(tx, shop_id, message_id, State.UNKNOWN, detail)
    conversation_id, agent_id, _ = _outgoing(tx, shop_id, message_id)
    tx.publish(ReplyUnknown(shop_id, conversation_id, message_id, agent_id, tx.now))
    cause = {"cause": detail.get("reason", ""), **detail}
    _tell(tx, shop_id, message_id, "inbox.reply_unknown", cause)
    tx.enqueue(
        "inbox.look_up_reply", {"message_id": message_id, "round": 0}, shop_id=shop_id,
        run_at=tx.now + timedelta(seconds=LOOK_UP_AFTER_S[0]),
        key=f"inbox.look_up_reply:{message_id}:0",
    )  # fmt: skip
    queue_next(tx, shop_id, conversation_id)
    return True


def mark_queued_again(tx: Tx, shop_id: int, message_id: int, detail: Mapping[str, Any]) -> bool:
    """Put back a send that certainly did not leave this machine or was refused for the moment."""
    if not _move(tx, shop_id, message_id, State.SENDING, State.QUEUED, None):
        return False
    _end_attempt(tx, shop_id, message_id, State.QUEUED, {"outcome": "retry", **detail})
    _tell(tx, shop_id, message_id, "inbox.reply_waiting", dict(detail))
    return True


def settle_unknown(tx: Tx, shop_id: int, message_id: int, has_arrived: bool) -> None:
    """Write down what a person found out about a reply with unknown outcome.

    Raises: Refusal kit.not_found, inbox.not_unknown.
    """
    _outgoing(tx, shop_id, message_id)
    if has_arrived:
        done = mark_delivered(tx, shop_id, message_id, "", "person")
    else:
        done = _is_unknown(tx, shop_id, message_id) and mark_refused(
            tx, shop_id, message_id, "人工确认未送达"
        )
    if not done:
        NOT_UNKNOWN.refuse(message_id=message_id)
    tx.audit("inbox.settled", f"message:{message_id}", {"has_arrived": has_arrived}, shop_id=shop_id)


def queue_next(tx: Tx, shop_id: int, conversation_id: int) -> None:
    """Give the conversation's oldest queued reply its turn: one at a time, in the order they were written."""
    found = tx.rows(NEXT_QUEUED, shop_id, conversation_id)
    if found and found[0][1] == State.QUEUED.value:
        start_delivery(tx, shop_id, found[0][0])


def start_delivery(tx: Tx, shop_id: int, message_id: int, round_number: int = 0) -> None:
    """Store the job that sends one reply; at most one job for a message and round."""
    tx.enqueue(
        "inbox.deliver_reply", {"message_id": message_id}, shop_id=shop_id,
        key=f"inbox.deliver_reply:{message_id}:{round_number}", queue="send",
    )  # fmt: skip


def _move(
    tx: Tx, shop_id: int, message_id: int, before: State, after: State, reason: str | None
) -> bool:  # fmt: skip
    return tx.run(SET_STATE, after.value, reason, message_id, shop_id, before.value) == 1


def _is_unknown(tx: Tx, shop_id: int, message_id: int) -> bool:
    return bool(tx.rows(READ_OUTGOING, message_id, shop_id)[0][3] == State.UNKNOWN.value)


def _outgoing(tx: Tx, shop_id: int, message_id: int) -> tuple[int, int | None, bool]:
    """Return the conversation, the agent, and whether it is a person's answer. Raises: Refusal kit.not_found."""
    found = tx.rows(READ_OUTGOING, message_id, shop_id)
    if not found or found[0][2] not in ("agent", "bot"):
        NOT_FOUND.refuse(message_id=message_id)
    return found[0][0], found[0][1], found[0][2] == "agent" and found[0][6] not in ANSWERS_NOTHING


def _end_attempt(tx: Tx, shop_id: int, message_id: int, state: State, detail: Mapping[str, Any]) -> None:
    outcome = str(detail.get("outcome", state.value))
    text = msgspec.json.encode(dict(detail)).decode()
    tx.run(END_ATTEMPT, to_ms(tx.now), outcome, text, shop_id, message_id)


def _tell(tx: Tx, shop_id: int, message_id: int, name: str, data: Mapping[str, Any] | None = None) -> None:
    conversation_id, agent_id, _, state, _, client_id, _, reason = tx.rows(
        READ_OUTGOING, message_id, shop_id
    )[0]
    told = {"message_id": message_id, "client_id": client_id, "state": state, "reason": reason}
    facts = {**(data or {}), **told}
    also = [f"agent:{agent_id}"] if agent_id is not None else []
    announce(tx, shop_id, conversation_id, name, facts, also)
    if state == State.DELIVERED.value:
        tell_visitor(tx, shop_id, conversation_id, {"type": "message", "id": str(message_id)})
