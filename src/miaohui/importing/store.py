"""Tables of imported files: batches, what ended them, facts, versions below the top, bad rows, templates."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, PrimaryKeyConstraint, Table, Text

from miaohui.importing.model.facts import FACTS, Fact
from miaohui.kit.db import Id, Json, UtcTime, id_column, metadata

_TYPES = {"text": Text, "int": BigInteger, "ms": BigInteger, "real": Float}

batches = Table(
    "importing_batches",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("started_by", Text, nullable=False),
    Index("ix_importing_batches_shop_id_sha256", "shop_id", "sha256"),
)
# How a batch ended: outcome 'done', 'undone', 'cancelled' or 'failed'. A batch without a row here is open.
outcomes = Table(
    "importing_outcomes",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("batch_id", Id, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("counts", Json, nullable=False),
    PrimaryKeyConstraint("shop_id", "batch_id", "outcome"),
)
bad_rows = Table(
    "importing_bad_rows",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("batch_id", Id, nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("column_zh", Text, nullable=False),
    Column("reason_zh", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "batch_id", "row_no"),
)
# Versions of a row that are not on top: older ones, or those of a batch that is still being written.
versions = Table(
    "importing_versions",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("fact", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("batch_id", Id, nullable=False),
    Column("as_of_ms", BigInteger, nullable=False),
    Column("row", Json, nullable=False),
    PrimaryKeyConstraint("shop_id", "fact", "key", "batch_id"),
    Index("ix_importing_versions_shop_id_batch_id", "shop_id", "batch_id"),
)
templates = Table(
    "importing_templates",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("signature", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("mapping", Json, nullable=False),
    Column("saved_at", UtcTime, nullable=False),
    Column("saved_by", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "signature"),
)


def _fact_table(fact: Fact) -> Table:
    columns = [Column("shop_id", Id, nullable=False)]
    columns += [
        Column(name, _TYPES[kind](), nullable=name not in fact.keys) for name, kind in fact.fields.items()
    ]
    columns += [Column("batch_id", Id, nullable=False), Column("row_no", Integer, nullable=False)]
    columns += [Column("as_of_ms", BigInteger, nullable=False)]
    extra = [PrimaryKeyConstraint("shop_id", *fact.keys), Index(None, "shop_id", "batch_id")]
    if fact.order not in fact.keys[:1]:
        extra.append(Index(None, "shop_id", fact.order))
    return Table(fact.table, metadata, *columns, *extra, sqlite_with_rowid=fact.table != "importing_messages")


FACT_TABLES: dict[str, Table] = {name: _fact_table(fact) for name, fact in FACTS.items()}

cancellations = Table(
    "importing_cancellations",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("batch_id", Id, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "batch_id"),
)
uploads = Table(
    "importing_uploads",
    metadata,
    id_column(),
    Column("shop_id", Id, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
)
