"""Finding, making and changing one mirror row, safely when two processes mirror the same thing at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select, update

from miaohui.kit import db
from miaohui.kit.tx import Tx
from miaohui.trade.model.mirror import restored
from miaohui.trade.model.registers import Registers


@dataclass(frozen=True)
class Kept:
    """A mirror row as it was: `id` and `row` are None when it is new."""

    id: int | None
    registers: Registers
    row: Any = None


def insert_new(tx: Tx, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its unique key is there already; tell whether it was inserted."""
    return db.insert_new(tx.conn, table, **values)


def find_kept(tx: Tx, table: Table, key: Mapping[str, Any]) -> Kept:
    """Return the row of this key, locked until the end of the transaction, or an empty one."""
    query = select(table).where(*(table.c[name] == value for name, value in key.items())).with_for_update()
    row = tx.execute(query).first()
    return Kept(None, {}) if row is None else Kept(row.id, restored(row.registers), row)


def write_kept(
    tx: Tx, table: Table, mine: Kept, key: Mapping[str, Any], columns: Mapping[str, Any]
) -> tuple[int, bool]:
    """Insert or update the row; return (id, stood): `stood` is False when somebody else inserted it meanwhile
    and the caller has to merge again."""
    if mine.id is not None:
        tx.execute(update(table).where(table.c.id == mine.id).values(**columns))
        return mine.id, True
    row_id = tx.ids.next()
    return row_id, insert_new(tx, table, {"id": row_id, **key, **columns})
