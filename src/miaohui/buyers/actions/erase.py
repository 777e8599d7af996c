"""Erase what is kept of a person, on the person's wish (PIPL art. 47, reliability.md R20).

What the platforms call the buyer (`buyers_identities.platform_id`) stays, without any name: by it a late or repeated
delivery of an erased message is known, and an opt-out stays in force. Nothing else of the person remains here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update

from miaohui.buyers import queries
from miaohui.buyers.events import BuyerErased
from miaohui.buyers.model import ERASED_NAME_ZH, ERASED_ZH, ERASURE_RUNS, NO_REASON
from miaohui.buyers.store import consents, contacts, erasures, evidence, identities, merges, people, proposals
from miaohui.kit.tx import Tx


def ask_erasure(tx: Tx, shop_id: int, buyer_id: int, reason: str) -> int:
    """Erase a person here at once, have the other rooms erase theirs by a job; return the erasure's id.

    Raises: Refusal kit.not_found, buyers.no_reason, buyers.erasure_runs.
    """
    if not reason.strip():
        NO_REASON.refuse()
    ids = queries.person_ids(tx.conn, shop_id, buyer_id)
    running = tx.execute(
        select(erasures.c.id).where(
            erasures.c.shop_id == shop_id, erasures.c.person_id.in_(ids), erasures.c.done_at.is_(None)
        )
    ).first()
    if running is not None:
        ERASURE_RUNS.refuse(erasure_id=running[0])
    erasure_id = tx.ids.next()
    by_user_id = tx.actor.id if tx.actor.kind == "user" else None
    tx.execute(
        insert(erasures).values(
            id=erasure_id, shop_id=shop_id, person_id=ids[0], reason=reason.strip()[:500], by_user_id=by_user_id,
            asked_at=tx.now, counts={},
        )
    )  # fmt: skip
    _forget(tx, shop_id, ids)
    tx.audit(
        "buyers.erasure_asked",
        f"buyer:{ids[0]}",
        {"erasure_id": erasure_id, "reason": reason.strip()[:500]},
        shop_id=shop_id,
    )
    tx.publish(BuyerErased(shop_id, erasure_id, tuple(ids), tx.now))
    tx.enqueue("app.erase_buyer", {"erasure_id": erasure_id}, shop_id=shop_id)
    return erasure_id


def _forget(tx: Tx, shop_id: int, ids: list[int]) -> None:
    mine = select(identities.c.id).where(identities.c.shop_id == shop_id, identities.c.person_id.in_(ids))
    pairs = proposals.c.left_identity_id.in_(mine) | proposals.c.right_identity_id.in_(mine)
    tx.execute(delete(evidence).where(evidence.c.shop_id == shop_id, evidence.c.identity_id.in_(mine)))
    tx.execute(update(proposals).where(proposals.c.shop_id == shop_id, pairs).values(shown_zh=ERASED_ZH))
    tx.execute(delete(contacts).where(contacts.c.shop_id == shop_id, contacts.c.person_id.in_(ids)))
    for table, key in ((people, people.c.id), (identities, identities.c.person_id)):
        where = (table.c.shop_id == shop_id, key.in_(ids))
        tx.execute(update(table).where(*where).values(name_zh=ERASED_NAME_ZH))
    said = {"source": ERASED_ZH, "proof": ERASED_ZH}  # the decision itself stays in force
    tx.execute(
        update(consents).where(consents.c.shop_id == shop_id, consents.c.person_id.in_(ids)).values(said)
    )
    joined = merges.c.kept_id.in_(ids) | merges.c.merged_id.in_(ids)
    tx.execute(update(merges).where(merges.c.shop_id == shop_id, joined).values(reason=ERASED_ZH))


def finish_erasure(tx: Tx, shop_id: int, erasure_id: int, counts: Mapping[str, int]) -> None:
    """Note that every room has erased what it kept, with how much that was. The audit row is the proof."""
    row = tx.execute(
        update(erasures)
        .where(erasures.c.id == erasure_id, erasures.c.shop_id == shop_id, erasures.c.done_at.is_(None))
        .values(done_at=tx.now, counts=dict(counts))
        .returning(erasures.c.person_id)
    ).first()
    if row is None:
        return
    detail: dict[str, Any] = {"erasure_id": erasure_id, **counts}
    tx.audit("buyers.erased", f"buyer:{row[0]}", detail, shop_id=shop_id)
    tx.feed(shop_id, ["shop", "admin"], "buyers.erased", {"buyer_id": row[0], "erasure_id": erasure_id})


def note_compacted(tx: Tx) -> int:
    """Note that the database file was rewritten: nothing of what was erased before is left in it."""
    return tx.execute(
        update(erasures)
        .where(erasures.c.done_at.is_not(None), erasures.c.compacted_at.is_(None))
        .values(compacted_at=tx.now)
    ).rowcount
