"""Start, stop and cancel reply clocks: one open clock per conversation, whatever happens twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from miaohui.inbox.actions.conversation import set_due
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.tx import Tx
from miaohui.shop.queries import get_rulebook
from miaohui.sla.actions.days import Ended, store_round
from miaohui.sla.actions.sessions import Session, note_reply, open_session
from miaohui.sla.events import ClockStarted, ClockStopped
from miaohui.sla.model import Promise, Rules, promise_for, rules_of
from miaohui.sla.model.deadlines import Deadlines
from miaohui.sla.store import (
    DROP_WAITS,
    END_CLOCK,
    HAS_OPEN_CLOCK,
    INSERT_CLOCK,
    INSERT_WAIT,
    JOIN_OPEN_CLOCK,
    OPEN_CLOCK,
    WAITS_OF_CLOCK,
)

RING_WITHIN_MS = 2_000


@dataclass(frozen=True, slots=True)
class Wait:
    """A buyer message that waits for an answer."""

    message_id: int
    occurred_at: datetime
    received_at: datetime

    @property
    def anchor_at(self) -> datetime:
        """When the buyer wrote it: the platform's time, unless its clock is ahead of ours."""
        return min(self.occurred_at, self.received_at)


@dataclass(frozen=True, slots=True)
class OpenClock:
    """A running clock as the actions need it, in the order of `store.OPEN_CLOCK_COLUMNS`."""

    id: int
    shop_id: int
    conversation_id: int
    session_id: int
    agent_id: int | None
    group_id: int | None
    anchor_message_id: int
    target_s: int
    started_at: datetime
    counts_from_at: datetime
    due_at: datetime
    warned_at: datetime | None
    popped_at: datetime | None
    breached_at: datetime | None


def rules_now(tx: Tx, shop_id: int) -> Rules:
    """Return the rules that hold now; one statement while nothing changed."""
    return rules_of(get_rulebook(tx.conn, shop_id, tx.now), tx.now)


def start_clock(
    tx: Tx, shop_id: int, conversation_id: int, wait: Wait, rules: Rules | None = None
) -> int | None:
    """Start the clock of a round with its first buyer message; return its id.

    A further message joins the open clock and moves nothing (None): the round is anchored at the first
    message, domain.md §2.6. The same message twice changes nothing.
    """
    if _join(tx, shop_id, conversation_id, wait):
        return None
    session = open_session(tx, shop_id, conversation_id, wait.received_at)
    promise = promise_for(wait.received_at, rules or rules_now(tx, shop_id), session.group_id)
    clock_id = tx.ids.next()
    if not _insert(tx, shop_id, conversation_id, (clock_id, session, wait, promise)):
        _join(tx, shop_id, conversation_id, wait)  # another process was faster (PostgreSQL)
        return None
    tx.run(INSERT_WAIT, shop_id, wait.message_id, clock_id, to_ms(wait.occurred_at), to_ms(wait.received_at))
    set_due(tx, shop_id, conversation_id, promise.due_at)
    tx.publish(
        ClockStarted(
            shop_id, clock_id, conversation_id, session.agent_id, session.group_id, wait.received_at,
            promise.due_at, promise.warn_at, promise.target_s, promise.reason_zh,
        )
    )  # fmt: skip
    return clock_id


def _join(tx: Tx, shop_id: int, conversation_id: int, wait: Wait) -> bool:
    """Let a message wait on the open clock; False when there is none."""
    times = to_ms(wait.occurred_at), to_ms(wait.received_at)
    joined = tx.run(JOIN_OPEN_CLOCK, wait.message_id, *times, shop_id, conversation_id)
    return joined == 1 or bool(tx.rows(HAS_OPEN_CLOCK, shop_id, conversation_id))


def _insert(tx: Tx, shop_id: int, conversation_id: int, what: tuple[int, Session, Wait, Promise]) -> bool:
    clock_id, session, wait, promise = what
    deadlines = deadlines_of(promise)
    next_ms = deadlines.next_ms
    ring_soon(tx, next_ms)
    return tx.run(
        INSERT_CLOCK, clock_id, shop_id, conversation_id, session.id, session.agent_id, session.group_id,
        wait.message_id, to_ms(wait.received_at), to_ms(promise.counts_from_at), promise.target_s,
        promise.reason_zh, promise.source, deadlines.due_ms, deadlines.warn_ms, deadlines.popup_ms, next_ms,
    ) == 1  # fmt: skip


def deadlines_of(promise: Promise) -> Deadlines:
    """Return the deadlines of a fresh promise."""
    return Deadlines(to_ms(promise.warn_at), to_ms(promise.popup_at), to_ms(promise.due_at))


def ring_soon(tx: Tx, next_ms: int | None) -> None:
    """Wake the timers for a deadline that comes before they look by themselves (once a second)."""
    if next_ms is not None and next_ms < to_ms(tx.now) + RING_WITHIN_MS:
        tx.ring("timers")


def stop_clock(
    tx: Tx, shop_id: int, conversation_id: int, message_id: int, agent_id: int | None, sent_at: datetime
) -> bool:
    """End the open clock because a human answered; False when none was open.

    Messages that the buyer wrote after the answer left begin a new round at once.
    """
    session = open_session(tx, shop_id, conversation_id, sent_at)
    clock = find_open(tx, shop_id, conversation_id)
    answered_at = min(sent_at, tx.now)
    waiting = list_waits(tx, clock) if clock is not None else []
    answered = [wait for wait in waiting if wait.anchor_at <= answered_at]
    if clock is None or not answered:
        note_reply(tx, session, answered_at)
        return False
    who = agent_id if agent_id is not None else clock.agent_id
    ended = _end(tx, clock, "answered", (message_id, who))
    rules = rules_now(tx, shop_id)
    if ended:
        fact = Ended(clock, session, _anchor(answered, rules), answered_at, who)
        response_ms = store_round(tx, fact, rules.rounds)
        _tell_end(tx, clock, "answered", who, response_ms)
    note_reply(tx, session, answered_at)
    for wait in (wait for wait in waiting if wait.anchor_at > answered_at):
        start_clock(tx, shop_id, conversation_id, wait, rules)
    return ended


def cancel_clock(tx: Tx, shop_id: int, conversation_id: int, how: str) -> bool:
    """End the open clock without an answer; False when none was open.

    Shape: `how` is 'closed' (the round stays unanswered and counts 600 s, domain.md §2.6), 'recalled' or
    'robot' (no round).
    """
    clock = find_open(tx, shop_id, conversation_id)
    if clock is None:
        return False
    waiting = list_waits(tx, clock)
    if not _end(tx, clock, how, (None, None)):
        return False
    if how == "closed" and waiting:
        session = open_session(tx, shop_id, conversation_id, clock.started_at)
        rules = rules_now(tx, shop_id)
        store_round(tx, Ended(clock, session, _anchor(waiting, rules), None, clock.agent_id), rules.rounds)
    _tell_end(tx, clock, how, clock.agent_id, None)
    return True


def _anchor(waiting: Sequence[Wait], rules: Rules) -> datetime:
    first = rules.rounds.anchor == "first_customer_msg"
    return waiting[0].anchor_at if first else waiting[-1].anchor_at


def find_open(tx: Tx, shop_id: int, conversation_id: int) -> OpenClock | None:
    """Return the open clock of a conversation, or None."""
    rows = tx.rows(OPEN_CLOCK, shop_id, conversation_id)
    if not rows:
        return None
    return OpenClock(*rows[0][:8], *(ms if ms is None else from_ms(ms) for ms in rows[0][8:]))


def list_waits(tx: Tx, clock: OpenClock) -> list[Wait]:
    """Return the messages a clock waits on, in the order the buyer wrote them."""
    rows = tx.rows(WAITS_OF_CLOCK, clock.shop_id, clock.id)
    found = (Wait(row[0], from_ms(row[1]), from_ms(row[2])) for row in rows)
    return sorted(found, key=lambda wait: (wait.anchor_at, wait.message_id))


def _end(tx: Tx, clock: OpenClock, how: str, answer: tuple[int | None, int | None]) -> bool:
    """End a clock by compare-and-set: of two that try, one does."""
    if tx.run(END_CLOCK, to_ms(tx.now), how, *answer, clock.id) != 1:
        return False
    tx.run(DROP_WAITS, clock.shop_id, clock.id)
    set_due(tx, clock.shop_id, clock.conversation_id, None)
    return True


def _tell_end(tx: Tx, clock: OpenClock, how: str, agent_id: int | None, response_ms: int | None) -> None:
    tx.publish(
        ClockStopped(
            clock.shop_id, clock.id, clock.conversation_id, agent_id, clock.group_id, how, clock.due_at,
            response_ms, tx.now,
        )
    )  # fmt: skip
