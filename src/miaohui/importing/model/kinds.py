"""What a kind of file is: its columns as data, and the table its rows become. Pure.

A column is known by any of its names after folding, never by its position (domain.md §3.8).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from miaohui.importing.model.headers import folded_header


@dataclass(frozen=True)
class Column:
    """A known column. `target` is a field of the kind's table; '' keeps it in `extra`, '-' drops it."""

    target: str
    type: str
    names: tuple[str, ...]

    @property
    def name_zh(self) -> str:
        """The name people know it by."""
        return self.names[0]

    @cached_property
    def folded(self) -> frozenset[str]:
        """Every name, folded."""
        return frozenset(folded_header(name) for name in self.names)


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    `table`: orders, aftersales, service, messages, reviews or shifts. `needs`: groups of targets; of each
    group at least one must be there to import. `summary_words`: what the first filled cell of a total row says.
    `level`: for service figures, whose they are.
    """

    code: str
    name_zh: str
    platform: str
    table: str
    columns: tuple[Column, ...]
    needs: tuple[tuple[str, ...], ...]
    summary_words: frozenset[str] = frozenset()
    level: str = ""
    file_words: tuple[str, ...] = ()
    _by_name: dict[str, Column] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for column in self.columns:
            for name in column.folded:
                self._by_name.setdefault(name, column)

    @property
    def by_name(self) -> dict[str, Column]:
        """Folded header → column."""
        return self._by_name

    def column_of(self, target: str) -> Column | None:
        """Return the column that fills `target`."""
        return next((column for column in self.columns if column.target == target), None)


def columns_from(text: str) -> tuple[Column, ...]:
    """Return columns written one a line: `target type 名称|别名|…`; `extra` and `drop` lines list names only."""
    result: list[Column] = []
    for line in text.strip().splitlines():
        target, kind, names = line.strip().split(None, 2)
        if target in ("extra", "drop"):
            mark = "" if target == "extra" else "-"
            result.extend(Column(mark, kind, (name,)) for name in names.split("|"))
        else:
            result.append(Column(target, kind, tuple(names.split("|"))))
    return tuple(result)
