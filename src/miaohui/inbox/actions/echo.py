"""Our own words coming back: recognised, so that a robot never answers itself (domain §3.7).

An echo also settles a send whose outcome was unknown (channels.md §6.4).
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import msgspec

from miaohui.channels.model import Account, Inbound, Origin, Role, decode_parts
from miaohui.channels.own import ECHO_WITHIN_S, fingerprint, is_own
from miaohui.inbox.actions.outcome import mark_delivered
from miaohui.inbox.actions.talks import Talk
from miaohui.inbox.model import Received, State
from miaohui.inbox.store.messages import FIND_BY_ID, FIND_BY_KEY, RECENT_SENDS
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.tx import Tx

UNSETTLED = (State.SENDING.value, State.UNKNOWN.value)


class Sent(NamedTuple):
    """One of our messages."""

    id: int
    conversation_id: int
    state: str
    message_key: str | None


def may_be_own(fact: Inbound) -> bool:
    """Tell whether a message could be ours: said on our side, or read off a page that mixes up the sides."""
    return fact.actor.role in (Role.AGENT, Role.BOT) or (
        fact.actor.role is Role.BUYER and fact.origin is Origin.BRIDGE
    )


def recognise_echo(tx: Tx, account: Account, fact: Inbound, talk: Talk | None) -> Received | None:
    """Return our own message when this fact is its echo, settling its outcome; None for anything else.

    Order: by the key we sent along, then by the platform's id, then by the same words among our sends of the
    last ten minutes. On our side of a conversation only sends without a platform id are compared by words: a
    colleague may well type the same words once more in the platform's own app.
    """
    found = _by_own_key(tx, account, fact) or _by_platform_id(tx, account, fact)
    if found is None and talk is not None:
        found = _by_words(tx, fact, talk, account.shop_id)
    if found is None:
        return None
    if found.state in UNSETTLED or (fact.message_key and not found.message_key):
        mark_delivered(tx, account.shop_id, found.id, fact.message_key, "echo")
    return Received("echo", found.conversation_id, found.id)


def _by_own_key(tx: Tx, account: Account, fact: Inbound) -> Sent | None:
    key = str(fact.refs.get("key", ""))
    if fact.actor.role is Role.BUYER or not key.isdecimal() or len(key) > 16:
        return None
    rows = tx.rows(FIND_BY_ID, int(key), account.shop_id, account.id)
    return Sent(*rows[0]) if rows else None


def _by_platform_id(tx: Tx, account: Account, fact: Inbound) -> Sent | None:
    if not fact.message_key or fact.actor.role is Role.BUYER:
        return None
    rows = tx.rows(FIND_BY_KEY, account.shop_id, account.id, fact.message_key)
    return Sent(rows[0][0], rows[0][1], rows[0][2], fact.message_key) if rows else None


def _by_words(tx: Tx, fact: Inbound, talk: Talk, shop_id: int) -> Sent | None:
    since_ms = to_ms(fact.occurred_at - timedelta(seconds=ECHO_WITHIN_S))
    for *sent, parts, occurred_ms in tx.rows(RECENT_SENDS, shop_id, talk.id, since_ms):
        one = Sent(*sent)
        if fact.actor.role is not Role.BUYER and fact.message_key and one.message_key:
            continue
        mark = fingerprint(fact.conversation_key, decode_parts(msgspec.json.decode(parts)))
        if is_own(fact, [(mark, from_ms(occurred_ms))]):
            return one
    return None
