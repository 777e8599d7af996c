"""Pages that a platform saved as .xls: the largest table of an HTML file."""

from __future__ import annotations

from html.parser import HTMLParser

from miaohui.importing.jobs.source import MAX_HTML_BYTES, Source
from miaohui.importing.model import faults


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
    return min(int(text), 1000) if text and text.isdecimal() and int(text) > 0 else 1


def open_html(source: Source, encoding: str) -> None:
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
