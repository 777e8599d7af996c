"""What happened to imported files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileImported:
    """A batch is complete and visible. `table`: orders, aftersales, …; the span is that of its rows' times."""

    shop_id: int
    batch_id: int
    kind: str
    table: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True)
class ImportUndone:
    """A batch's rows are gone; older versions of overlapping rows are back."""

    shop_id: int
    batch_id: int
    kind: str
    table: str
    from_ms: int
    to_ms: int
