"""Reads of imported files and facts. Rows of a batch that is still open are never seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from miaohui.importing.model.facts import FACTS
from miaohui.importing.store import bad_rows, batches, cancellations, outcomes, templates, uploads
from miaohui.kit.db import Sql
from miaohui.kit.errors import NOT_FOUND

_READ_CHUNK = 5_000
_SESSIONS_OF = Sql(
    "SELECT DISTINCT session_id FROM importing_messages WHERE shop_id = ? AND batch_id = ? ORDER BY session_id"
)


def _batches(conn: Connection, *conditions: Any, limit: int = 1000) -> list[dict[str, Any]]:
    found = conn.execute(
        select(batches).where(*conditions).order_by(batches.c.id.desc()).limit(limit)
    ).mappings()
    result = [dict(row) for row in found]
    ends: dict[int, list[Any]] = {}
    ids = [row["id"] for row in result]
    if ids:
        for end in conn.execute(
            select(outcomes)
            .where(outcomes.c.shop_id == result[0]["shop_id"], outcomes.c.batch_id.in_(ids))
            .order_by(outcomes.c.at)
        ):
            ends.setdefault(end.batch_id, []).append(end)
    for row in result:
        steps = ends.get(row["id"], [])
        names = [end.outcome for end in steps]
        row["outcome"] = next((n for n in ("undone", "cancelled", "failed", "done") if n in names), None)
        row["ended_at"] = steps[-1].at if steps else None
        row["reason"] = steps[-1].reason if steps else ""
        row["counts"] = next((end.counts for end in steps if end.outcome == "done"), {})
    return result


def list_batches(
    conn: Connection, shop_id: int, before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Return imports, newest first, with how they ended and their counts."""
    conditions = [batches.c.shop_id == shop_id]
    if before is not None:
        conditions.append(batches.c.id < before)
    return _batches(conn, *conditions, limit=limit)


def get_batch(conn: Connection, shop_id: int, batch_id: int) -> dict[str, Any]:
    """Return one import. Raises: Refusal kit.not_found."""
    found = _batches(conn, batches.c.shop_id == shop_id, batches.c.id == batch_id)
    return found[0] if found else NOT_FOUND.refuse(batch_id=batch_id)


def list_batches_of_file(conn: Connection, shop_id: int, sha256: str, kind: str) -> list[dict[str, Any]]:
    """Return every import of the very same file as this kind, newest first."""
    return _batches(conn, batches.c.shop_id == shop_id, batches.c.sha256 == sha256, batches.c.kind == kind)


def list_open_batch_ids(conn: Connection, shop_id: int) -> list[int]:
    """Return imports without an end: running, or left by a process that died."""
    ended = select(outcomes.c.batch_id).where(outcomes.c.shop_id == shop_id)
    found = conn.execute(select(batches.c.id).where(batches.c.shop_id == shop_id, batches.c.id.not_in(ended)))
    return [int(row[0]) for row in found]


def list_bad_rows(
    conn: Connection, shop_id: int, batch_id: int, after_row: int = 0, limit: int = 200
) -> list[dict[str, Any]]:
    """Return rows of an import that could not be read, in file order."""
    found = conn.execute(
        select(bad_rows)
        .where(bad_rows.c.shop_id == shop_id, bad_rows.c.batch_id == batch_id, bad_rows.c.row_no > after_row)
        .order_by(bad_rows.c.row_no)
        .limit(limit)
    ).mappings()
    return [dict(row) for row in found]


def is_cancel_requested(conn: Connection, shop_id: int, batch_id: int) -> bool:
    """Tell whether somebody asked the running import to stop."""
    found = conn.execute(
        select(cancellations.c.at).where(
            cancellations.c.shop_id == shop_id, cancellations.c.batch_id == batch_id
        )
    ).first()
    return found is not None


def list_templates(conn: Connection, shop_id: int) -> list[dict[str, Any]]:
    """Return the kept mappings, newest first."""
    found = conn.execute(
        select(templates).where(templates.c.shop_id == shop_id).order_by(templates.c.saved_at.desc())
    ).mappings()
    return [dict(row) for row in found]


def find_template(conn: Connection, shop_id: int, sign: str) -> dict[str, Any] | None:
    """Return the kept mapping for a set of headers, or None."""
    found = (
        conn.execute(select(templates).where(templates.c.shop_id == shop_id, templates.c.signature == sign))
        .mappings()
        .first()
    )
    return dict(found) if found else None


def get_upload(conn: Connection, shop_id: int, upload_id: int) -> dict[str, Any]:
    """Return an uploaded file that waits. Raises: Refusal kit.not_found."""
    found = (
        conn.execute(select(uploads).where(uploads.c.shop_id == shop_id, uploads.c.id == upload_id))
        .mappings()
        .first()
    )
    return dict(found) if found else NOT_FOUND.refuse(upload_id=upload_id)


def count_facts(conn: Connection, shop_id: int, table: str) -> int:
    """Return how many rows of a fact the shop has."""
    return sum(1 for _ in iter_facts(conn, shop_id, table, (FACTS[table].keys[0],)))


@dataclass(frozen=True)
class Where:
    """A condition and an order of our own code: column names, `?` placeholders and their values."""

    condition: str = ""
    params: tuple[Any, ...] = ()
    order: str = ""


EVERYTHING = Where()


def iter_facts(
    conn: Connection, shop_id: int, table: str, fields: Sequence[str], where: Where = EVERYTHING
) -> Iterator[tuple[Any, ...]]:
    """Yield the chosen fields of a fact's visible rows, streaming. Raises: ValueError for an unknown field."""
    fact = FACTS[table]
    unknown = [name for name in fields if name not in fact.fields and name not in ("batch_id", "row_no")]
    if unknown:
        raise ValueError(f"{table} has no {unknown}")
    hidden = list_open_batch_ids(conn, shop_id)
    sql = f"SELECT {', '.join(fields)} FROM {fact.table} WHERE shop_id = ?"
    if where.condition:
        sql += f" AND ({where.condition})"
    if hidden:
        sql += f" AND batch_id NOT IN ({', '.join('?' * len(hidden))})"
    if where.order:
        sql += f" ORDER BY {where.order}"
    cursor = conn.connection.cursor()
    try:
        cursor.execute(Sql(sql).on(conn.dialect.name), (shop_id, *where.params, *hidden))
        while rows := cursor.fetchmany(_READ_CHUNK):
            yield from rows
    finally:
        cursor.close()


def fact_span(conn: Connection, shop_id: int, table: str) -> tuple[int | str, int | str] | None:
    """Return the first and last value of the fact's ordering field, or None when there are no rows."""
    fact = FACTS[table]
    hidden = list_open_batch_ids(conn, shop_id)
    sql = f"SELECT min({fact.order}), max({fact.order}) FROM {fact.table} WHERE shop_id = ?"
    if hidden:
        sql += f" AND batch_id NOT IN ({', '.join('?' * len(hidden))})"
    cursor = conn.connection.cursor()
    try:
        cursor.execute(Sql(sql).on(conn.dialect.name), (shop_id, *hidden))
        row = cursor.fetchone()
    finally:
        cursor.close()
    return None if row is None or row[0] is None else (row[0], row[1])


def list_session_ids(conn: Connection, shop_id: int, batch_id: int) -> list[str]:
    """Return the chat sessions that an import has messages of, sorted."""
    cursor = conn.connection.cursor()
    try:
        cursor.execute(_SESSIONS_OF.on(conn.dialect.name), (shop_id, batch_id))
        return [row[0] for row in cursor.fetchall()]
    finally:
        cursor.close()
