"""Evidence that two identities are one person, and what follows from it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from miaohui.buyers.actions.merge import acting_user, merge_buyers
from miaohui.buyers.actions.recognise import recognise_buyer
from miaohui.buyers.model import (
    ALREADY_DECIDED,
    PHONE_CONTEXT,
    SAME_BUYER,
    Evidence,
    EvidenceKind,
    Strength,
    is_join,
    kept_first,
)
from miaohui.buyers.store import (
    FIND_IDENTITY,
    decisions,
    evidence,
    identities,
    merges,
    people,
    proposals,
    undos,
)
from miaohui.kit.crypto import Vault
from miaohui.kit.db import insert_new
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.text import masked_phone
from miaohui.kit.tx import Tx


def add_evidence(tx: Tx, shop_id: int, channel: str, platform_id: str, fact: Evidence) -> int | None:
    """Keep that an identity was seen with something, and join or propose to join whoever shares it.

    Returns the buyer that is kept when this joined two records, else None. An identity that was never seen
    is made. Two platforms' own word joins at once; a claim in a chat only proposes.
    """
    recognise_buyer(tx, shop_id, channel, platform_id, "")
    mine = tx.rows(FIND_IDENTITY, shop_id, channel, platform_id)[0][0]
    insert_new(
        tx.conn,
        evidence,
        id=tx.ids.next(),
        shop_id=shop_id,
        identity_id=mine,
        kind=fact.kind.value,
        value_key=fact.value_key,
        shown_zh=fact.shown_zh,
        strength=fact.strength.value,
        source=fact.source,
        seen_at=tx.now,
    )
    kept: int | None = None
    for row in _sharing(tx, shop_id, fact, mine):
        if is_join(Strength(row.strength), fact.strength):
            kept = _join(tx, shop_id, mine, row) or kept
        else:
            _propose(tx, shop_id, mine, int(row.identity_id), fact)
    return kept


def order_evidence(order_id: str, strength: Strength, source: str) -> Evidence:
    """Return the evidence that an identity belongs to an order's buyer."""
    return Evidence(EvidenceKind.ORDER, order_id, f"订单 {order_id}", strength, source)


def phone_evidence(vault: Vault, phone: str, strength: Strength, source: str) -> Evidence:
    """Return the evidence of a phone number: a blind index, never the number."""
    index = vault.blind_index(phone.strip(), PHONE_CONTEXT)
    return Evidence(EvidenceKind.PHONE, index, f"手机 {masked_phone(phone)}", strength, source)


def _sharing(tx: Tx, shop_id: int, fact: Evidence, mine: int) -> list[Row[Any]]:
    return list(
        tx.execute(
            select(evidence.c.id, evidence.c.identity_id, evidence.c.strength, identities.c.person_id)
            .join(identities, identities.c.id == evidence.c.identity_id)
            .where(
                evidence.c.shop_id == shop_id,
                evidence.c.kind == fact.kind.value,
                evidence.c.value_key == fact.value_key,
                evidence.c.identity_id != mine,
            )
            .order_by(evidence.c.id)
        )
    )


def _join(tx: Tx, shop_id: int, mine: int, other: Row[Any]) -> int | None:
    my_person = tx.execute(select(identities.c.person_id).where(identities.c.id == mine)).scalar_one()
    their_person = tx.execute(
        select(identities.c.person_id).where(identities.c.id == other.identity_id)
    ).scalar_one()
    if my_person == their_person or _was_split(tx, shop_id, my_person, their_person):
        return None
    seen = {
        row.id: row.first_seen_at
        for row in tx.execute(
            select(people.c.id, people.c.first_seen_at).where(people.c.id.in_((my_person, their_person)))
        )
    }
    kept, merged = kept_first((my_person, seen[my_person]), (their_person, seen[their_person]))
    merge_buyers(tx, shop_id, kept, merged, "平台信息一致", (other.id,))
    return kept


def _was_split(tx: Tx, shop_id: int, left: int, right: int) -> bool:
    """Tell whether people undid a merge of these two: the machine does not join them again."""
    pair = (left, right)
    return (
        tx.execute(
            select(merges.c.id)
            .join(undos, undos.c.merge_id == merges.c.id)
            .where(merges.c.shop_id == shop_id, merges.c.kept_id.in_(pair), merges.c.merged_id.in_(pair))
        ).first()
        is not None
    )


def _propose(tx: Tx, shop_id: int, mine: int, theirs: int, fact: Evidence) -> None:
    left, right = sorted((mine, theirs))
    insert_new(
        tx.conn,
        proposals,
        id=tx.ids.next(),
        shop_id=shop_id,
        left_identity_id=left,
        right_identity_id=right,
        kind=fact.kind.value,
        shown_zh=fact.shown_zh,
        at=tx.now,
    )


def decide_proposal(tx: Tx, shop_id: int, proposal_id: int, is_same: bool) -> int | None:
    """Accept or decline a proposed join; return the kept buyer when it was accepted.

    Raises: Refusal kit.not_found, buyers.already_decided, buyers.same_buyer.
    """
    row = tx.execute(
        select(proposals).where(proposals.c.shop_id == shop_id, proposals.c.id == proposal_id)
    ).first()
    if row is None:
        NOT_FOUND.refuse(proposal_id=proposal_id)
    done = insert_new(
        tx.conn,
        decisions,
        proposal_id=proposal_id,
        shop_id=shop_id,
        verdict="accepted" if is_same else "declined",
        by_user_id=acting_user(tx),
        at=tx.now,
    )
    if not done:
        ALREADY_DECIDED.refuse(proposal_id=proposal_id)
    if not is_same:
        return None
    pair = tx.execute(
        select(people.c.id, people.c.first_seen_at)
        .join(identities, identities.c.person_id == people.c.id)
        .where(identities.c.id.in_((row.left_identity_id, row.right_identity_id)))
        .distinct()
    ).all()
    if len(pair) != 2:
        SAME_BUYER.refuse(proposal_id=proposal_id)
    kept, merged = kept_first((pair[0].id, pair[0].first_seen_at), (pair[1].id, pair[1].first_seen_at))
    merge_buyers(tx, shop_id, kept, merged, f"人工确认：{row.shown_zh}")
    return kept
