"""Tables of the buyers room; private to it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint

from miaohui.kit.db import Id, Json, Sql, UtcTime, id_column, metadata

people = Table(
    "buyers_people",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("name_zh", Text, nullable=False),  # masked before it gets here
    Column("first_seen_at", UtcTime, nullable=False),
    Column("merged_into_id", Id),  # follows from the merges that are in force
    Index("ix_buyers_people_merged", "shop_id", "merged_into_id"),
    Index("ix_buyers_people_newest", "shop_id", "id"),
)
identities = Table(
    "buyers_identities",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("channel", Text, nullable=False),
    Column("platform_id", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("first_seen_at", UtcTime, nullable=False),
    UniqueConstraint("shop_id", "channel", "platform_id"),
    Index("ix_buyers_identities_person", "shop_id", "person_id"),
)
evidence = Table(
    "buyers_evidence",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("identity_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("value_key", Text, nullable=False),
    Column("shown_zh", Text, nullable=False),
    Column("strength", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    UniqueConstraint("shop_id", "kind", "value_key", "identity_id"),
    Index("ix_buyers_evidence_identity", "shop_id", "identity_id"),
)
proposals = Table(
    "buyers_proposals",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("left_identity_id", Id, nullable=False),
    Column("right_identity_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("shown_zh", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("shop_id", "left_identity_id", "right_identity_id", "kind"),
)
decisions = Table(
    "buyers_proposal_decisions",
    metadata,
    Column("proposal_id", Id, primary_key=True, autoincrement=False),
    Column("shop_id", Id, nullable=False),
    Column("verdict", Text, nullable=False),  # accepted, declined
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
)
merges = Table(
    "buyers_merges",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("kept_id", Id, nullable=False),
    Column("merged_id", Id, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence_ids", Json, nullable=False),
    Column("moved_identity_ids", Json, nullable=False),
    Column("moved_person_ids", Json, nullable=False),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
    Index("ix_buyers_merges_kept", "shop_id", "kept_id"),
)
undos = Table(
    "buyers_merge_undos",
    metadata,
    Column("merge_id", Id, primary_key=True, autoincrement=False),
    Column("shop_id", Id, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
)
contacts = Table(
    "buyers_contacts",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("kind", Text, nullable=False),  # phone
    Column("masked_zh", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("value_key", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("shop_id", "person_id", "kind", "value_key"),
)
consents = Table(
    "buyers_consents",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("decision", Text, nullable=False),  # granted, withdrawn
    Column("source", Text, nullable=False),
    Column("proof", Text, nullable=False),
    Column("by_user_id", Id),
    Column("at", UtcTime, nullable=False),
    Index("ix_buyers_consents_person", "shop_id", "person_id", "purpose"),
)
# Who asked that a person's data be erased, why, and how far it went (reliability.md R20).
erasures = Table(
    "buyers_erasures",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by_user_id", Id),
    Column("asked_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Column("counts", Json, nullable=False),
    Column("compacted_at", UtcTime),  # when the database file was rewritten without the freed space
    Index("ix_buyers_erasures_person", "shop_id", "person_id", "id"),
)

FIND_IDENTITY = Sql(
    "SELECT id, person_id, name_zh FROM buyers_identities"
    " WHERE shop_id = ? AND channel = ? AND platform_id = ?"
)
INSERT_IDENTITY = Sql(
    "INSERT INTO buyers_identities (id, shop_id, person_id, channel, platform_id, name_zh, first_seen_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (shop_id, channel, platform_id) DO NOTHING"
)
INSERT_PERSON = Sql("INSERT INTO buyers_people (id, shop_id, name_zh, first_seen_at) VALUES (?, ?, ?, ?)")
FIND_ERASED_AT = Sql(
    "SELECT max(e.asked_at) FROM buyers_erasures e"
    " JOIN buyers_identities i ON i.shop_id = e.shop_id AND i.person_id = e.person_id"
    " WHERE i.shop_id = ? AND i.channel = ? AND i.platform_id = ?"
)
RENAME_IDENTITY = Sql("UPDATE buyers_identities SET name_zh = ? WHERE id = ?")
RENAME_PERSON = Sql("UPDATE buyers_people SET name_zh = ? WHERE id = ?")
