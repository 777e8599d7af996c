"""Mappings by hand: for headers that are not known, checked and kept as a template. Source: domain.md §3.8."""

from __future__ import annotations

import hashlib

from miaohui.importing.model.headers import folded_header
from miaohui.importing.model.kinds import Column, Kind
from miaohui.importing.model.recognise import Recognition, missing_needs


def signature(header: list[str]) -> str:
    """Return what a set of headers is known by, whatever their order."""
    names = sorted({folded_header(text) for text in header if text.strip()})
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]


def mapped_columns(kind: Kind, header: list[str], mapping: dict[str, str]) -> dict[int, Column]:
    """Return position → column for a mapping of header texts to the kind's fields."""
    folded = {folded_header(text): target for text, target in mapping.items()}
    result: dict[int, Column] = {}
    for index, text in enumerate(header):
        target = folded.get(folded_header(text))
        column = kind.column_of(target) if target else None
        if column is not None:
            result[index] = column
    return result


def mapping_faults(kind: Kind | None, mapping: dict[str, str]) -> list[str]:
    """Return what is wrong with a mapping, in Chinese; [] when it can be used."""
    if kind is None:
        return ["没有这种文件"]
    unknown = [target for target in mapping.values() if kind.column_of(target) is None]
    doubled = sorted({target for target in mapping.values() if list(mapping.values()).count(target) > 1})
    columns = mapped_columns(kind, list(mapping), mapping)
    missing = missing_needs(kind, columns)
    return (
        [f"没有字段 {name}" for name in unknown]
        + [f"字段 {name} 对应了两列" for name in doubled]
        + [f"缺少必需的列：{name}" for name in missing]
    )


def with_mapping(found: Recognition, kind: Kind, header: list[str], mapping: dict[str, str]) -> Recognition:
    """Return a recognition as a person (or a template) corrected it; known columns keep their meaning."""
    by_hand = mapped_columns(kind, header, mapping)
    taken = {column.target for column in by_hand.values()}
    columns = {
        index: column
        for index, text in enumerate(header)
        if (column := kind.by_name.get(folded_header(text))) is not None
        and (column.target in ("", "-") or column.target not in taken)
    }
    columns.update(by_hand)
    unknown = tuple(text for index, text in enumerate(header) if text.strip() and index not in columns)
    missing = missing_needs(kind, columns)
    reason = "缺少必需的列：" + "、".join(missing) if missing else ""
    return Recognition(None if missing else kind, found.header_row, columns, unknown, 1.0, kind, reason)
