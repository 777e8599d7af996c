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

MOST = 64


@dataclass(frozen=True)
class BulkInsert:
    """An INSERT for any number of rows. Shape: `head` up to VALUES, `row` one row's placeholders, `tail` after.

    Order: rows are written in the order they were gathered, so identity columns follow it.
    """

    head: str
    row: str
    tail: str = ""

    @cached_property
    def _statements(self) -> dict[int, Sql]:
        return {}

    def statement(self, count: int) -> Sql:
        """Return the statement for `count` rows: few texts at most, so that the driver keeps them prepared."""
        if count not in self._statements:
            rows = ", ".join([self.row] * count)
            self._statements[count] = Sql(f"{self.head} VALUES {rows} {self.tail}".rstrip())
        return self._statements[count]

    def write(self, conn: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Write all rows."""
        for start in range(0, len(rows), MOST):
            group = rows[start : start + MOST]
            raw_count(conn, self.statement(len(group)), [value for row in group for value in row])
