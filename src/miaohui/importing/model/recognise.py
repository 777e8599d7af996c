"""Which kind a file is, from its header row and a few rows: a kind, or "ask"; never a guess. Pure.

A header speaks for a family (platform and table) by how few families know it. A kind is answered only when
its needs are met and no other family has a comparable claim. Source: domain.md §3.8, issue "files in" figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from miaohui.importing.model.catalogue import KINDS
from miaohui.importing.model.headers import folded_header, folded_headers
from miaohui.importing.model.kinds import Column, Kind

HEADER_ROWS_SEARCHED = 12
MIN_SCORE = 0.6
MIN_LEAD = 0.15
CONFLICT_SHARE = 0.34


@dataclass(frozen=True)
class Recognition:
    """What was understood. `kind` is None for "ask": then `guess` and `reason_zh` say what stands in the way."""

    kind: Kind | None
    header_row: int
    columns: dict[int, Column] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    score: float = 0.0
    guess: Kind | None = None
    reason_zh: str = ""


def _family(kind: Kind) -> tuple[str, str]:
    return kind.platform, kind.table


def _families_by_header() -> dict[str, set[tuple[str, str]]]:
    result: dict[str, set[tuple[str, str]]] = {}
    for kind in KINDS:
        for name in kind.by_name:
            result.setdefault(name, set()).add(_family(kind))
    return result


_KNOWN_BY = _families_by_header()


def matched_columns(kind: Kind, names: Sequence[str]) -> dict[int, Column]:
    """Return position → column of the kind; one target is filled once, by its earliest name in the spec."""
    result: dict[int, Column] = {}
    best: dict[str, tuple[int, int]] = {}
    for index, name in enumerate(names):
        column = kind.by_name.get(name) if name else None
        if column is None:
            continue
        if column.target in ("", "-"):
            result[index] = column
            continue
        rank = next(i for i, known in enumerate(column.names) if folded_header(known) == name)
        held = best.get(column.target)
        if held is None or rank < held[0]:
            if held is not None:
                del result[held[1]]
            best[column.target] = (rank, index)
            result[index] = column
    return result


def missing_needs(kind: Kind, columns: dict[int, Column]) -> list[str]:
    """Return the Chinese names of what the kind needs and the file lacks."""
    have = {column.target for column in columns.values()}
    result = []
    for group in kind.needs:
        if group and not have.intersection(group):
            names = [column.name_zh for target in group if (column := kind.column_of(target)) is not None]
            result.append(" 或 ".join(names))
    return result


def _score(kind: Kind, names: Sequence[str]) -> tuple[float, float]:
    """Return the share of the file's weighted headers that the kind knows, and its exclusive evidence."""
    total = known = own = 0.0
    for name in names:
        if not name:
            continue
        families = _KNOWN_BY.get(name)
        weight = 0.4 if families is None else 1.0 / len(families)
        total += weight
        if name in kind.by_name:
            known += weight
            own += 1.0 if families is not None and len(families) == 1 else 0.0
    return (known / total if total else 0.0), own


def _lacks_its_level(kind: Kind, names: Sequence[str]) -> bool:
    """Tell whether an agents' table has no agent column while a shop's table of the same platform exists."""
    if kind.level != "agent" or not any(_family(k) == _family(kind) and k.level == "shop" for k in KINDS):
        return False
    return not any(
        (c := kind.by_name.get(name)) is not None and c.target in ("agent", "account") for name in names
    )


def _claims(names: Sequence[str], file_name: str) -> list[tuple[float, float, Kind]]:
    result = []
    for kind in KINDS:
        if kind.code == "chat_text" or _lacks_its_level(kind, names):
            continue
        score, own = _score(kind, names)
        bonus = 0.02 if any(word in file_name for word in kind.file_words) else 0.0
        result.append((score + bonus, own, kind))
    result.sort(key=lambda claim: (claim[0], claim[1], claim[2].level == "agent"), reverse=True)
    return result


def recognise_header(
    row: Sequence[str], rows: Sequence[Sequence[str]] = (), file_name: str = ""
) -> Recognition:
    """Return what the header row `row` says, with `rows` that follow it as a second witness."""
    names = folded_headers(list(row))
    claims = _claims(names, file_name)
    score, own, kind = claims[0]
    columns = matched_columns(kind, names)
    unknown = tuple(text.strip() for i, text in enumerate(row) if text.strip() and i not in columns)
    doubt = _doubt(claims, columns) or _row_doubt(kind, columns, rows)
    found = None if doubt or score < MIN_SCORE else kind
    guess = kind if score >= MIN_SCORE / 2 else None
    if found is None and (not doubt or guess is None):
        doubt = "表头与已知的文件都不够像"
    return Recognition(found, 0, columns, unknown, round(score, 3), guess, doubt)


def _doubt(claims: list[tuple[float, float, Kind]], columns: dict[int, Column]) -> str:
    score, own, kind = claims[0]
    if missing := missing_needs(kind, columns):
        return "缺少必需的列：" + "、".join(missing)
    if own < 1 and kind.table != "shifts":
        return "没有一列能说明来自哪个平台"
    for other_score, other_own, other in claims[1:]:
        if _family(other) == _family(kind):
            continue
        if other_own > own * CONFLICT_SHARE or score - other_score < MIN_LEAD:
            return f"也可能是{other.name_zh}"
    if kind.level == "shop" and "day" not in {column.target for column in columns.values()}:
        return "没有日期列，也没有客服昵称，分不清是店铺汇总还是客服明细"
    return ""


def _row_doubt(kind: Kind, columns: dict[int, Column], rows: Sequence[Sequence[str]]) -> str:
    """Return a doubt that only the rows can raise: a shop's table has one row a day, agents' tables have many."""
    if kind.level != "shop":
        return ""
    at = {column.target: index for index, column in columns.items()}
    index, store = at["day"], at.get("store")
    days = Counter(
        (row[index].strip(), row[store].strip() if store is not None and store < len(row) else "")
        for row in rows
        if index < len(row) and row[index].strip() and row[index].strip() not in kind.summary_words
    )
    if days and max(days.values()) > 1:
        return "同一天有多行却没有客服昵称：像客服明细少了一列"
    if len(days) < 2 and {"online_hours", "break_hours", "offline_hours"} & set(at):
        return "有在线时长却没有客服昵称：像客服明细少了一列"
    return ""


def recognise(rows: Sequence[Sequence[str]], file_name: str = "") -> Recognition:
    """Return what a table is, looking for the header row among the first rows.

    Titles, notes and merged cells above the header are passed over: the row that scores best is the header.
    """
    best: Recognition | None = None
    for index, row in enumerate(rows[:HEADER_ROWS_SEARCHED]):
        filled = [cell for cell in row if cell.strip()]
        if len(filled) < 2:
            continue
        found = recognise_header(row, rows[index + 1 : index + 61], file_name)
        found = Recognition(
            found.kind, index, found.columns, found.unknown, found.score, found.guess, found.reason_zh
        )
        if best is None or _rank(found) > _rank(best):
            best = found
        if found.kind is not None:
            break
    return best or Recognition(None, 0, reason_zh="没有找到表头：前几行没有两个以上有字的单元格")


def _rank(found: Recognition) -> tuple[bool, int, float]:
    return found.kind is not None, len(found.columns), found.score
