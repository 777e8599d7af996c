"""Reads of the hourly roll-ups: added in the database for dashboards, cell by cell for reports."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from miaohui.insight.model.rollup import MEASURES, Sums
from miaohui.insight.model.window import Cell
from miaohui.kit.db import Sql, raw_rows

_SUMS = ", ".join(f"sum({name})" for name in MEASURES)
_CELLS = Sql(
    f"SELECT platform, agent, hour_ms, scoped, {', '.join(MEASURES)} FROM insight_rollups"
    " WHERE shop_id = ? AND hour_ms >= ? AND hour_ms < ? AND platform = ? ORDER BY hour_ms, agent, scoped"
)
# Local hours and days since 1970; remainders by subtraction, because % would be a placeholder of the driver.
_DAYS = "((hour_ms + 28800000) / 86400000)"
_HOURS = "((hour_ms + 28800000) / 3600000)"
GROUPS = {
    "agent": "agent",
    "day": _DAYS,
    "hour": f"{_HOURS} - {_DAYS} * 24",
    "weekday_hour": f"({_DAYS} + 3 - ({_DAYS} + 3) / 7 * 7) * 24 + {_HOURS} - {_DAYS} * 24",
}
_BY = {
    name: Sql(
        f"SELECT {expression} AS grouped, {_SUMS} FROM insight_rollups"
        " WHERE shop_id = ? AND hour_ms >= ? AND hour_ms < ? AND platform = ? AND scoped >= ?"
        " GROUP BY grouped ORDER BY grouped"
    )
    for name, expression in GROUPS.items()
}


def list_cells(conn: Connection, shop_id: int, from_ms: int, to_ms: int, platform: str) -> list[Cell]:
    """Return the roll-up cells of a span."""
    return [
        (row[0], row[1], row[2], row[3], tuple(row[4:]))
        for row in raw_rows(conn, _CELLS, (shop_id, from_ms, to_ms, platform))
    ]


def sum_by(
    conn: Connection, shop_id: int, from_ms: int, to_ms: int, group: str, platform: str = "douyin",
) -> dict[str | int, Sums]:  # fmt: skip
    """Return the assessed sums of a span by 'agent', 'day' (days since 1970), 'hour' or 'weekday_hour'.

    Demand by hour looks at every session, whatever the platform assesses.
    """
    scoped = 0 if group in ("hour", "weekday_hour") else 1
    return {
        row[0]: Sums(tuple(int(value) for value in row[1:]))
        for row in raw_rows(conn, _BY[group], (shop_id, from_ms, to_ms, platform, scoped))
    }
