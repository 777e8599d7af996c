"""Importing a file: read, build, write in chunks, complete; or take everything back.

Runs in any thread; `write` is how a piece of work gets its transaction (the writer lane, or a plain database).
A chunk is one transaction, so that a live desk is never held up for long; until the batch is complete none of its
rows can be seen (see queries), so a process that dies leaves nothing behind that counts.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from miaohui.importing import actions
from miaohui.importing.actions import Written
from miaohui.importing.jobs.preview import Plan, store_position
from miaohui.importing.model import chat, faults
from miaohui.importing.model.facts import FACTS
from miaohui.importing.model.messages import line_facts
from miaohui.importing.model.rows import BadRow, Facts, Totals, add_totals, summary_check
from miaohui.kit.tx import Tx

Write = Callable[[Callable[[Tx], Any]], Any]
CHUNK_ROWS = 2_000
MAX_BAD_ROWS = 2_000


@dataclass
class Report:
    """What an import did. Units: times in milliseconds; counts in rows of the file or facts."""

    batch_id: int = 0
    file: str = ""
    kind: str = ""
    kind_zh: str = ""
    table: str = ""
    rows: int = 0
    facts: int = 0
    new: int = 0
    repeated: int = 0
    overlapping: int = 0
    updated: int = 0
    bad: int = 0
    other_store: int = 0
    summary_rows: int = 0
    from_ms: int | None = None
    to_ms: int | None = None
    seconds: float = 0.0
    bad_rows: list[tuple[int, str, str, str]] = field(default_factory=list)
    check_sums: list[dict[str, Any]] = field(default_factory=list)
    notes_zh: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, Any]:
        """Return what is stored with the batch."""
        names = ("rows", "facts", "new", "repeated", "overlapping", "bad", "other_store", "summary_rows", "from_ms",
                 "to_ms", "seconds", "check_sums", "notes_zh")  # fmt: skip
        return {name: getattr(self, name) for name in names}


@dataclass
class Progress:
    """Told to `on_progress` after every chunk. `share` is None where the file's length is not known."""

    rows: int
    share: float | None


class Cancelled(Exception):
    """Somebody asked the import to stop."""


class _Reader:
    """Turns a plan into facts, row by row, collecting bad rows, totals and shops."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self.plan, self.report = plan, report
        self.totals = Totals()
        self.store_at = store_position(plan)
        self.stores: dict[str, None] = {}

    def facts(self) -> Iterator[Facts]:
        kind = self.plan.kind
        assert kind is not None
        if kind.code == "chat_text":
            yield from self._lines()
            return
        build = self.plan.builder()
        first = self.plan.header_row + 1
        is_summary = summary_check(kind, self.plan.context.columns)
        sums = kind.table == "service"
        for number, row in self.plan.source.rows():
            if number <= first or not any(row):
                continue
            if is_summary(row):
                self._summary(row)
                continue
            self.report.rows += 1
            if self.store_at is not None and not self._is_chosen(row):
                self.report.other_store += 1
                continue
            try:
                found = build(row, number)
            except BadRow as bad:
                self._note(
                    number, bad if "\0" not in row[0] else BadRow("整行", f"这一行读不出：{row[0][1:]}")
                )
                continue
            if sums:
                add_totals(kind, self.plan.context, row, self.totals.added)
                self.totals.row_count += 1
            yield found
        yield from self._only_totals(build)

    def _lines(self) -> Iterator[Facts]:
        build = line_facts(self.plan.context)
        assert self.plan.source.lines is not None
        agents = self.plan.context.agents
        for line in chat.chat_lines(self.plan.source.lines(), agents, self.plan.context.stem):
            self.report.rows += 1
            try:
                yield build(line)
            except BadRow as bad:
                self._note(line.line_no, bad)

    def _is_chosen(self, row: list[str]) -> bool:
        at = self.store_at
        name = row[at].strip() if at is not None and at < len(row) else ""
        chosen = self.plan.context.store
        if chosen:
            return name in ("", chosen)
        if name:
            self.stores[name] = None
            if len(self.stores) > 1:
                faults.TWO_SHOPS.refuse(file=self.plan.source.name, stores=list(self.stores))
        return True

    def _summary(self, row: list[str]) -> None:
        self.report.summary_rows += 1
        kind = self.plan.kind
        assert kind is not None
        first = next((cell.strip() for cell in row if cell.strip()), "")
        if first in ("合计", "总计", "汇总", "汇总值"):
            add_totals(kind, self.plan.context, row, self.totals.stated)
            self.totals.whole_rows.append(row)

    def _only_totals(self, build: Callable[[Any, int], Facts]) -> Iterator[Facts]:
        """A week's or month's shop file has nothing but its total row: then that row is the figure (§3.1)."""
        kind, context = self.plan.kind, self.plan.context
        if kind is None or kind.level != "shop" or self.totals.row_count or not self.totals.whole_rows:
            return
        row = list(self.totals.whole_rows[0])
        for index, column in context.columns.items():
            if column.target == "day":
                row[index] = ""
        if context.period is None:
            faults.NEEDS_PERIOD.refuse(file=self.plan.source.name)
        self.report.rows += 1
        self.report.notes_zh.append("文件只有合计行，已作为整个周期的数据导入")
        self.totals.stated.clear()
        yield build(row, self.plan.header_row + 2)

    def _note(self, number: int, bad: BadRow) -> None:
        self.report.bad += 1
        if len(self.report.bad_rows) < MAX_BAD_ROWS:
            self.report.bad_rows.append((number, bad.column_zh, bad.reason_zh, bad.value))

    def check_sums(self) -> list[dict[str, Any]]:
        """Return where the file's own totals and the sum of its rows differ."""
        return [
            {"column_zh": name, "stated": stated, "added": self.totals.added.get(name, 0)}
            for name, stated in self.totals.stated.items()
            if self.totals.row_count and stated != self.totals.added.get(name, 0)
        ]


@dataclass(frozen=True)
class Watch:
    """Who looks on: told of progress after every chunk, asked whether to stop."""

    on_progress: Callable[[Progress], None] | None = None
    is_cancelled: Callable[[int], bool] | None = None


def import_file(
    write: Write, shop_id: int, plan: Plan, watch: Watch | None = None, chunk_rows: int = CHUNK_ROWS
) -> Report:
    """Import a planned file as one batch.

    Raises: Refusal importing.ask, .two_shops, .needs_period, .already_imported, .nothing_to_import, .cancelled;
    then nothing of the file is left.
    """
    started = time.perf_counter()
    report = _opened(write, shop_id, plan)
    reader = _Reader(plan, report)
    ended = ("failed", "出错")
    try:
        written = _write_all(write, shop_id, reader, watch or Watch(), chunk_rows)
        ended = ("", "")
    except Cancelled:
        ended = ("cancelled", "用户取消")
    finally:
        # Also when the process is told to stop: nothing half-done stays behind.
        if ended[0]:
            write(lambda tx: actions.drop_open_batches(tx, shop_id, ended[0], ended[1], report.batch_id))
    if ended[0]:
        faults.CANCELLED.refuse(file=plan.source.name)
    report.new, report.repeated, report.overlapping = written.new, written.repeated, written.overlapping
    report.check_sums = reader.check_sums()
    source = plan.source
    report.notes_zh = [*source.notes_zh, *plan.notes_zh, *report.notes_zh, *_notes(report, source.bad_lines)]
    report.seconds = round(time.perf_counter() - started, 3)
    report.updated = write(lambda tx: _complete(tx, shop_id, report))
    return report


def check_plan(plan: Plan) -> str:
    """Return the key by which the same file is known again.

    Raises: Refusal importing.ask, .two_shops, when the plan cannot be carried out.
    """
    source = plan.source
    if plan.kind is None:
        guess = plan.guess.name_zh if plan.guess else None
        if plan.reason_zh == faults.NEEDS_PERIOD.both:
            faults.NEEDS_PERIOD.refuse(file=source.name)
        faults.ASK.refuse(file=source.name, reason=plan.reason_zh, guess=guess)
    if len(plan.stores) > 1 and not plan.context.store:
        faults.TWO_SHOPS.refuse(file=source.name, stores=list(plan.stores))
    return f"{source.sha256}{':' + plan.context.store if plan.context.store else ''}"


def _opened(write: Write, shop_id: int, plan: Plan) -> Report:
    """Check that the plan can be carried out, and open its batch."""
    key = check_plan(plan)
    source, kind = plan.source, plan.kind
    assert kind is not None
    batch_id = write(lambda tx: actions.open_batch(tx, shop_id, source.name, key, kind.code))
    return Report(batch_id, source.name, kind.code, kind.name_zh, kind.table)


def _complete(tx: Tx, shop_id: int, report: Report) -> int:
    actions.write_bad_rows(tx, shop_id, report.batch_id, report.bad_rows)
    return actions.close_batch(tx, shop_id, report.batch_id, report.counts())


def _write_all(write: Write, shop_id: int, reader: _Reader, watch: Watch, chunk_rows: int) -> Written:
    report, written = reader.report, Written()
    stream = itertools.chain.from_iterable(reader.facts())
    while chunk := list(itertools.islice(stream, chunk_rows)):
        into = partial(actions.write_rows, shop_id=shop_id, batch_id=report.batch_id, table=report.table)
        written += write(partial(into, rows=chunk))
        _note_span(report, chunk)
        if watch.on_progress is not None:
            watch.on_progress(Progress(report.rows, _share(reader)))
        if watch.is_cancelled is not None and watch.is_cancelled(report.batch_id):
            raise Cancelled
    if not report.facts:
        faults.NOTHING.refuse(file=report.file, reasons=_reasons(report)[:5])
    return written


def _note_span(report: Report, chunk: list[tuple[Any, ...]]) -> None:
    report.facts += len(chunk)
    fact = FACTS[report.table]
    if fact.order.endswith("_ms"):
        times = [row[fact.names.index(fact.order)] for row in chunk]
        report.from_ms = min(report.from_ms or times[0], *times)
        report.to_ms = max(report.to_ms or 0, *times)


def _share(reader: _Reader) -> float | None:
    total = reader.plan.source.row_count
    return min(1.0, reader.report.rows / total) if total else None


def _reasons(report: Report) -> list[str]:
    return [f"第 {no} 行 {column}：{reason}" for no, column, reason, _ in report.bad_rows]


def _notes(report: Report, bad_lines: list[tuple[int, str]]) -> list[str]:
    notes = []
    if report.repeated:
        notes.append(f"文件内有 {report.repeated} 行重复，只算一次")
    if report.overlapping:
        notes.append(f"与以前导入的文件重叠 {report.overlapping} 行，没有重复计数，取时间较新的内容")
    if report.other_store:
        notes.append(f"跳过其他店铺 {report.other_store} 行")
    if report.bad:
        notes.append(f"{report.bad} 行有误没有导入，见逐行原因")
    last = report.bad_rows[-1] if report.bad_rows else None
    if last is not None and "可能被截断" in last[2] and last[0] >= report.rows:
        notes.append("最后一行不完整：文件可能没有下载完，建议重新下载")
    if bad_lines:
        notes.append(f"{len(bad_lines)} 行文字损坏")
    return notes
