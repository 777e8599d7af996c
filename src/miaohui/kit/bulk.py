"""Rows of many units written by few statements.

Each statement gives up Python's lock and has to get it back from the busy event loop; a batch of 64 webhooks
written row by row pays for that 64 times, written here four times at most (docs/reference/performance.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.kit.db import Sql, raw_count

SIZES = (256, 64, 16, 4, 1)


@dataclass(frozen=True)
class BulkInsert:
    """An INSERT for any number of rows. Shape: `head` up to VALUES, `row` one row's placeholders, `tail` after.

    Order: rows are written in the order they were gathered, so identity columns follow it.
    """

    head: str
    row: str
    tail: str = ""

    @cached_property
    def statements(self) -> dict[int, Sql]:
        """The statement for each size of group: few texts, so that the driver keeps them prepared."""
        return {n: Sql(f"{self.head} VALUES {', '.join([self.row] * n)} {self.tail}".rstrip()) for n in SIZES}

    def write(self, conn: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Write all rows."""
        start = 0
        for size in SIZES:
            while len(rows) - start >= size:
                group = rows[start : start + size]
                raw_count(conn, self.statements[size], [value for row in group for value in row])
                start += size
