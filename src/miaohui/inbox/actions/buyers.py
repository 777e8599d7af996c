"""What follows in the inbox when buyer records are joined or split."""

from __future__ import annotations

from sqlalchemy import select, update

from miaohui.buyers.events import BuyersMerged, BuyersSplit
from miaohui.buyers.queries import list_identities
from miaohui.inbox.actions.announce import announce
from miaohui.inbox.events import ConversationsMerged
from miaohui.inbox.store.conversations import conversations
from miaohui.kit.tx import Tx


def follow_merge(tx: Tx, event: BuyersMerged) -> None:
    """Give the merged buyer's conversations to the kept one. Wired inline on `BuyersMerged`."""
    moved = tx.execute(
        update(conversations)
        .where(conversations.c.shop_id == event.shop_id, conversations.c.buyer_id == event.merged_id)
        .values(buyer_id=event.kept_id, version=conversations.c.version + 1)
        .returning(conversations.c.id)
    ).scalars()
    ids = tuple(sorted(moved))
    tx.publish(ConversationsMerged(event.shop_id, event.kept_id, event.merged_id, ids, tx.now))
    facts = {"kept_id": event.kept_id, "merged_id": event.merged_id, "conversation_ids": list(ids)}
    tx.feed(event.shop_id, ["shop"], "inbox.buyers_merged", facts)
    for conversation_id in ids:
        announce(tx, event.shop_id, conversation_id, "inbox.conversation_moved", {"buyer_id": event.kept_id})


def follow_split(tx: Tx, event: BuyersSplit) -> None:
    """Give the conversations of the identities that left back to the restored buyer. Inline on `BuyersSplit`."""
    for identity in list_identities(tx.conn, event.shop_id, event.restored_id):
        if identity["id"] not in event.identity_ids:
            continue
        platform_id = identity["platform_id"].rsplit("/", 1)[-1]
        ids = list(
            tx.execute(
                select(conversations.c.id).where(
                    conversations.c.shop_id == event.shop_id,
                    conversations.c.buyer_id == event.kept_id,
                    conversations.c.channel == identity["channel"],
                    conversations.c.buyer_platform_id == platform_id,
                )
            ).scalars()
        )
        tx.execute(
            update(conversations)
            .where(conversations.c.id.in_(ids))
            .values(buyer_id=event.restored_id, version=conversations.c.version + 1)
        )
        for conversation_id in ids:
            moved = {"buyer_id": event.restored_id}
            announce(tx, event.shop_id, conversation_id, "inbox.conversation_moved", moved)
    facts = {"kept_id": event.kept_id, "restored_id": event.restored_id}
    tx.feed(event.shop_id, ["shop"], "inbox.buyers_split", facts)
