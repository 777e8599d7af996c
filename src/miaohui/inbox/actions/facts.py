"""What a delivered fact does, by its kind: message, recall, edit, read, enter, rating, result of a send, …"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.dialects.postgresql import insert as insert_or_update

from miaohui.channels.model import Account, Inbound, Kind
from miaohui.channels.model.parts import Rating, Unknown
from miaohui.inbox.actions.announce import announce
from miaohui.inbox.actions.conversation import close_conversation
from miaohui.inbox.actions.files import own_parts
from miaohui.inbox.actions.lines import event_key_of
from miaohui.inbox.actions.outcome import mark_delivered, mark_refused
from miaohui.inbox.actions.recall import edit_message, recall_message
from miaohui.inbox.actions.receive import receive_message
from miaohui.inbox.actions.talks import find_talk, peer_of, was_erased
from miaohui.inbox.events import BusinessFactArrived, ConversationRated
from miaohui.inbox.store.conversations import FIND_LAST_OF_PEER, NOTE_READ, entries, ratings
from miaohui.inbox.store.messages import (
    FIND_BY_KEY,
    INSERT_FACT,
    UPSERT_OPENING,
    read_marks,
)
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import insert_new
from miaohui.kit.tx import Tx

CLOSED_WORDS = frozenset({"closed", "close", "end", "ended", "finished"})


def apply_fact(tx: Tx, account: Account, fact: Inbound) -> str:
    """Do what one delivered fact asks for and return what came of it, in a word.

    Every kind is applied once, however often it is delivered. What is not about a conversation is published
    as `BusinessFactArrived` for the rooms above; unknown kinds are kept.
    """
    handler = _HANDLERS.get(fact.kind, _pass_on)
    return handler(tx, account, fact)


def _message(tx: Tx, account: Account, fact: Inbound) -> str:
    return receive_message(tx, account, own_parts(tx, account, fact)).outcome


def _unknown(tx: Tx, account: Account, fact: Inbound) -> str:
    """Keep an unknown kind where people see it: in its conversation when it names one."""
    if not (fact.conversation_key or fact.actor.platform_id):
        return _pass_on(tx, account, fact)
    parts = fact.parts or (Unknown(str(fact.refs.get("type", "")), fact.raw),)
    return receive_message(tx, account, replace(fact, parts=parts)).outcome


def _pass_on(tx: Tx, account: Account, fact: Inbound) -> str:
    if not _is_new(tx, account, fact):
        return "duplicate"
    tx.publish(BusinessFactArrived(account.shop_id, account.id, account.channel, fact))
    return "passed_on"


def _probe(tx: Tx, account: Account, fact: Inbound) -> str:
    return "ignored"


def _enter(tx: Tx, account: Account, fact: Inbound) -> str:
    """Keep where a buyer came in; the next conversation gets it. Nobody has spoken yet: none is opened."""
    peer = peer_of(fact)
    talk = find_talk(tx, account, peer)
    if was_erased(tx, account, fact, peer, is_open=True):
        return "erased"
    stored = insert_new(
        tx.conn,
        entries,
        id=tx.ids.next(),
        shop_id=account.shop_id,
        account_id=account.id,
        peer=peer,
        conversation_id=talk.id if talk else None,
        event_key=event_key_of(fact),
        entry=fact.entry or "其他",
        refs=dict(fact.refs),
        at=fact.occurred_at,
    )
    if not stored:
        return "duplicate"
    _open_window(tx, account, fact, "enter")
    if talk is not None:
        facts = {"entry": fact.entry, "refs": dict(fact.refs)}
        announce(tx, account.shop_id, talk.id, "inbox.buyer_entered", facts)
    return "entered"


def _auth(tx: Tx, account: Account, fact: Inbound) -> str:
    _open_window(tx, account, fact, "auth")
    return _pass_on(tx, account, fact)


def _open_window(tx: Tx, account: Account, fact: Inbound, act: str) -> None:
    until = fact.refs.get("expires_at_ms")
    tx.run(
        UPSERT_OPENING, account.shop_id, account.id, peer_of(fact), act, to_ms(fact.occurred_at),
        int(until) if until else None,
    )  # fmt: skip


def _read(tx: Tx, account: Account, fact: Inbound) -> str:
    found = tx.rows(FIND_LAST_OF_PEER, account.shop_id, account.id, peer_of(fact))
    if not found:
        return "missing"
    at_ms = to_ms(fact.occurred_at)
    upto = tx.rows(FIND_BY_KEY, account.shop_id, account.id, fact.message_key) if fact.message_key else []
    message_id = upto[0][0] if upto else None
    if not tx.run(NOTE_READ, at_ms, found[0][0], at_ms):
        return "duplicate"
    mark = {"message_id": message_id, "at": from_ms(at_ms)}
    tx.execute(
        insert_or_update(read_marks)
        .values(shop_id=account.shop_id, conversation_id=found[0][0], reader="buyer", **mark)
        .on_conflict_do_update(index_elements=["shop_id", "conversation_id", "reader"], set_=mark)
    )
    announce(
        tx, account.shop_id, found[0][0], "inbox.buyer_read", {"at": mark["at"], "message_id": message_id}
    )
    return "read"


def _rating(tx: Tx, account: Account, fact: Inbound) -> str:
    found = tx.rows(FIND_LAST_OF_PEER, account.shop_id, account.id, peer_of(fact))
    given = next((part for part in fact.parts if isinstance(part, Rating)), None)
    if not found or given is None or not 1 <= given.score <= 5:
        return _pass_on(tx, account, fact)
    if was_erased(tx, account, fact, peer_of(fact), is_open=True):
        return "erased"
    conversation_id, agent_id = found[0]
    stored = insert_new(
        tx.conn,
        ratings,
        id=tx.ids.next(),
        shop_id=account.shop_id,
        account_id=account.id,
        conversation_id=conversation_id,
        event_key=event_key_of(fact),
        agent_id=agent_id,
        stars=given.score,
        comment=given.comment[:2000],
        tags=list(given.tags),
        at=fact.occurred_at,
    )
    if not stored:
        return "duplicate"
    tx.publish(ConversationRated(account.shop_id, conversation_id, agent_id, given.score, tx.now))
    facts = {"stars": given.score, "comment": given.comment[:500]}
    announce(tx, account.shop_id, conversation_id, "inbox.conversation_rated", facts)
    return "rated"


def _send_result(tx: Tx, account: Account, fact: Inbound) -> str:
    """Settle a send by what the platform tells of it later."""
    message_id = _own_message(tx, account, fact)
    if message_id is None:
        return _pass_on(tx, account, fact)
    if fact.kind is Kind.SEND_FAILED:
        reason = str(fact.refs.get("reason", "")) or "平台通知发送失败"
        return "refused" if mark_refused(tx, account.shop_id, message_id, reason[:500]) else "duplicate"
    done = mark_delivered(tx, account.shop_id, message_id, fact.message_key, "echo")
    return "delivered" if done else "duplicate"


def _own_message(tx: Tx, account: Account, fact: Inbound) -> int | None:
    key = str(fact.refs.get("key", ""))
    if key.isdecimal() and len(key) <= 16:
        return int(key)
    if not fact.message_key:
        return None
    found = tx.rows(FIND_BY_KEY, account.shop_id, account.id, fact.message_key)
    return int(found[0][0]) if found else None


def _session_state(tx: Tx, account: Account, fact: Inbound) -> str:
    state = str(fact.refs.get("status", fact.refs.get("state", ""))).lower()
    talk = find_talk(tx, account, peer_of(fact))
    if state in CLOSED_WORDS and talk is not None and _is_new(tx, account, fact):
        close_conversation(tx, account.shop_id, talk.id, "platform", None)
        return "closed"
    return _pass_on(tx, account, fact)


def _is_new(tx: Tx, account: Account, fact: Inbound) -> bool:
    return (
        tx.run(INSERT_FACT, account.shop_id, account.id, event_key_of(fact), fact.kind.value, to_ms(tx.now))
        == 1
    )


_HANDLERS: dict[Kind, Callable[[Tx, Account, Inbound], str]] = {
    Kind.MESSAGE: _message,
    Kind.UNKNOWN: _unknown,
    Kind.RECALL: recall_message,
    Kind.EDIT: edit_message,
    Kind.READ: _read,
    Kind.ENTER: _enter,
    Kind.AUTH: _auth,
    Kind.RATING: _rating,
    Kind.SEND_RESULT: _send_result,
    Kind.SEND_FAILED: _send_result,
    Kind.SESSION_STATE: _session_state,
    Kind.PROBE: _probe,
    Kind.TYPING: _probe,
}
