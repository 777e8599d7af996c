"""An Excel workbook: numbers as numbers, texts never as formulas.

A text from a buyer that begins with = + - or @ must not run in somebody's spreadsheet: every text is written as a
string cell and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

Cell = str | int | float | None | tuple[str, float | None]
_FORMATS = {"%": "0.0%", "s": "0.0", "h": "0.0", "yuan": "#,##0.00", "n": "#,##0"}
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}


class Book:
    """A workbook with one way to write a table."""

    def __init__(self, file: BytesIO) -> None:
        self.book = xlsxwriter.Workbook(file, OPTIONS)
        base = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
        self.head = self.book.add_format(
            {**base, "bold": True, "font_color": "#FFFFFF", "bg_color": "#16213A", "border": 0}
        )
        self.title = self.book.add_format({**base, "bold": True, "font_size": 14})
        self.text = self.book.add_format({**base, "text_wrap": True, "bottom": 1, "bottom_color": "#E3E6EE"})
        self.number = {
            name: self.book.add_format({**base, "num_format": code, "bottom": 1, "bottom_color": "#E3E6EE"})
            for name, code in _FORMATS.items()
        }

    def sheet(
        self, name: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], widths: Sequence[int] = ()
    ) -> Any:
        """Add a sheet with a table: header frozen and filtered."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        for column, title in enumerate(head):
            sheet.write_string(0, column, title, self.head)
            sheet.set_column(column, column, widths[column] if column < len(widths) else 14)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                self._write(sheet, number, column, value)
        sheet.freeze_panes(1, 1)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(head) - 1)
        return sheet

    def _write(self, sheet: Any, row: int, column: int, value: Cell) -> None:
        if isinstance(value, tuple):
            unit, number = value
            if number is None:
                sheet.write_string(row, column, "—", self.text)
            else:
                sheet.write_number(row, column, number, self.number[unit])
        elif isinstance(value, str):
            sheet.write_string(row, column, value, self.text)
        elif value is None:
            sheet.write_blank(row, column, None, self.text)
        else:
            sheet.write_number(row, column, value, self.number["n"])
