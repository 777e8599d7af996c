"""Opening files: what they really are (not what their name says), their encoding, their rows. Streaming.

Encodings: utf-8 (with or without BOM), utf-16 with BOM, gb18030, and files that mix lines of both.
Source: domain.md §3.2, §3.8; issue "files in", bad input.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import hashlib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from miaohui.importing.model import faults
from miaohui.importing.model.values import cell_text

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
MAX_WORKBOOK_BYTES = 80 << 20
MAX_UNPACKED_BYTES = 1_500 << 20
MAX_HTML_BYTES = 64 << 20
BLOCK = 1 << 20
csv.field_size_limit(1 << 20)

RowStream = Iterator[tuple[int, list[str]]]


@dataclass
class Source:
    """An opened file. `rows()` starts anew each time: (row number from 1, cells as text).

    `lines()` is there for texts. `notes_zh`: what is odd about the file but no obstacle.
    """

    path: Path
    name: str
    size: int
    sha256: str
    form_zh: str
    encoding: str = ""
    sheet: str = ""
    notes_zh: list[str] = field(default_factory=list)
    rows: Callable[[], RowStream] = field(default=lambda: iter(()))
    lines: Callable[[], Iterator[str]] | None = None
    row_count: int | None = None
    bad_lines: list[tuple[int, str]] = field(default_factory=list)

    @property
    def stem(self) -> str:
        return self.name.rsplit(".", 1)[0]


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def open_source(path: Path, name: str | None = None, sheet: str = "") -> Source:
    """Open a file by its contents.

    Raises: Refusal importing.empty_file, .password, .truncated, .not_a_table, .workbook_too_large.
    """
    size = path.stat().st_size
    if size == 0:
        faults.EMPTY.refuse(file=name or path.name)
    with path.open("rb") as file:
        head = file.read(8192)
    source = Source(path, name or path.name, size, sha256_of(path), "")
    if head.startswith(b"PK\x03\x04") or head.startswith(OLE):
        _open_workbook(source, head, sheet)
    elif head.startswith(
        (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"PK\x05\x06")
    ):
        faults.NOT_A_TABLE.refuse(file=source.name)
    else:
        _open_text(source, head)
    return source


# ---- workbooks


def _open_workbook(source: Source, head: bytes, sheet: str) -> None:
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


# ---- texts


def _open_text(source: Source, head: bytes) -> None:
    encoding, mixed = _encoding_of(source.path, head)
    if not encoding:
        faults.NOT_A_TABLE.refuse(file=source.name)
    source.encoding = encoding
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")[:512].lower()
    if (
        start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<div", b"<?xml"))
        and b"<" in start
    ):
        _open_html(source, encoding)
        return
    if mixed:
        source.notes_zh.append("文件里混有两种编码（多半是手工拼接的），已逐行识别")
        source.lines = lambda: _mixed_lines(source)
    else:
        source.lines = lambda: _plain_lines(source.path, encoding)
    first = "".join(line for line, _ in zip(source.lines(), range(40), strict=False))
    if not first.strip():
        faults.EMPTY.refuse(file=source.name)
    if "\0" in first:
        faults.NOT_A_TABLE.refuse(file=source.name)
    delimiter = _delimiter(first)
    source.form_zh = (
        f"文本表格（{ {',': '逗号', chr(9): '制表符', ';': '分号', '|': '竖线'}.get(delimiter, '') }分隔）"
    )
    if not delimiter:
        source.form_zh = "纯文本"
    lines = source.lines
    source.rows = lambda: _csv_rows(lines(), delimiter or ",")


def _encoding_of(path: Path, head: bytes) -> tuple[str, bool]:
    """Return the encoding and whether lines are mixed; '' when it is no text at all."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False
    utf8_bad, saw_wide = _decodes(path, "utf-8-sig")
    if utf8_bad is None:
        return "utf-8-sig", False
    if utf8_bad >= path.stat().st_size - 4:
        return "utf-8-sig", True
    gb_bad, _ = _decodes(path, "gb18030")
    if gb_bad is None and not saw_wide:
        return "gb18030", False
    if gb_bad is not None and not saw_wide and gb_bad < path.stat().st_size - 4 and b"\0" in head:
        return "", False
    return "utf-8-sig", True


def _decodes(path: Path, encoding: str) -> tuple[int | None, bool]:
    """Return the offset of the first wrong byte (None: all fine) and whether wide characters came before."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, wide = 0, False
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                before = block[: error.start]
                wide = wide or any(byte > 0xE0 for byte in before[-65536:])
                return offset + error.start, wide
            wide = wide or not text.isascii()
            if not block:
                return None, wide
            offset += len(block)


def _plain_lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding, newline="", errors="strict") as file:
        yield from file


def _mixed_lines(source: Source) -> Iterator[str]:
    source.bad_lines.clear()
    with source.path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if number == 1:
                raw = raw.removeprefix(codecs.BOM_UTF8)
            for encoding in ("utf-8", "gb18030"):
                with contextlib.suppress(UnicodeDecodeError):
                    yield raw.decode(encoding)
                    break
            else:
                source.bad_lines.append((number, "这一行的文字损坏，按两种编码都读不出"))
                yield raw.decode("utf-8", "replace")


def _delimiter(first: str) -> str:
    """Return the delimiter that splits the first filled lines most evenly; '' when none does."""
    lines = [line for line in first.splitlines() if line.strip()][:20]
    best, best_count = "", 0
    for mark in (",", "\t", ";", "|"):
        counts = sorted(line.count(mark) for line in lines)
        typical = counts[len(counts) // 2] if counts else 0
        if typical > best_count:
            best, best_count = mark, typical
    return best


def _csv_rows(lines: Iterator[str], delimiter: str) -> RowStream:
    reader = csv.reader(lines, delimiter=delimiter)
    number = 0
    while True:
        try:
            for row in reader:
                number += 1
                yield number, row
            return
        except csv.Error as error:
            number += 1
            yield number, [f"\0{error}"]


# ---- pages saved as .xls


class _TableParser(HTMLParser):
    """Collects the rows of the largest table; colspan and rowspan repeat a cell's text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._row: list[str] | None = None
        self._span = (1, 1)
        self._down: dict[int, tuple[int, str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self._row = []
            self._take_down()
        elif tag in ("td", "th") and self._row is not None:
            given = dict(attrs)
            self._span = (_span(given.get("colspan")), _span(given.get("rowspan")))
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None and self._row is not None:
            text = "".join(self._cell).strip()
            for _ in range(self._span[0]):
                if self._span[1] > 1:
                    self._down[len(self._row)] = (self._span[1] - 1, text)
                self._row.append(text)
                self._take_down()
            self._cell = None
        elif tag == "tr" and self._row is not None and self.tables:
            self.tables[-1].append(self._row)
            self._row = None

    def _take_down(self) -> None:
        while self._row is not None and (held := self._down.get(len(self._row))) is not None:
            left, text = held
            if left > 1:
                self._down[len(self._row)] = (left - 1, text)
            else:
                del self._down[len(self._row)]
            self._row.append(text)


def _span(text: str | None) -> int:
    return min(int(text), 1000) if text and text.isdigit() and int(text) > 0 else 1


def _open_html(source: Source, encoding: str) -> None:
    if source.size > MAX_HTML_BYTES:
        faults.TOO_LARGE.refuse(file=source.name, size=source.size)
    parser = _TableParser()
    parser.feed(source.path.read_bytes().decode(encoding, "replace"))
    tables = [table for table in parser.tables if len(table) > 1]
    if not tables:
        faults.NOT_A_TABLE.refuse(file=source.name)
    rows = max(tables, key=lambda table: sum(len(row) for row in table))
    source.form_zh = "网页表格（扩展名可能写成 xls）"
    source.row_count = len(rows)
    source.rows = lambda: ((number, row) for number, row in enumerate(rows, 1))


__all__ = ["Source", "open_source", "sha256_of"]
