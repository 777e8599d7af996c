"""From a file's row to facts: one builder for each fact table, compiled once for a file. Pure.

A builder takes a row (list of texts, in file order) and its number, and returns facts: tuples of the fact's fields,
the row number, and `as_of_ms` (the row's latest time). It raises `BadRow` with column and reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from miaohui.importing.model.dates import Period, period_of_name
from miaohui.importing.model.facts import FACTS, Fact
from miaohui.importing.model.kinds import Column, Kind
from miaohui.importing.model.values import EMPTY, PARSERS, BadValue, plain_text

Row = Sequence[str]
Facts = list[tuple[Any, ...]]


class BadRow(ValueError):
    """A row that cannot be imported: which column, why, and what stood there."""

    def __init__(self, column_zh: str, reason_zh: str, value: str = "") -> None:
        super().__init__(f"{column_zh}：{reason_zh}")
        self.column_zh, self.reason_zh, self.value = column_zh, reason_zh, value


@dataclass
class FileContext:
    """What a person or the file's name adds to its rows."""

    header: list[str]
    columns: dict[int, Column]
    period: Period | None = None
    store: str = ""
    agents: frozenset[str] = frozenset()
    platform: str = ""
    stem: str = ""


@dataclass
class Totals:
    """Total rows as check sums: what they say and what our rows add up to, by column."""

    stated: dict[str, float] = field(default_factory=dict)
    added: dict[str, float] = field(default_factory=dict)
    row_count: int = 0
    whole_rows: list[list[str]] = field(default_factory=list)


def position_of(columns: dict[int, Column], target: str) -> int | None:
    """Return where a field stands in the file, or None."""
    return next((index for index, column in columns.items() if column.target == target), None)


def summary_check(kind: Kind, columns: dict[int, Column]) -> Callable[[Row], bool]:
    """Return a check whether a row is a total: its first filled cell, or a key cell, is one of the kind's words."""
    words = kind.summary_words
    found = [position_of(columns, name) for name in ("agent", "day", "item_id", "aftersale_id")]
    keys = tuple(index for index in found if index is not None)

    def is_summary(row: Row) -> bool:
        first = row[0] or next((cell for cell in row if cell.strip()), "")
        if first.strip() in words:
            return True
        return any(index < len(row) and row[index].strip() in words for index in keys)

    return is_summary if words else lambda row: False


def table_builder(kind: Kind, context: FileContext) -> Callable[[Row, int], Facts]:
    """Return the builder of orders, after-sales and reviews: one fact a row."""
    fact = FACTS[kind.table]
    steps, extras = _steps(fact, context)
    times = [fact.names.index(name) for name in fact.times]
    blank: list[Any] = [None] * len(fact.names)
    blank[fact.names.index("platform")] = context.platform or kind.platform
    if "store" in fact.fields:
        blank[fact.names.index("store")] = context.store
    extra_at, width = fact.names.index("extra"), len(context.header)
    check = _key_check(kind, fact)

    def build(row: Row, number: int) -> Facts:
        if len(row) < width:
            raise BadRow("整行", f"只有 {len(row)} 列，表头有 {width} 列：可能被截断或含有未加引号的逗号")
        out = blank.copy()
        place = 0
        try:
            for place, position, parse in steps:
                cell = row[position]
                if cell:
                    out[place] = parse(cell)
        except BadValue as error:
            raise _bad_cell(context, fact, row, place, error) from error
        check(out)
        kept = {header: cell for position, header in extras if (cell := row[position]) and cell not in EMPTY}
        if kept:
            out[extra_at] = msgspec.json.encode(kept).decode()
        as_of = max([out[i] for i in times if out[i] is not None], default=0)
        return [(*out, number, as_of)]

    return build


def _key_check(kind: Kind, fact: Fact) -> Callable[[list[Any]], None]:
    """Return a check that a row has its business key and its time."""
    needed = [(fact.names.index(name), name) for name in (*fact.keys, fact.order) if name != "platform"]
    names = {name: column.name_zh if (column := kind.column_of(name)) else name for _, name in needed}

    def check(out: list[Any]) -> None:
        for place, name in needed:
            if not out[place]:
                raise BadRow(names[name], "是空的，无法判断是哪一条、什么时候")

    return check


def _steps(
    fact: Fact, context: FileContext
) -> tuple[list[tuple[int, int, Callable[[str], Any]]], list[tuple[int, str]]]:
    steps, extras = [], []
    for index, header in enumerate(context.header):
        column = context.columns.get(index)
        if column is not None and column.target in fact.fields:
            steps.append((fact.names.index(column.target), index, PARSERS[column.type]))
        elif header.strip() and (column is None or column.target != "-"):
            extras.append((index, header.strip()))
    return steps, extras


def _bad_cell(context: FileContext, fact: Fact, row: Row, place: int, error: Exception) -> BadRow:
    target = fact.names[place]
    position = position_of(context.columns, target)
    header = context.header[position] if position is not None else target
    return BadRow(header, str(error), row[position] if position is not None else "")


def service_builder(kind: Kind, context: FileContext) -> Callable[[Row, int], Facts]:
    """Return the builder of platform figures: one fact for each filled figure of a row."""
    columns = context.columns
    metrics = [
        (index, column.target, PARSERS[column.type])
        for index, column in columns.items()
        if column.target not in ("agent", "account", "day", "store", "", "-")
    ]
    at = {name: position_of(columns, name) for name in ("agent", "account", "day", "store")}
    platform = context.platform or kind.platform

    def cell(row: Row, name: str) -> str:
        index = at[name]
        return plain_text(row[index]) if index is not None and index < len(row) else ""

    def build(row: Row, number: int) -> Facts:
        store = cell(row, "store") or context.store
        period = _row_period(cell(row, "day"), context)
        agent = cell(row, "agent") or cell(row, "account")
        if kind.level == "agent" and not agent:
            raise BadRow("客服", "没有客服名称")
        facts: Facts = []
        for index, metric, parse in metrics:
            if index >= len(row):
                raise BadRow("整行", f"只有 {len(row)} 列，表头有 {len(context.header)} 列")
            try:
                value = parse(row[index]) if row[index] else None
            except BadValue as error:
                raise BadRow(context.header[index], str(error), row[index]) from error
            if value is not None:
                facts.append(
                    (platform, kind.level, agent, period.from_on, period.to_on, metric, float(value),
                     cell(row, "account"), store, number, 0)
                )  # fmt: skip
        return facts

    return build


def _row_period(text: str, context: FileContext) -> Period:
    if text:
        found = period_of_name(text)
        if found is None:
            try:
                day = PARSERS["day"](text)
            except BadValue as error:
                raise BadRow("日期", "不是日期", text) from error
            return Period(day, day)
        return found
    if context.period is None:
        raise BadRow("日期", "没有日期")
    return context.period


_OFF = frozenset({"休", "休息", "OFF", "off", "请假", "调休"})


def shift_builder(context: FileContext) -> Callable[[Row, int], Facts]:
    """Return the builder of rosters: local times, 24:00 and shifts over midnight included."""
    names = ("agent", "day", "starts", "ends", "shift", "group_name", "note")
    at = {name: position_of(context.columns, name) for name in names}

    def build(row: Row, number: int) -> Facts:
        cells = {
            name: plain_text(row[index]) if index is not None and index < len(row) else ""
            for name, index in at.items()
        }
        if not cells["agent"]:
            raise BadRow("姓名", "没有姓名")
        if cells["shift"] in _OFF:
            return []
        starts = _moment(cells["day"], cells["starts"], "开始时间")
        ends = _moment(cells["day"], cells["ends"], "结束时间")
        if ends <= starts:
            ends += 86_400_000
        if ends - starts > 24 * 3_600_000:
            raise BadRow("结束时间", "班次超过 24 小时", cells["ends"])
        rest = (cells["shift"], cells["group_name"], cells["note"])
        return [(cells["agent"], starts, ends, *rest, number, 0)]

    return build


def _moment(day: str, text: str, name: str) -> int:
    """Return the moment of '18:00' (or '24:00', or a full date and time) on a day. Raises: BadRow."""
    try:
        if len(text) > 8:
            return int(PARSERS["time"](text))
        hour, _, minute = text.replace("：", ":").partition(":")
        return int(PARSERS["time"](day)) + (int(hour) * 60 + int((minute or "0")[:2])) * 60_000
    except (BadValue, TypeError, ValueError) as error:
        raise BadRow(name, "不是时间", text) from error


def add_totals(kind: Kind, context: FileContext, row: Row, into: dict[str, float]) -> None:
    """Add a row's whole numbers and amounts to `into`, by header; cells that are no numbers are skipped."""
    for index, column in context.columns.items():
        if column.type in ("int", "fen") and index < len(row) and row[index]:
            try:
                value = PARSERS[column.type](row[index])
            except BadValue:
                continue
            if value is not None:
                into[column.name_zh] = into.get(column.name_zh, 0) + value
