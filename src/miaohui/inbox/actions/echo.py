"""Our own words coming back: recognised, so that a robot never answers itself (domain §3.7).

An echo also settles a send whose outcome was unknown (channels.md §6.4).
"""

from __future__ import annotations

from miaohui.channels.model import Account, Inbound
from miaohui.inbox.actions.lines import Content
from miaohui.inbox.actions.outcome import mark_delivered
from miaohui.inbox.actions.talks import Talk
from miaohui.inbox.model import Received, State
from miaohui.inbox.store.messages import FIND_BY_ID, FIND_BY_KEY, FIND_UNCONFIRMED
from miaohui.kit.clock import to_ms
from miaohui.kit.tx import Tx

ECHO_WITHIN_S = 600
UNSETTLED = (State.SENDING.value, State.UNKNOWN.value)


def recognise_echo(
    tx: Tx, account: Account, fact: Inbound, talk: Talk | None, what: Content
) -> Received | None:
    """Return our own message when this fact is its echo, settling its outcome; None for anything else.

    Order: by the key we sent along, then by the platform's id, then by the same words among our sends of the
    last ten minutes that have no platform id yet.
    """
    own_key = str(fact.refs.get("client_key", "") or fact.refs.get("key", ""))
    found = _by_own_key(tx, account, own_key) or _by_platform_id(tx, account, fact)
    if found is None and talk is not None:
        since_ms = to_ms(fact.occurred_at) - ECHO_WITHIN_S * 1000
        rows = tx.rows(FIND_UNCONFIRMED, account.shop_id, talk.id, what.text, since_ms)
        found = rows[0] if rows else None
    if found is None:
        return None
    message_id, conversation_id, state = found[0], found[1], found[2]
    if state in UNSETTLED or (fact.message_key and not found[3]):
        mark_delivered(tx, account.shop_id, message_id, fact.message_key, "echo")
    return Received("echo", conversation_id, message_id)


def _by_own_key(tx: Tx, account: Account, key: str) -> tuple[int, int, str, str | None] | None:
    if not key.isdigit() or len(key) > 16:
        return None
    rows = tx.rows(FIND_BY_ID, int(key), account.shop_id, account.id)
    return rows[0] if rows else None


def _by_platform_id(tx: Tx, account: Account, fact: Inbound) -> tuple[int, int, str, str | None] | None:
    if not fact.message_key:
        return None
    rows = tx.rows(FIND_BY_KEY, account.shop_id, account.id, fact.message_key)
    return (rows[0][0], rows[0][1], rows[0][2], fact.message_key) if rows else None
