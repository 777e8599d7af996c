"""Find or open the conversation that a fact belongs to: one open one per account and peer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import msgspec

from miaohui.buyers.actions import recognise_buyer
from miaohui.buyers.model import ERASED_NAME_ZH
from miaohui.buyers.queries import find_erased_at
from miaohui.channels.model import Account, Inbound, Party, Role
from miaohui.inbox.events import ConversationOpened
from miaohui.inbox.model import FAR_MS, REOPEN_WITHIN_S
from miaohui.inbox.store.conversations import (
    FIND_LAST_CLOSED,
    FIND_LAST_ENTRY,
    FIND_OPEN,
    INSERT_CONVERSATION,
    REOPEN,
    reopenings,
)
from miaohui.kit.clock import to_ms
from miaohui.kit.text import masked_name
from miaohui.kit.tx import Tx

OTHER_ENTRY_ZH = "其他"
NAMELESS_ZH = "买家"
ENTRY_COUNTS_FOR_S = 3_600
LATE = timedelta(minutes=1)


class Talk(NamedTuple):
    """The open conversation a fact belongs to."""

    id: int
    buyer_id: int
    waiting_ms: int
    recency_ms: int
    entry: str
    group_id: int | None
    is_new: bool = False
    is_reopened: bool = False


def identity_of(party: Party) -> str:
    """Return the platform id with the space in which it is unique (channels.md §6.2)."""
    return f"{party.id_space}/{party.platform_id}" if party.id_space else party.platform_id


def peer_of(fact: Inbound) -> str:
    """Return who is at the other end of an account."""
    return fact.conversation_key or identity_of(fact.actor)


def find_talk(tx: Tx, account: Account, peer: str) -> Talk | None:
    """Return the open conversation with a peer, or None."""
    found = tx.rows(FIND_OPEN, account.shop_id, account.id, peer)
    return Talk(*found[0]) if found else None


def open_talk(tx: Tx, account: Account, fact: Inbound, peer: str) -> Talk:
    """Open a conversation, or take up the last one when it was closed moments ago (domain §2.3)."""
    closed = tx.rows(FIND_LAST_CLOSED, account.shop_id, account.id, peer)
    within_ms = int(account.config.get("reopen_within_s", REOPEN_WITHIN_S)) * 1000
    is_fresh = bool(closed) and to_ms(tx.now) - closed[0][1] <= within_ms
    if is_fresh and closed[0][2] != ERASED_NAME_ZH:  # what was erased is not taken up again
        return _take_up(tx, account, peer, closed[0][0])
    who = fact.actor if fact.actor.role is Role.BUYER else _absent_buyer(fact, peer)
    platform_id = identity_of(who) or peer
    buyer_id = recognise_buyer(tx, account.shop_id, account.channel, platform_id, who.display_name)
    conversation_id, occurred_ms = tx.ids.next(), to_ms(fact.occurred_at)
    entry, refs = _entry(tx, account, fact, peer)
    tx.run(
        INSERT_CONVERSATION, conversation_id, account.shop_id, account.id, account.channel, peer,
        fact.conversation_key or peer, buyer_id, who.platform_id or peer,
        masked_name(who.display_name)[:64] or NAMELESS_ZH, entry, msgspec.json.encode(refs).decode(),
        to_ms(tx.now), -occurred_ms,
    )  # fmt: skip
    return Talk(conversation_id, buyer_id, FAR_MS, -occurred_ms, entry, None, is_new=True)


def was_erased(tx: Tx, account: Account, fact: Inbound, peer: str, *, is_open: bool = False) -> bool:
    """Tell whether a fact is of a time that its buyer had erased: it came late and is not kept (R20).

    An erasure ends the open conversation; one that is open again gets fresh facts, which are not looked up.
    """
    if is_open and tx.now - fact.occurred_at < LATE:
        return False
    who = fact.actor if fact.actor.role is Role.BUYER else _absent_buyer(fact, peer)
    at = find_erased_at(tx.conn, account.shop_id, account.channel, identity_of(who) or peer)
    return at is not None and fact.occurred_at <= at


def publish_opened(tx: Tx, account: Account, talk: Talk) -> None:
    """Tell that a conversation was opened or taken up again; does nothing for one that was open."""
    if talk.is_new or talk.is_reopened:
        tx.publish(
            ConversationOpened(
                account.shop_id, talk.id, talk.buyer_id, account.channel, talk.entry, talk.group_id, tx.now,
                talk.is_reopened,
            )
        )  # fmt: skip


def _take_up(tx: Tx, account: Account, peer: str, conversation_id: int) -> Talk:
    tx.run(REOPEN, None, conversation_id, account.shop_id)
    tx.execute(
        reopenings.insert().values(
            id=tx.ids.next(), shop_id=account.shop_id, conversation_id=conversation_id,
            reason="buyer_wrote", by_user_id=None, at=tx.now,
        )
    )  # fmt: skip
    return Talk(*tx.rows(FIND_OPEN, account.shop_id, account.id, peer)[0])._replace(is_reopened=True)


def _absent_buyer(fact: Inbound, peer: str) -> Party:
    """Return the buyer of a conversation that somebody else began, as far as the platform tells."""
    buyer_id = str(fact.refs.get("buyer_id", "")) or peer
    name = str(fact.refs.get("buyer_name", ""))
    return Party(Role.BUYER, buyer_id, name, str(fact.refs.get("id_space", "")) or fact.actor.id_space)


def _entry(tx: Tx, account: Account, fact: Inbound, peer: str) -> tuple[str, dict[str, Any]]:
    entry, refs = fact.entry, dict(fact.refs)
    since_ms = to_ms(fact.occurred_at) - ENTRY_COUNTS_FOR_S * 1000
    came = tx.rows(FIND_LAST_ENTRY, account.shop_id, account.id, peer, since_ms)
    if came:
        entry, refs = entry or came[0][0], {**msgspec.json.decode(came[0][1]), **refs}
    return entry or OTHER_ENTRY_ZH, refs
