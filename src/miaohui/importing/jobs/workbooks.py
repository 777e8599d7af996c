"""Workbooks through calamine: encrypted, cut-off, foreign and oversized ones are refused before they are parsed."""

from __future__ import annotations

import contextlib
import zipfile
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from miaohui.importing.jobs.source import MAX_UNPACKED_BYTES, MAX_WORKBOOK_BYTES, OLE, RowStream, Source
from miaohui.importing.model import faults
from miaohui.importing.model.values import cell_text


def open_workbook(source: Source, head: bytes, sheet: str) -> None:
    _check_container(source, head)
    try:
        book = CalamineWorkbook.from_path(str(source.path))
        names = [meta.name for meta in book.sheets_metadata]
        chosen = sheet or _fullest_sheet(book, names)
        found = book.get_sheet_by_name(chosen)
    except PasswordError:
        faults.PASSWORD.refuse(file=source.name)
    except (CalamineError, OSError, ValueError) as error:
        if head.startswith(OLE):
            faults.PASSWORD.refuse(file=source.name, reason=str(error))
        faults.TRUNCATED.refuse(file=source.name, reason=str(error))
    source.form_zh, source.sheet = "Excel 工作簿", chosen
    source.row_count = found.total_height
    others = [name for name in names if name != chosen]
    if others:
        source.notes_zh.append(f"工作簿里还有 {len(others)} 张表没有读：{'、'.join(others[:5])}")
    filled = _merged_fill(found)
    if filled:
        source.notes_zh.append(f"有合并单元格，已按左上角的内容补齐 {len(filled)} 处")
    source.rows = lambda: _sheet_rows(found, filled)


def _check_container(source: Source, head: bytes) -> None:
    """Refuse encrypted, cut-off, foreign and oversized containers before a parser sees them."""
    if head.startswith(OLE):
        if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in _ends(source.path):
            faults.PASSWORD.refuse(file=source.name)
        return
    try:
        with zipfile.ZipFile(source.path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        faults.TRUNCATED.refuse(file=source.name)
    names = {entry.filename for entry in entries}
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        faults.NOT_A_TABLE.refuse(file=source.name)
    unpacked = sum(entry.file_size for entry in entries)
    if source.size > MAX_WORKBOOK_BYTES or unpacked > MAX_UNPACKED_BYTES:
        faults.TOO_LARGE.refuse(file=source.name, size=source.size, unpacked=unpacked)


def _ends(path: Path) -> bytes:
    with path.open("rb") as file:
        first = file.read(1 << 16)
        file.seek(max(0, path.stat().st_size - (1 << 16)))
        return first + file.read()


def _fullest_sheet(book: CalamineWorkbook, names: list[str]) -> str:
    """Return the sheet with the most cells: summaries and notes are smaller than the data."""
    if len(names) == 1:
        return names[0]
    sizes = {}
    for name in names[:20]:
        with contextlib.suppress(CalamineError):
            found = book.get_sheet_by_name(name)
            sizes[name] = found.total_height * found.total_width
    return max(sizes, key=lambda name: sizes[name]) if sizes else names[0]


def _merged_fill(sheet: CalamineSheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Return cell → the top-left cell it repeats, for merged ranges below the header rows."""
    fill: dict[tuple[int, int], tuple[int, int]] = {}
    for start, end in sheet.merged_cell_ranges or []:
        if start[0] == 0 or (end[0] - start[0] + 1) * (end[1] - start[1] + 1) > 20_000:
            continue
        for row in range(start[0], end[0] + 1):
            if end[0] > start[0]:
                fill[row, start[1]] = start
    return {cell: top for cell, top in fill.items() if cell != top}


def _sheet_rows(sheet: CalamineSheet, fill: dict[tuple[int, int], tuple[int, int]]) -> RowStream:
    tops: dict[tuple[int, int], str] = {}
    wanted = set(fill.values())
    first_row = sheet.start[0] if sheet.start else 0
    for offset, cells in enumerate(sheet.iter_rows()):
        row = [cell_text(cell) for cell in cells]
        index = first_row + offset
        if fill:
            for column in range(len(row)):
                if (index, column) in wanted:
                    tops[index, column] = row[column]
                top = fill.get((index, column))
                if top is not None and not row[column]:
                    row[column] = tops.get(top, "")
        yield index + 1, row
