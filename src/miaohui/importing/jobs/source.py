"""An opened file: what it really is, and its rows. Filled by workbooks.py, texts.py and pages.py."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
MAX_WORKBOOK_BYTES = 80 << 20
MAX_UNPACKED_BYTES = 1_500 << 20
MAX_HTML_BYTES = 64 << 20
BLOCK = 1 << 20
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
