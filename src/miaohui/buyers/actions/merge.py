"""Merge two buyer records, and undo it."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from miaohui.buyers import queries
from miaohui.buyers.events import BuyersMerged, BuyersSplit
from miaohui.buyers.model import (
    ALREADY_UNDONE,
    MERGED_AGAIN,
    NO_REASON,
    SAME_BUYER,
)
from miaohui.buyers.store import (
    identities,
    merges,
    people,
    undos,
)
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.tx import Tx


def merge_buyers(
    tx: Tx, shop_id: int, kept_id: int, merged_id: int, reason: str, evidence_ids: tuple[int, ...] = ()
) -> int:
    """Join two buyer records into `kept_id` and return the merge's id; it can be undone.

    Raises: Refusal kit.not_found, buyers.same_buyer, buyers.no_reason.
    """
    if not reason.strip():
        NO_REASON.refuse()
    kept = queries.current_id(tx.conn, shop_id, kept_id)
    merged = queries.current_id(tx.conn, shop_id, merged_id)
    if kept == merged:
        SAME_BUYER.refuse(buyer_id=kept)
    moved = tx.execute(
        update(identities)
        .where(identities.c.shop_id == shop_id, identities.c.person_id == merged)
        .values(person_id=kept)
        .returning(identities.c.id)
    ).scalars()
    moved_ids = sorted(moved)
    followers = tx.execute(
        update(people)
        .where(people.c.shop_id == shop_id, people.c.merged_into_id == merged)
        .values(merged_into_id=kept)
        .returning(people.c.id)
    ).scalars()
    follower_ids = sorted(followers)
    tx.execute(update(people).where(people.c.id == merged).values(merged_into_id=kept))
    merge_id = tx.ids.next()
    tx.execute(
        insert(merges).values(
            id=merge_id, shop_id=shop_id, kept_id=kept, merged_id=merged, reason=reason.strip()[:500],
            evidence_ids=list(evidence_ids), moved_identity_ids=moved_ids, moved_person_ids=follower_ids,
            by_user_id=acting_user(tx), at=tx.now,
        )
    )  # fmt: skip
    tx.audit("buyers.merged", f"buyer:{kept}", {"merged_id": merged, "reason": reason}, shop_id=shop_id)
    tx.publish(BuyersMerged(shop_id, kept, merged))
    return merge_id


def undo_merge(tx: Tx, shop_id: int, merge_id: int, reason: str) -> int:
    """Take a merge back: the identities that came with it leave again. Returns the restored buyer.

    Raises: Refusal kit.not_found, buyers.already_undone, buyers.merged_again.
    """
    row = tx.execute(select(merges).where(merges.c.shop_id == shop_id, merges.c.id == merge_id)).first()
    if row is None:
        NOT_FOUND.refuse(merge_id=merge_id)
    if tx.execute(select(undos.c.merge_id).where(undos.c.merge_id == merge_id)).first():
        ALREADY_UNDONE.refuse(merge_id=merge_id)
    if queries.current_id(tx.conn, shop_id, row.kept_id) != row.kept_id:
        MERGED_AGAIN.refuse(merge_id=merge_id)
    tx.execute(update(people).where(people.c.id == row.merged_id).values(merged_into_id=None))
    tx.execute(
        update(people).where(people.c.id.in_(row.moved_person_ids)).values(merged_into_id=row.merged_id)
    )
    back = tx.execute(
        update(identities)
        .where(identities.c.id.in_(row.moved_identity_ids), identities.c.person_id == row.kept_id)
        .values(person_id=row.merged_id)
        .returning(identities.c.id)
    ).scalars()
    back_ids = tuple(sorted(back))
    tx.execute(
        insert(undos).values(
            merge_id=merge_id,
            shop_id=shop_id,
            reason=reason.strip()[:500],
            by_user_id=acting_user(tx),
            at=tx.now,
        )
    )
    tx.audit("buyers.split", f"buyer:{row.kept_id}", {"restored_id": row.merged_id}, shop_id=shop_id)
    tx.publish(BuyersSplit(shop_id, row.kept_id, row.merged_id, back_ids))
    return int(row.merged_id)


def acting_user(tx: Tx) -> int | None:
    """Return the person who acts, or None for the system."""
    return tx.actor.id if tx.actor.kind == "user" else None
