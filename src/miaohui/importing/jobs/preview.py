"""What a file is understood as, before anything is written."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from miaohui.importing.jobs.source import Source
from miaohui.importing.model import chat, faults
from miaohui.importing.model.catalogue import KIND_OF
from miaohui.importing.model.dates import Period, period_of_name
from miaohui.importing.model.facts import FACTS
from miaohui.importing.model.kinds import Column, Kind
from miaohui.importing.model.mapping import signature, with_mapping
from miaohui.importing.model.messages import line_facts, message_builder
from miaohui.importing.model.recognise import Recognition, recognise
from miaohui.importing.model.rows import (
    BadRow,
    Facts,
    FileContext,
    position_of,
    service_builder,
    shift_builder,
    summary_check,
    table_builder,
)
from miaohui.importing.model.values import TYPE_NAMES_ZH, is_masked

SEEN_ROWS = 80
SAMPLE_ROWS = 5
STORE_ROWS = 5_000
CHAT_SHARE = 0.6
FindTemplate = Callable[[str], dict[str, Any] | None]


@dataclass(frozen=True)
class Answers:
    """What a person said about a file; everything may stay open."""

    kind: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    from_on: str = ""
    to_on: str = ""
    store: str = ""
    agents: tuple[str, ...] = ()
    platform: str = ""
    sheet: str = ""


@dataclass
class Plan:
    """A file as understood. `kind` None means "ask": `reason_zh` says what is missing."""

    source: Source
    kind: Kind | None
    guess: Kind | None
    header_row: int
    context: FileContext
    score: float
    reason_zh: str
    template_zh: str = ""
    stores: tuple[str, ...] = ()
    notes_zh: list[str] = field(default_factory=list)

    def builder(self) -> Callable[[Any, int], Facts]:
        """Return the function that turns a row into facts."""
        kind = self.kind
        if kind is None:
            faults.ASK.refuse(file=self.source.name, reason=self.reason_zh)
        makers: dict[str, Callable[[], Any]] = {
            "service": lambda: service_builder(kind, self.context),
            "messages": lambda: message_builder(self.context),
            "shifts": lambda: shift_builder(self.context),
        }
        make = makers.get(kind.table, lambda: table_builder(kind, self.context))
        return make()  # type: ignore[no-any-return]


def make_plan(source: Source, answers: Answers, find_template: FindTemplate = lambda sign: None) -> Plan:
    """Return how a file is understood: by a person's answers, else a template, else its header."""
    if answers.kind == "chat_text" or (not answers.kind and _is_chat_text(source)):
        return _chat_plan(source, answers)
    rows = [row for _, row in itertools.islice(source.rows(), SEEN_ROWS)]
    found = recognise(rows, source.name)
    header = rows[found.header_row] if rows else []
    template_zh = ""
    if answers.kind or answers.mapping:
        kind = KIND_OF.get(answers.kind) or found.kind or found.guess
        if kind is None:
            faults.BAD_MAPPING.refuse(problems=["没有说明文件种类"])
        found = with_mapping(found, kind, header, answers.mapping)
    elif (template := find_template(signature(header))) is not None:
        found = with_mapping(found, KIND_OF[template["kind"]], header, template["mapping"])
        template_zh = template["name_zh"]
    plan = _plan(source, found, header, answers)
    plan.template_zh = template_zh
    _note_period(plan)
    _note_masks(plan, rows)
    _note_stores(plan)
    if len(rows) <= found.header_row + 1 and plan.kind is not None:
        faults.EMPTY.refuse(file=source.name)
    return plan


def _is_chat_text(source: Source) -> bool:
    if source.lines is None:
        return False
    lines = [line for line in itertools.islice(source.lines(), 200)]
    return chat.chat_text_share(lines) >= CHAT_SHARE


def _period(source: Source, answers: Answers) -> Period | None:
    if answers.from_on:
        return Period(answers.from_on, answers.to_on or answers.from_on)
    return period_of_name(source.name)


def _plan(source: Source, found: Recognition, header: list[str], answers: Answers) -> Plan:
    context = FileContext(
        header, found.columns, _period(source, answers), answers.store, frozenset(answers.agents),
        answers.platform, source.stem,
    )  # fmt: skip
    return Plan(source, found.kind, found.guess, found.header_row, context, found.score, found.reason_zh)


def _chat_plan(source: Source, answers: Answers) -> Plan:
    context = FileContext(
        [], {}, None, answers.store, frozenset(answers.agents), answers.platform, source.stem
    )
    return Plan(source, KIND_OF["chat_text"], None, -1, context, 1.0, "")


def _note_period(plan: Plan) -> None:
    if plan.kind is None or plan.kind.table != "service":
        return
    has_day = position_of(plan.context.columns, "day") is not None
    if not has_day and plan.context.period is None:
        plan.guess, plan.kind = plan.kind, None
        plan.reason_zh = faults.NEEDS_PERIOD.both
    elif not has_day and plan.context.period is not None:
        period = plan.context.period
        plan.notes_zh.append(f"日期取自文件名：{period.from_on} 至 {period.to_on}")


def _note_masks(plan: Plan, rows: list[list[str]]) -> None:
    masked = [
        plan.context.header[index]
        for index in plan.context.columns
        if any(index < len(row) and is_masked(row[index]) for row in rows[plan.header_row + 1 :])
    ]
    if masked:
        plan.notes_zh.append(f"这些列是脱敏值，只当掩码保存或不保存：{'、'.join(masked[:6])}")


def _note_stores(plan: Plan) -> None:
    index = store_position(plan)
    if index is None:
        return
    names: dict[str, None] = {}
    for number, row in itertools.islice(plan.source.rows(), STORE_ROWS):
        if number > plan.header_row + 1 and index < len(row) and row[index].strip():
            names[row[index].strip()] = None
    plan.stores = tuple(names)


def store_position(plan: Plan) -> int | None:
    """Return the column that names the shop; 门店 of after-sales are branches of one shop, not shops."""
    if plan.kind is None or plan.kind.table == "aftersales":
        return None
    return position_of(plan.context.columns, "store")


@dataclass
class Sample:
    """The first rows as they would be stored, and the first that could not be."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    bad: list[dict[str, Any]] = field(default_factory=list)


def sample_of(plan: Plan) -> Sample:
    """Return what the first rows would become."""
    result = Sample()
    if plan.kind is None:
        return result
    names = FACTS[plan.kind.table].names
    for number, facts in _first_facts(plan):
        if isinstance(facts, BadRow):
            if len(result.bad) < SAMPLE_ROWS:
                result.bad.append(
                    {"row_no": number, "column_zh": facts.column_zh, "reason_zh": facts.reason_zh,
                     "value": facts.value[:80]}
                )  # fmt: skip
        elif len(result.rows) < SAMPLE_ROWS:
            result.rows += [
                {name: value for name, value in zip(names, fact, strict=False) if value not in (None, "")}
                for fact in facts[: SAMPLE_ROWS - len(result.rows)]
            ]
    return result


def _first_facts(plan: Plan) -> list[tuple[int, Facts | BadRow]]:
    result: list[tuple[int, Facts | BadRow]] = []
    if plan.kind is not None and plan.kind.code == "chat_text" and plan.source.lines is not None:
        build_line = line_facts(plan.context)
        for line in itertools.islice(chat.chat_lines(itertools.islice(plan.source.lines(), 400)), SEEN_ROWS):
            try:
                result.append((line.line_no, build_line(line)))
            except BadRow as bad:
                result.append((line.line_no, bad))
        return result
    build = plan.builder()
    assert plan.kind is not None
    is_summary = summary_check(plan.kind, plan.context.columns)
    for number, row in itertools.islice(plan.source.rows(), SEEN_ROWS):
        if number <= plan.header_row + 1 or not any(row):
            continue
        if is_summary(row):
            continue
        try:
            result.append((number, build(row, number)))
        except BadRow as bad:
            result.append((number, bad))
    return result


def column_facts(plan: Plan) -> list[dict[str, str]]:
    """Return every column of the file: header, what it was understood as, its type, an example."""
    rows = [row for _, row in itertools.islice(plan.source.rows(), plan.header_row + 6)][
        plan.header_row + 1 :
    ]
    result = []
    for index, header in enumerate(plan.context.header):
        column = plan.context.columns.get(index)
        example = next((row[index] for row in rows if index < len(row) and row[index]), "")
        understood = "未识别，原样保留" if column is None else "不保存（个人信息）"
        if column is not None and column.target != "-":
            understood = column.name_zh if column.target else "原样保留"
        result.append(
            {"header": header, "target": column.target if isinstance(column, Column) else "",
             "understood_zh": understood, "type_zh": TYPE_NAMES_ZH[column.type] if column else "",
             "example": "" if column is not None and column.target == "-" else example[:60]}
        )  # fmt: skip
    return result
