"""The life of a batch: opened, written, complete; or cancelled, failed, undone. Each end is a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select

from miaohui.importing import queries
from miaohui.importing.actions.rows import (
    PUT_VERSION,
    key_from_text,
    lookup_rows,
    replace_row,
)
from miaohui.importing.events import FileImported, ImportUndone
from miaohui.importing.model import faults
from miaohui.importing.model.catalogue import KIND_OF
from miaohui.importing.model.facts import FACTS, Fact
from miaohui.importing.store import bad_rows, batches, cancellations, outcomes, versions
from miaohui.kit.db import Sql, raw_count, raw_many, raw_rows
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.tx import Tx

_VERSIONS_OF = Sql(
    "SELECT key, as_of_ms, row FROM importing_versions WHERE shop_id = ? AND fact = ? AND batch_id = ?"
    " AND key > ? ORDER BY key LIMIT 500"
)
_DROP_VERSION = Sql(
    "DELETE FROM importing_versions WHERE shop_id = ? AND fact = ? AND key = ? AND batch_id = ?"
)
_DROP_VERSIONS = Sql("DELETE FROM importing_versions WHERE shop_id = ? AND batch_id = ?")
_ALL_VERSIONS = Sql(
    "SELECT key, max(batch_id) FROM importing_versions WHERE shop_id = ? AND fact = ? AND key > ?"
    " GROUP BY key ORDER BY key LIMIT 500"
)
_NEXT_VERSIONS = Sql(
    "SELECT batch_id, as_of_ms, row FROM importing_versions WHERE shop_id = ? AND fact = ? AND key = ?"
    " ORDER BY as_of_ms DESC, batch_id DESC LIMIT 1"
)


def open_batch(tx: Tx, shop_id: int, file_name: str, sha256: str, kind: str) -> int:
    """Open a batch for a file and return its id.

    Raises: Refusal importing.already_imported, importing.busy.
    """
    for earlier in queries.list_batches_of_file(tx.conn, shop_id, sha256, kind):
        if earlier["outcome"] == "done":
            faults.ALREADY.refuse(batch_id=earlier["id"], file_name=earlier["file_name"])
        if earlier["outcome"] is None:
            faults.BUSY.refuse(batch_id=earlier["id"])
    batch_id = tx.ids.next()
    tx.execute(
        insert(batches).values(
            id=batch_id, shop_id=shop_id, file_name=file_name, sha256=sha256, kind=kind, started_at=tx.now,
            started_by=tx.actor.name,
        )
    )  # fmt: skip
    return batch_id


def close_batch(tx: Tx, shop_id: int, batch_id: int, counts: dict[str, Any]) -> int:
    """Make a batch visible: newer versions go on top, older ones stay below. Returns how many went on top.

    Publishes: FileImported.
    """
    batch = queries.get_batch(tx.conn, shop_id, batch_id)
    table = KIND_OF[batch["kind"]].table
    raised = _raise_versions(tx, shop_id, batch_id, FACTS[table])
    _end(tx, shop_id, batch_id, "done", "", {**counts, "updated": raised})
    span = int(counts.get("from_ms") or 0), int(counts.get("to_ms") or 0)
    tx.publish(FileImported(shop_id, batch_id, batch["kind"], table, *span))
    tx.audit("importing.import", str(batch_id), {"file": batch["file_name"], **counts}, shop_id=shop_id)
    tx.feed(shop_id, ["board"], "importing.file_imported", {"batch_id": batch_id, "kind": batch["kind"]})
    return raised


def _raise_versions(tx: Tx, shop_id: int, batch_id: int, fact: Fact) -> int:
    """Swap every waiting version of the batch that is newer than the top, and different, onto the top."""
    raised = 0
    for chunk in _chunks(tx, shop_id, fact, batch_id):
        rows = {key_from_text(fact, key): (key, tuple(msgspec.json.decode(row))) for key, _, row in chunk}
        tops = lookup_rows(tx, shop_id, fact, list(rows))
        for key, (text, mine) in rows.items():
            top = tops[key]
            if mine[-1] < top[-1] or mine[: len(fact.names)] == tuple(top[: len(fact.names)]):
                continue
            raw_many(tx.conn, PUT_VERSION, [
                (shop_id, fact.table, text, top[-3], top[-1], msgspec.json.encode(top).decode())
            ])  # fmt: skip
            replace_row(tx, shop_id, fact, mine)
            raw_count(tx.conn, _DROP_VERSION, (shop_id, fact.table, text, batch_id))
            raised += 1
    return raised


def _chunks(tx: Tx, shop_id: int, fact: Fact, batch_id: int) -> Iterator[list[Any]]:
    last = ""
    while chunk := raw_rows(tx.conn, _VERSIONS_OF, (shop_id, fact.table, batch_id, last)):
        last = chunk[-1][0]
        yield chunk


def _end(tx: Tx, shop_id: int, batch_id: int, outcome: str, reason: str, counts: dict[str, Any]) -> None:
    tx.execute(
        insert(outcomes).values(
            shop_id=shop_id, batch_id=batch_id, outcome=outcome, at=tx.now, by=tx.actor.name, reason=reason,
            counts=counts,
        )
    )  # fmt: skip


def _remove(tx: Tx, shop_id: int, batch_id: int, fact: Fact) -> None:
    """Take a batch's rows away; below-top versions of finished batches come back to the top."""
    raw_count(tx.conn, _DROP_VERSIONS, (shop_id, batch_id))
    last = ""
    while found := raw_rows(tx.conn, _ALL_VERSIONS, (shop_id, fact.table, last)):
        last = found[-1][0]
        tops = lookup_rows(tx, shop_id, fact, [key_from_text(fact, key) for key, _ in found])
        for text, _ in found:
            top = tops.get(key_from_text(fact, text))
            if top is not None and top[-3] == batch_id:
                best = raw_rows(tx.conn, _NEXT_VERSIONS, (shop_id, fact.table, text))[0]
                replace_row(tx, shop_id, fact, tuple(msgspec.json.decode(best[2])))
                raw_count(tx.conn, _DROP_VERSION, (shop_id, fact.table, text, best[0]))
    raw_count(
        tx.conn, Sql(f"DELETE FROM {fact.table} WHERE shop_id = ? AND batch_id = ?"), (shop_id, batch_id)
    )


def undo_batch(tx: Tx, shop_id: int, batch_id: int, reason: str) -> None:
    """Undo a finished import completely: as if the file had never been there.

    Publishes: ImportUndone. Raises: Refusal kit.not_found, importing.not_undoable.
    """
    batch = queries.get_batch(tx.conn, shop_id, batch_id)
    if batch["outcome"] != "done":
        faults.NOT_UNDOABLE.refuse(batch_id=batch_id, outcome=batch["outcome"] or "open")
    table = KIND_OF[batch["kind"]].table
    _remove(tx, shop_id, batch_id, FACTS[table])
    _end(tx, shop_id, batch_id, "undone", reason, {})
    span = int(batch["counts"].get("from_ms") or 0), int(batch["counts"].get("to_ms") or 0)
    tx.publish(ImportUndone(shop_id, batch_id, batch["kind"], table, *span))
    tx.audit("importing.undo", str(batch_id), {"file": batch["file_name"], "reason": reason}, shop_id=shop_id)
    tx.feed(shop_id, ["board"], "importing.import_undone", {"batch_id": batch_id, "kind": batch["kind"]})


def drop_open_batches(
    tx: Tx, shop_id: int, outcome: str, reason: str, batch_id: int | None = None
) -> list[int]:
    """Take back everything of batches that never finished (cancelled, failed, or the process died)."""
    open_ids = [batch_id] if batch_id is not None else queries.list_open_batch_ids(tx.conn, shop_id)
    for open_id in open_ids:
        batch = queries.get_batch(tx.conn, shop_id, open_id)
        if batch["outcome"] is not None:
            NOT_FOUND.refuse(batch_id=open_id)
        _remove(tx, shop_id, open_id, FACTS[KIND_OF[batch["kind"]].table])
        tx.execute(delete(bad_rows).where(bad_rows.c.shop_id == shop_id, bad_rows.c.batch_id == open_id))
        _end(tx, shop_id, open_id, outcome, reason, {})
    return open_ids


def request_cancel(tx: Tx, shop_id: int, batch_id: int) -> None:
    """Ask a running import to stop; it takes back what it wrote. Raises: Refusal kit.not_found."""
    queries.get_batch(tx.conn, shop_id, batch_id)
    known = tx.execute(
        select(cancellations.c.batch_id).where(
            cancellations.c.shop_id == shop_id, cancellations.c.batch_id == batch_id
        )
    ).first()
    if known is None:
        tx.execute(
            insert(cancellations).values(shop_id=shop_id, batch_id=batch_id, at=tx.now, by=tx.actor.name)
        )


def purge_versions(tx: Tx, shop_id: int, before_batch_id: int) -> int:
    """Forget versions of batches older than `before_batch_id`: those imports can then be undone only whole."""
    return int(
        tx.execute(
            delete(versions).where(versions.c.shop_id == shop_id, versions.c.batch_id < before_batch_id)
        ).rowcount
    )
