"""Take in one message: seen before or not, find or open the conversation, store, index, tell.

This is the hot path: hand-written SQL, one savepoint per fact in the pump. Source: house §4, channels.md §6.
"""

from __future__ import annotations

from miaohui.channels.model import Account, Inbound, Role
from miaohui.inbox.actions.announce import announce
from miaohui.inbox.actions.echo import may_be_own, recognise_echo
from miaohui.inbox.actions.lines import Content, Envelope, content_of, event_key_of, insert_message, shown
from miaohui.inbox.actions.media import follow_references
from miaohui.inbox.actions.recall import catch_up_recall
from miaohui.inbox.actions.snooze import wake
from miaohui.inbox.actions.talks import Talk, find_talk, open_talk, peer_of, publish_opened, was_erased
from miaohui.inbox.events import MessageConflicted, MessageReceived, ReplySent
from miaohui.inbox.model import FAR_MS, Received, State, preview
from miaohui.inbox.model.messages import ERASED_DIGEST
from miaohui.inbox.store.conversations import AFTER_BUYER, AFTER_OTHER, ANSWERED
from miaohui.inbox.store.messages import FIND_BY_EVENT, INSERT_CONFLICT
from miaohui.kit.clock import to_ms
from miaohui.kit.text import masked_text
from miaohui.kit.tx import Tx


def receive_message(tx: Tx, account: Account, fact: Inbound) -> Received:
    """Store one message of a conversation, whoever wrote it.

    Seen before with the same content: nothing happens. Seen before with another content: the first stays and
    the other is kept as a visible conflict. Our own words coming back are recognised and never answered.
    Order: the pump hands over an account's facts in the order of arrival: one writer per buyer.
    """
    peer, what = peer_of(fact), content_of(fact)
    talk = find_talk(tx, account, peer)
    known = _known(tx, account, fact, what, talk)
    if known is not None:
        return known
    if talk is None:
        talk = open_talk(tx, account, fact, peer)
    where = _envelope(tx, account, fact, talk.id)
    if not insert_message(tx, where, what):
        return _seen(tx, account, fact, what) or Received("ignored", talk.id)
    publish_opened(tx, account, talk)
    follow_references(tx, where.shop_id, where.id, fact.parts)
    if what.role == Role.BUYER:
        _after_buyer(tx, account, fact, talk, (where, what))
    else:
        _after_other(tx, talk, where, what)
    if where.message_key:
        catch_up_recall(tx, account, where.message_key)
    return Received("stored", talk.id, where.id)


def _known(tx: Tx, account: Account, fact: Inbound, what: Content, talk: Talk | None) -> Received | None:
    """Return what became of a fact that is no news: seen before, our own words, or of a time that was erased."""
    is_ours = may_be_own(fact)
    seen = _seen(tx, account, fact, what) if talk is None or is_ours else None
    if seen is None and is_ours:
        seen = recognise_echo(tx, account, fact, talk)
    if seen is None and was_erased(tx, account, fact, peer_of(fact), is_open=talk is not None):
        return Received("erased")
    return seen


def _envelope(tx: Tx, account: Account, fact: Inbound, conversation_id: int) -> Envelope:
    is_ours = fact.actor.role in (Role.AGENT, Role.BOT)
    return Envelope(
        tx.ids.next(), account.shop_id, conversation_id, account.id, event_key_of(fact),
        fact.message_key or None, to_ms(fact.occurred_at), fact.seq_hint, to_ms(tx.now),
        state=State.DELIVERED.value if is_ours else State.RECEIVED.value,
    )  # fmt: skip


def _seen(tx: Tx, account: Account, fact: Inbound, what: Content) -> Received | None:
    """Return what is known of a fact with this event key, keeping another content beside the first."""
    key = event_key_of(fact)
    found = tx.rows(FIND_BY_EVENT, account.shop_id, account.id, key)
    if not found:
        return None
    message_id, conversation_id, digest = found[0]
    if digest == ERASED_DIGEST:
        return Received("erased", conversation_id, message_id)
    if digest == what.digest:
        return Received("duplicate", conversation_id, message_id)
    conflict_id = tx.ids.next()
    is_first = tx.run(
        INSERT_CONFLICT, conflict_id, account.shop_id, account.id, message_id, conversation_id, key,
        what.digest, what.text, what.parts, to_ms(tx.now),
    )  # fmt: skip
    if is_first:
        tx.publish(MessageConflicted(account.shop_id, conversation_id, message_id, conflict_id, tx.now))
        announce(
            tx, account.shop_id, conversation_id, "inbox.message_conflicted",
            {"message_id": message_id, "conflict_id": conflict_id, "text": masked_text(what.text[:500])},
        )  # fmt: skip
    return Received("conflict", conversation_id, message_id)


def _after_buyer(tx: Tx, account: Account, fact: Inbound, talk: Talk, line: tuple[Envelope, Content]) -> None:
    where, what = line
    waiting = talk.waiting_ms if talk.waiting_ms != FAR_MS else where.received_ms
    recency = min(talk.recency_ms, -where.occurred_ms)
    row = tx.rows(AFTER_BUYER, waiting, recency, where.id, preview(what.text), talk.id)
    if row and row[0][0] is not None:
        wake(tx, account.shop_id, talk.id, "buyer")
    tx.publish(
        MessageReceived(
            account.shop_id, talk.id, where.id, talk.buyer_id, account.channel, what.kind, what.text,
            fact.occurred_at, tx.now,
        )
    )  # fmt: skip
    announce(tx, account.shop_id, talk.id, "inbox.message_received", {"message": shown(where, what)})


def _after_other(tx: Tx, talk: Talk, where: Envelope, what: Content) -> None:
    """Keep a system line, or an answer that somebody gave in the platform's own app."""
    recency = min(talk.recency_ms, -where.occurred_ms)
    tx.run(AFTER_OTHER, recency, where.id, what.role, preview(what.text), talk.id)
    if what.role in (Role.AGENT, Role.BOT):
        by_robot = what.role == Role.BOT
        if not by_robot:
            tx.run(ANSWERED, talk.id, where.shop_id)
        tx.publish(ReplySent(where.shop_id, talk.id, where.id, None, by_robot, tx.now))
    announce(tx, where.shop_id, talk.id, "inbox.message_added", {"message": shown(where, what)})
