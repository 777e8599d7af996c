"""When it burns and for whom: rounds by local hour against weekday, agent, group or product, and those behind a cell."""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.importing import queries as files
from miaohui.insight.model.evidence import turn_evidence
from miaohui.insight.model.figures import KEPT, Evidence
from miaohui.insight.model.rollup import EDGES_S, TURN_FIELDS
from miaohui.insight.model.values import day_end_ms, day_start_ms
from miaohui.insight.queries.window import agent_groups
from miaohui.kit.db import Sql, raw_rows
from miaohui.staff import queries as staff

WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
NOBODY_ZH = "无人接待"
MAX_ROWS = 20
_WITHIN = " + ".join(f"h{i}" for i in range(EDGES_S.index(180) + 1))
_DAYS = "((hour_ms + 28800000) / 86400000)"
_HOUR = f"((hour_ms + 28800000) / 3600000 - {_DAYS} * 24)"
_SPAN = "WHERE shop_id = ? AND hour_ms >= ? AND hour_ms < ? AND platform = ?"
_SUMS = f"sum(turns_n), sum(missed_n), sum(sum_ms), sum({_WITHIN})"
_BY_AGENT = Sql(f"SELECT agent, {_HOUR} AS hour, {_SUMS} FROM insight_rollups {_SPAN} GROUP BY agent, hour")
_BY_WEEKDAY = Sql(
    f"SELECT {_DAYS} + 3 - ({_DAYS} + 3) / 7 * 7 AS weekday, {_HOUR} AS hour, {_SUMS} FROM insight_rollups {_SPAN}"
    " GROUP BY weekday, hour"
)
_ANCHOR_HOUR = "((t.anchor_ms + 28800000) / 3600000 - ((t.anchor_ms + 28800000) / 86400000) * 24)"
_BY_PRODUCT = Sql(
    f"SELECT s.product_id, {_ANCHOR_HOUR} AS hour, count(*),"
    " sum(CASE WHEN t.answered_ms IS NULL THEN 1 ELSE 0 END), sum(t.response_ms),"
    " sum(CASE WHEN t.answered_ms IS NOT NULL AND t.response_ms <= 180000 THEN 1 ELSE 0 END)"
    " FROM insight_turns t JOIN insight_sessions s ON s.shop_id = t.shop_id AND s.session_id = t.session_id"
    " WHERE t.shop_id = ? AND t.anchor_ms >= ? AND t.anchor_ms < ? AND t.platform = ? AND s.product_id <> ''"
    " GROUP BY s.product_id, hour"
)
_ANCHOR_DAYS = "((t.anchor_ms + 28800000) / 86400000)"
_WORST_FIRST = "CASE WHEN t.answered_ms IS NULL THEN 0 ELSE 1 END, t.response_ms DESC, t.session_id, t.seq"


@dataclass
class HeatCell:
    """One hour of one row. `sum_ms`: responses added, unanswered ones at 600 s."""

    turns: int = 0
    missed: int = 0
    sum_ms: int = 0
    within_180s: int = 0

    def add(self, values: tuple[int, int, int, int]) -> None:
        """Add the sums of another slice."""
        self.turns += int(values[0])
        self.missed += int(values[1])
        self.sum_ms += int(values[2])
        self.within_180s += int(values[3])


@dataclass(frozen=True)
class HeatRow:
    """One row of the map: its key, its name, its hours (local 0–23; an hour without rounds is left out)."""

    key: str
    name_zh: str
    hours: dict[int, HeatCell]

    @property
    def turns(self) -> int:
        return sum(cell.turns for cell in self.hours.values())


@dataclass(frozen=True)
class Span:
    """Local days, both included, on one platform."""

    from_on: str
    to_on: str
    platform: str

    @property
    def ms(self) -> tuple[int, int]:
        return day_start_ms(self.from_on), day_end_ms(self.to_on)


def groups_of_agents(conn: Connection, shop_id: int) -> dict[str, str]:
    """Return agent → group: of the roster that was imported, else of the team as it is now."""
    names = {group.id: group.name for group in staff.list_groups(conn, shop_id)}
    now = {a.display_name: names[a.group_ids[0]] for a in staff.list_agents(conn, shop_id) if a.group_ids}
    return {**now, **agent_groups(conn, shop_id)}


def list_heat(conn: Connection, shop_id: int, by: str, span: Span) -> list[HeatRow]:
    """Return the rows of a map by 'weekday' (Monday first), 'agent', 'group' or 'product' (the busiest first)."""
    sql = {"weekday": _BY_WEEKDAY, "product": _BY_PRODUCT}.get(by, _BY_AGENT)
    groups = groups_of_agents(conn, shop_id) if by == "group" else {}
    cells: dict[str, dict[int, HeatCell]] = {}
    for key, hour, *values in raw_rows(conn, sql, (shop_id, *span.ms, span.platform)):
        row = groups.get(key, "") if by == "group" else str(key)
        if by != "group" or row:
            cells.setdefault(row, {}).setdefault(int(hour), HeatCell()).add(tuple(values))
    names = _names(conn, shop_id, by)
    rows = [HeatRow(key, names(key), hours) for key, hours in cells.items()]
    rows = [row for row in rows if row.turns]
    if by == "weekday":
        return sorted(rows, key=lambda row: row.key)
    return sorted(rows, key=lambda row: (-row.turns, row.key))[:MAX_ROWS]


def _names(conn: Connection, shop_id: int, by: str) -> Callable[[str], str]:
    if by == "weekday":
        return lambda key: WEEKDAYS_ZH[int(key)]
    if by != "product":
        return lambda key: key or NOBODY_ZH
    known: Mapping[str, str] = {
        product_id: name
        for product_id, name in files.iter_facts(conn, shop_id, "orders", ("product_id", "product"))
        if product_id and name
    }
    return lambda key: known.get(key, key)


@dataclass(frozen=True)
class Cell:
    """A cell that was pointed at; `hour` None: the whole row."""

    by: str
    key: str
    hour: int | None = None


@dataclass(frozen=True)
class Slice:
    """Which part of a list is wanted."""

    limit: int = KEPT
    offset: int = 0


def rounds_behind(conn: Connection, shop_id: int, span: Span, cell: Cell, part: Slice = Slice()) -> Evidence:
    """Return a page of the rounds of a cell, unanswered and slow ones first, and how many there are."""
    condition, given = _condition(conn, shop_id, cell)
    where = f"FROM insight_turns t WHERE t.shop_id = ? AND t.anchor_ms >= ? AND t.anchor_ms < ? AND t.platform = ?{condition}"
    params = [shop_id, *span.ms, span.platform, *given]
    total = int(raw_rows(conn, Sql(f"SELECT count(*) {where}"), params)[0][0])
    fields = ", ".join(f"t.{name}" for name in TURN_FIELDS)
    page = Sql(f"SELECT {fields} {where} ORDER BY {_WORST_FIRST} LIMIT ? OFFSET ?")
    found = [tuple(row) for row in raw_rows(conn, page, [*params, part.limit, part.offset])]
    name = _name_of(conn, shop_id, cell)
    title = f"{name}的轮次" if cell.hour is None else f"{name} {cell.hour:02d} 点的轮次"
    return turn_evidence(f"{cell.by}_{cell.key}_{cell.hour}", title, found, total)


def _condition(conn: Connection, shop_id: int, cell: Cell) -> tuple[str, list[Any]]:
    """Return what tells whether a round belongs to a cell, with its parameters."""
    at_hour = "" if cell.hour is None else f" AND {_ANCHOR_HOUR} = ?"
    hour = [] if cell.hour is None else [cell.hour]
    if cell.by == "weekday":
        day = f"{_ANCHOR_DAYS} + 3 - ({_ANCHOR_DAYS} + 3) / 7 * 7"
        return f"{at_hour} AND {day} = ?", [*hour, int(cell.key) if cell.key in set("0123456") else -1]
    if cell.by == "group":
        members = [name for name, group in groups_of_agents(conn, shop_id).items() if group == cell.key]
        return f"{at_hour} AND t.agent IN ({', '.join('?' * len(members)) or 'NULL'})", [*hour, *members]
    if cell.by == "product":
        of_product = "SELECT session_id FROM insight_sessions WHERE shop_id = ? AND product_id = ?"
        return f"{at_hour} AND t.session_id IN ({of_product})", [*hour, shop_id, cell.key]
    return f"{at_hour} AND t.agent = ?", [*hour, cell.key]


def _name_of(conn: Connection, shop_id: int, cell: Cell) -> str:
    if cell.by == "weekday" and cell.key not in set("0123456"):
        return cell.key
    return _names(conn, shop_id, cell.by)(cell.key)
