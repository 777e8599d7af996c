"""Opening files by what they are, not by what their name says. Source: domain.md §3.2, §3.8."""

from __future__ import annotations

from pathlib import Path

from miaohui.importing.jobs.source import OLE, Source, sha256_of
from miaohui.importing.jobs.texts import open_text
from miaohui.importing.jobs.workbooks import open_workbook
from miaohui.importing.model import faults

FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"PK\x05\x06")


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
        open_workbook(source, head, sheet)
    elif head.startswith(FOREIGN):
        faults.NOT_A_TABLE.refuse(file=source.name)
    else:
        open_text(source, head)
    return source
