"""Text tables and plain texts: encoding, delimiter, lines. Streaming.

Encodings: utf-8 (with or without BOM), utf-16 with BOM, gb18030, and files that mix lines of both (domain.md §3.2).
"""

from __future__ import annotations

import codecs
import contextlib
import csv
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from miaohui.importing.jobs.pages import open_html
from miaohui.importing.jobs.source import BLOCK, RowStream, Source
from miaohui.importing.model import faults

csv.field_size_limit(1 << 20)


def open_text(source: Source, head: bytes) -> None:
    encoding, mixed = _encoding_of(source.path, head)
    if not encoding:
        faults.NOT_A_TABLE.refuse(file=source.name)
    source.encoding = encoding
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")[:512].lower()
    if (
        start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<div", b"<?xml"))
        and b"<" in start
    ):
        open_html(source, encoding)
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
    source.rows = partial(_rows_of, source.lines, delimiter or ",")


def _encoding_of(path: Path, head: bytes) -> tuple[str, bool]:
    """Return the encoding and whether lines are mixed; '' when it is no text at all."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        bad, _ = _decodes(path, "utf-16")
        is_cut_off = bad is not None and bad >= path.stat().st_size - 4
        return ("utf-16" if bad is None or is_cut_off else ""), False
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
    # Only the end of a cut-off UTF-16 file can be wrong by now: one sign that is none, not an error.
    with path.open(encoding=encoding, newline="", errors="replace") as file:
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


def _rows_of(lines: Callable[[], Iterator[str]], delimiter: str) -> RowStream:
    return _csv_rows(lines(), delimiter)


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
