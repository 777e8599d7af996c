"""Reads of the buyers room. Names and phone numbers leave it masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from miaohui.buyers.model import ConsentRow, consent_in_force
from miaohui.buyers.store import (
    FIND_ERASED_AT,
    FIND_IDENTITY,
    consents,
    contacts,
    decisions,
    erasures,
    evidence,
    identities,
    merges,
    people,
    proposals,
    undos,
)
from miaohui.kit.clock import from_ms
from miaohui.kit.db import raw_rows
from miaohui.kit.errors import NOT_FOUND


def find_buyer_id(conn: Connection, shop_id: int, channel: str, platform_id: str) -> int | None:
    """Return the buyer behind a platform's id, or None when nobody was seen with it."""
    found = raw_rows(conn, FIND_IDENTITY, (shop_id, channel, platform_id))
    return int(found[0][1]) if found else None


def current_id(conn: Connection, shop_id: int, buyer_id: int) -> int:
    """Return the record that stands for this buyer now: itself, or the one it was merged into.

    Raises: Refusal kit.not_found.
    """
    row = conn.execute(
        select(people.c.merged_into_id).where(people.c.shop_id == shop_id, people.c.id == buyer_id)
    ).first()
    if row is None:
        NOT_FOUND.refuse(buyer_id=buyer_id)
    return buyer_id if row[0] is None else int(row[0])


def person_ids(conn: Connection, shop_id: int, buyer_id: int) -> list[int]:
    """Return every record of this person: the kept one first, then those merged into it."""
    kept = current_id(conn, shop_id, buyer_id)
    merged = conn.execute(
        select(people.c.id)
        .where(people.c.shop_id == shop_id, people.c.merged_into_id == kept)
        .order_by(people.c.id)
    )
    return [kept, *(int(row[0]) for row in merged)]


def get_buyer(conn: Connection, shop_id: int, buyer_id: int) -> dict[str, Any]:
    """Return a buyer's profile: names, identities, masked contacts, consents, merges.

    Raises: Refusal kit.not_found.
    """
    ids = person_ids(conn, shop_id, buyer_id)
    person = conn.execute(select(people).where(people.c.id == ids[0])).one()
    return {
        "id": ids[0],
        "name_zh": person.name_zh,
        "first_seen_at": person.first_seen_at,
        "merged_ids": ids[1:],
        "identities": list_identities(conn, shop_id, ids[0]),
        "contacts": _contacts(conn, shop_id, ids),
        "consents": [
            {"purpose": row.purpose, "channel": row.channel, "is_granted": row.is_granted, "at": row.at}
            for row in _newest_decisions(conn, shop_id, ids)
        ],
        "merges": list_merges(conn, shop_id, ids[0]),
    }


def find_erased_at(conn: Connection, shop_id: int, channel: str, platform_id: str) -> datetime | None:
    """Return since when what the person behind a platform's id had said before is erased, or None."""
    at = raw_rows(conn, FIND_ERASED_AT, (shop_id, channel, platform_id))[0][0]
    return None if at is None else from_ms(at)


def list_erasures(conn: Connection, shop_id: int, buyer_id: int) -> list[dict[str, Any]]:
    """Return the erasures of a person, newest first: who asked, why, how far it is."""
    ids = person_ids(conn, shop_id, buyer_id)
    rows = conn.execute(
        select(erasures)
        .where(erasures.c.shop_id == shop_id, erasures.c.person_id.in_(ids))
        .order_by(erasures.c.id.desc())
    )
    return [dict(row._mapping) for row in rows]


def find_erasure(conn: Connection, shop_id: int, erasure_id: int) -> dict[str, Any] | None:
    """Return an erasure with `buyer_ids`, every record of the person, or None."""
    row = conn.execute(
        select(erasures).where(erasures.c.shop_id == shop_id, erasures.c.id == erasure_id)
    ).first()
    if row is None:
        return None
    return {**row._mapping, "buyer_ids": person_ids(conn, shop_id, row.person_id)}


def has_uncompacted_erasure(conn: Connection) -> bool:
    """Tell whether something was erased since the database file was last rewritten."""
    query = select(erasures.c.id).where(erasures.c.done_at.is_not(None), erasures.c.compacted_at.is_(None))
    return conn.execute(query.limit(1)).first() is not None


def list_identities(conn: Connection, shop_id: int, buyer_id: int) -> list[dict[str, Any]]:
    """Return the platform identities of a buyer, oldest first, with how many facts each was seen with."""
    rows = conn.execute(
        select(identities)
        .where(identities.c.shop_id == shop_id, identities.c.person_id == buyer_id)
        .order_by(identities.c.id)
    )
    return [dict(row._mapping) for row in rows]


def list_evidence(conn: Connection, shop_id: int, buyer_id: int) -> list[dict[str, Any]]:
    """Return what this buyer's identities were seen with (masked), newest first."""
    rows = conn.execute(
        select(evidence)
        .join(identities, identities.c.id == evidence.c.identity_id)
        .where(identities.c.shop_id == shop_id, identities.c.person_id == buyer_id)
        .order_by(evidence.c.id.desc())
        .limit(200)
    )
    return [
        {
            k: row._mapping[k]
            for k in ("id", "identity_id", "kind", "shown_zh", "strength", "source", "seen_at")
        }
        for row in rows
    ]


def list_merges(conn: Connection, shop_id: int, buyer_id: int) -> list[dict[str, Any]]:
    """Return the merges into this buyer, newest first, with who undid them and when."""
    rows = conn.execute(
        select(
            merges.c.id, merges.c.kept_id, merges.c.merged_id, merges.c.reason, merges.c.by_user_id,
            merges.c.at, undos.c.at.label("undone_at"), undos.c.by_user_id.label("undone_by_user_id"),
        )
        .outerjoin(undos, undos.c.merge_id == merges.c.id)
        .where(merges.c.shop_id == shop_id, merges.c.kept_id == buyer_id)
        .order_by(merges.c.id.desc())
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def list_proposals(conn: Connection, shop_id: int, limit: int = 50) -> list[dict[str, Any]]:
    """Return undecided proposals to join two identities, newest first."""
    left, right = identities.alias("l"), identities.alias("r")
    rows = conn.execute(
        select(
            proposals.c.id, proposals.c.kind, proposals.c.shown_zh, proposals.c.at,
            left.c.person_id.label("left_buyer_id"), left.c.name_zh.label("left_name_zh"),
            left.c.channel.label("left_channel"), right.c.person_id.label("right_buyer_id"),
            right.c.name_zh.label("right_name_zh"), right.c.channel.label("right_channel"),
        )
        .join(left, left.c.id == proposals.c.left_identity_id)
        .join(right, right.c.id == proposals.c.right_identity_id)
        .outerjoin(decisions, decisions.c.proposal_id == proposals.c.id)
        .where(proposals.c.shop_id == shop_id, decisions.c.proposal_id.is_(None),
               left.c.person_id != right.c.person_id)
        .order_by(proposals.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def list_buyers(
    conn: Connection, shop_id: int, name: str = "", before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Return buyers, newest first; `name` matches the start of the masked name."""
    query = (
        select(people.c.id, people.c.name_zh, people.c.first_seen_at)
        .where(people.c.shop_id == shop_id, people.c.merged_into_id.is_(None))
        .order_by(people.c.id.desc())
        .limit(limit)
    )
    if name:
        query = query.where(people.c.name_zh.startswith(name, autoescape=True))
    if before is not None:
        query = query.where(people.c.id < before)
    return [dict(row._mapping) for row in conn.execute(query)]


def find_consent(
    conn: Connection, shop_id: int, buyer_id: int, purpose: str, channel: str = ""
) -> ConsentRow | None:
    """Return the decision in force about `purpose` on `channel`, or None when the buyer never decided."""
    return consent_in_force(_decisions(conn, shop_id, person_ids(conn, shop_id, buyer_id)), purpose, channel)


def has_opted_out(conn: Connection, shop_id: int, buyer_id: int, purpose: str, channel: str = "") -> bool:
    """Tell whether the buyer refused `purpose` (spec §9.2: consent first, an opt-out is permanent)."""
    found = find_consent(conn, shop_id, buyer_id, purpose, channel)
    return found is not None and not found.is_granted


def list_consents(conn: Connection, shop_id: int, buyer_id: int) -> list[dict[str, Any]]:
    """Return every decision of a buyer with its proof, newest first."""
    rows = conn.execute(
        select(consents)
        .where(
            consents.c.shop_id == shop_id,
            consents.c.person_id.in_(person_ids(conn, shop_id, buyer_id)),
        )
        .order_by(consents.c.id.desc())
    )
    return [{**row._mapping, "is_granted": row.decision == "granted"} for row in rows]


def find_sealed_phone(conn: Connection, shop_id: int, buyer_id: int) -> tuple[int, str] | None:
    """Return (contact id, sealed phone) of the newest phone number, or None."""
    row = conn.execute(
        select(contacts.c.id, contacts.c.sealed)
        .where(
            contacts.c.shop_id == shop_id,
            contacts.c.person_id.in_(person_ids(conn, shop_id, buyer_id)),
            contacts.c.kind == "phone",
        )
        .order_by(contacts.c.id.desc())
    ).first()
    return (int(row[0]), str(row[1])) if row else None


def _contacts(conn: Connection, shop_id: int, ids: list[int]) -> list[dict[str, Any]]:
    rows = conn.execute(
        select(contacts.c.id, contacts.c.kind, contacts.c.masked_zh, contacts.c.source, contacts.c.at)
        .where(contacts.c.shop_id == shop_id, contacts.c.person_id.in_(ids))
        .order_by(contacts.c.id)
    )
    return [dict(row._mapping) for row in rows]


def _decisions(conn: Connection, shop_id: int, ids: list[int]) -> list[ConsentRow]:
    rows = conn.execute(
        select(consents.c.purpose, consents.c.channel, consents.c.decision, consents.c.at, consents.c.id)
        .where(consents.c.shop_id == shop_id, consents.c.person_id.in_(ids))
        .order_by(consents.c.id)
    )
    return [ConsentRow(row[0], row[1], row[2] == "granted", row[3], row[4]) for row in rows]


def _newest_decisions(conn: Connection, shop_id: int, ids: list[int]) -> list[ConsentRow]:
    rows = _decisions(conn, shop_id, ids)
    keys = sorted({(row.purpose, row.channel) for row in rows})
    found = [consent_in_force(rows, purpose, channel) for purpose, channel in keys]
    return [row for row in dict.fromkeys(found) if row is not None]
