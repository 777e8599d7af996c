"""Writing facts: fast where nothing overlaps, exact where it does.

A row whose business key is already there never counts twice: within one file the newer one stays; between files
the other version waits in `importing_versions` until the batch is complete (so that an import that is still
running, or dies, changes nothing that can be seen) and comes back when the top one is undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from miaohui.importing.model.facts import FACTS, Fact
from miaohui.importing.store import bad_rows
from miaohui.kit.db import Sql, raw_count, raw_many, raw_rows
from miaohui.kit.tx import Tx

KEY_GLUE = "\x1f"
LOOKUP_ROWS = 500
ADDED = ("batch_id", "row_no", "as_of_ms")
PUT_VERSION = Sql(
    "INSERT INTO importing_versions (shop_id, fact, key, batch_id, as_of_ms, row) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (shop_id, fact, key, batch_id) DO UPDATE SET as_of_ms = excluded.as_of_ms, row = excluded.row"
    " WHERE excluded.as_of_ms >= importing_versions.as_of_ms"
)


@dataclass(frozen=True)
class Written:
    """What became of a chunk's rows."""

    new: int = 0
    repeated: int = 0
    overlapping: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(
            self.new + other.new, self.repeated + other.repeated, self.overlapping + other.overlapping
        )


@lru_cache
def insert_sql(table: str) -> Sql:
    """Return the insert of a fact table; a key that is there stays untouched."""
    fact = FACTS[table]
    names = ("shop_id", *fact.names, *ADDED)
    return Sql(
        f"INSERT INTO {fact.table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        " ON CONFLICT DO NOTHING"
    )


def _rows_of(
    tx: Tx, shop_id: int, fact: Fact, columns: Sequence[str], keys: Sequence[tuple[Any, ...]]
) -> Iterator[Any]:
    """Yield these columns of the stored rows with these keys."""
    one = f"({', '.join('?' * len(fact.keys))})"
    for start in range(0, len(keys), LOOKUP_ROWS):
        part = keys[start : start + LOOKUP_ROWS]
        sql = Sql(
            f"SELECT {', '.join(columns)} FROM {fact.table} WHERE shop_id = ? AND ({', '.join(fact.keys)}) IN"
            f" (VALUES {', '.join([one] * len(part))})"
        )
        yield from raw_rows(tx.conn, sql, [shop_id, *(value for key in part for value in key)])


def _lookup(tx: Tx, shop_id: int, fact: Fact, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
    """Return key → stored row (fields, batch_id, row_no, as_of_ms)."""
    places = [fact.names.index(name) for name in fact.keys]
    rows = _rows_of(tx, shop_id, fact, (*fact.names, *ADDED), keys)
    return {tuple(row[place] for place in places): tuple(row) for row in rows}


def replace_row(tx: Tx, shop_id: int, fact: Fact, row: Sequence[Any]) -> None:
    """Put `row` (fields, batch_id, row_no, as_of_ms) in the place of the stored row with its key."""
    names = (*fact.names, *ADDED)
    sets = ", ".join(f"{name} = ?" for name in names)
    wheres = " AND ".join(f"{name} = ?" for name in fact.keys)
    key = [row[fact.names.index(name)] for name in fact.keys]
    raw_count(
        tx.conn, Sql(f"UPDATE {fact.table} SET {sets} WHERE shop_id = ? AND {wheres}"), [*row, shop_id, *key]
    )


def key_of(fact: Fact, row: Sequence[Any]) -> tuple[Any, ...]:
    """Return the business key of a row."""
    return tuple(row[fact.names.index(name)] for name in fact.keys)


def key_text(key: tuple[Any, ...]) -> str:
    """Return a key as one text."""
    return KEY_GLUE.join(str(part) for part in key)


def key_from_text(fact: Fact, text: str) -> tuple[Any, ...]:
    """Return the key that `key_text` made a text of."""
    parts = text.split(KEY_GLUE)
    return tuple(
        part if fact.fields[name] == "text" else int(part)
        for name, part in zip(fact.keys, parts, strict=True)
    )


def write_rows(tx: Tx, shop_id: int, batch_id: int, table: str, rows: list[tuple[Any, ...]]) -> Written:
    """Write a chunk of a batch that is open.

    Shape: each row is (fields of the fact in order, row number in the file, as_of_ms).
    """
    fact, width = FACTS[table], len(FACTS[table].names)
    params = [(shop_id, *row[:width], batch_id, row[width], row[width + 1]) for row in rows]
    inserted = raw_many(tx.conn, insert_sql(table), params)
    if inserted == len(rows):
        return Written(new=inserted)
    return Written(new=inserted) + _write_overlap(tx, shop_id, batch_id, fact, params)


def _write_overlap(tx: Tx, shop_id: int, batch_id: int, fact: Fact, params: list[tuple[Any, ...]]) -> Written:
    """Sort out the rows that were not inserted: repeats of this file, and rows of other files."""
    owners = _owners(tx, shop_id, fact, list(dict.fromkeys(key_of(fact, row[1:]) for row in params)))
    left = [row[1:] for row in params if owners[key_of(fact, row[1:])] != (batch_id, row[-2])]
    stored = _lookup(tx, shop_id, fact, list(dict.fromkeys(key_of(fact, row) for row in left)))
    repeated = 0
    waiting: dict[Any, Any] = {}
    for fields in left:
        key = key_of(fact, fields)
        top = stored[key]
        if top[-3] == batch_id:
            repeated += 1
            if fields[-1] > top[-1]:
                replace_row(tx, shop_id, fact, fields)
                stored[key] = fields
        else:
            held = waiting.get(key)
            repeated += held is not None
            if held is None or fields[-1] >= held[-1]:
                waiting[key] = fields
    versions = [
        (shop_id, fact.table, key_text(key), batch_id, fields[-1], msgspec.json.encode(fields).decode())
        for key, fields in waiting.items()
    ]
    if versions:
        raw_many(tx.conn, PUT_VERSION, versions)
    return Written(repeated=repeated, overlapping=len(waiting))


def _owners(
    tx: Tx, shop_id: int, fact: Fact, keys: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Return key → (batch, row number) of the row that holds it."""
    found = {}
    width = len(fact.keys)
    for row in _rows_of(tx, shop_id, fact, (*fact.keys, "batch_id", "row_no"), keys):
        found[tuple(row[:width])] = (row[width], row[width + 1])
    return found


def lookup_rows(
    tx: Tx, shop_id: int, fact: Fact, keys: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], Any]:
    """Return key → stored row of these keys."""
    return _lookup(tx, shop_id, fact, keys)


def write_bad_rows(tx: Tx, shop_id: int, batch_id: int, rows: Sequence[tuple[int, str, str, str]]) -> None:
    """Keep rows that could not be imported: row number, column, reason, value (shortened)."""
    if rows:
        tx.execute(bad_rows.insert(), [
            {"shop_id": shop_id, "batch_id": batch_id, "row_no": no, "column_zh": column, "reason_zh": reason,
             "value": value[:80]}
            for no, column, reason, value in rows
        ])  # fmt: skip
