"""Shapes of policy values: what a supervisor may write, and a clear Chinese sentence when it does not fit.

A shape checks one JSON value and returns problems; nothing is guessed or silently dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

_TIME = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?$")
DAY_S = 86_400


@dataclass(frozen=True)
class Problem:
    """What does not fit. `path` such as `periods.2.target_s`, '' for the whole value."""

    path: str
    zh: str

    def under(self, name: str | int) -> Problem:
        """Return the same problem seen from one level up."""
        return Problem(f"{name}.{self.path}" if self.path else str(name), self.zh)


class Shape(Protocol):
    """Checks one value."""

    def problems(self, value: Any) -> list[Problem]:
        """Return what does not fit; empty when all is well."""


def second_of_day(text: str) -> int | None:
    """Return seconds since local midnight for 'HH:MM' or 'HH:MM:SS', None when it is no time of day.

    Units: 0–86400; '24:00' is the end of the day (spec §2.3).
    """
    match = _TIME.match(text)
    if match is None:
        return None
    seconds = int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)
    return seconds if seconds <= DAY_S else None


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`."""

    low: int
    high: int
    unit_zh: str = ""

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high:
            return []
        return [Problem("", f"请填 {self.low}–{self.high} 之间的整数{self._unit()}")]

    def _unit(self) -> str:
        return f"（{self.unit_zh}）" if self.unit_zh else ""


@dataclass(frozen=True)
class Ratio:
    """A number from `low` to `high`, fractions allowed."""

    low: float = 0.0
    high: float = 1.0

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high:
            return []
        return [Problem("", f"请填 {self.low:g}–{self.high:g} 之间的数")]


@dataclass(frozen=True)
class Line:
    """A line of text of `low` to `high` characters."""

    high: int = 40
    low: int = 1

    def problems(self, value: Any) -> list[Problem]:
        if not isinstance(value, str) or not self.low <= len(value.strip()) <= self.high:
            return [Problem("", f"请填 {self.low}–{self.high} 个字")]
        if any(ord(char) < 32 for char in value):
            return [Problem("", "不能包含换行或控制字符")]
        return []


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, str) and value in self.options:
            return []
        return [Problem("", f"只能是以下之一：{'、'.join(self.options)}")]


@dataclass(frozen=True)
class YesNo:
    """True or false."""

    def problems(self, value: Any) -> list[Problem]:
        return [] if isinstance(value, bool) else [Problem("", "请填“是”或“否”")]


@dataclass(frozen=True)
class TimeOfDay:
    """'HH:MM' or 'HH:MM:SS', '24:00' included."""

    def problems(self, value: Any) -> list[Problem]:
        if isinstance(value, str) and second_of_day(value) is not None:
            return []
        return [Problem("", "时间请写成 09:00 这样的格式，最晚 24:00")]


@dataclass(frozen=True)
class Maybe:
    """The shape, or nothing (null)."""

    shape: Shape

    def problems(self, value: Any) -> list[Problem]:
        return [] if value is None else self.shape.problems(value)


@dataclass(frozen=True)
class Each:
    """A list whose items all have one shape."""

    shape: Shape
    low: int = 0
    high: int = 100
    rule: Callable[[Sequence[Any]], list[Problem]] | None = None

    def problems(self, value: Any) -> list[Problem]:
        if not isinstance(value, list):
            return [Problem("", "这里应是一个列表")]
        if not self.low <= len(value) <= self.high:
            return [Problem("", f"请填 {self.low}–{self.high} 项，现在有 {len(value)} 项")]
        found = [p.under(i) for i, item in enumerate(value) for p in self.shape.problems(item)]
        return found or (self.rule(value) if self.rule else [])


@dataclass(frozen=True)
class ByKey:
    """A mapping from free keys to one shape."""

    key: Callable[[str], bool]
    key_zh: str
    shape: Shape
    high: int = 200

    def problems(self, value: Any) -> list[Problem]:
        if not isinstance(value, dict):
            return [Problem("", "这里应是一个对照表")]
        if len(value) > self.high:
            return [Problem("", f"最多 {self.high} 项")]
        found: list[Problem] = []
        for name, item in value.items():
            if not self.key(name):
                found.append(Problem(str(name)[:40], self.key_zh))
            found += [p.under(name) for p in self.shape.problems(item)]
        return found


@dataclass(frozen=True)
class Fields:
    """An object with exactly these fields; those in `optional` may be missing."""

    shapes: Mapping[str, Shape]
    optional: frozenset[str] = field(default_factory=frozenset)
    rule: Callable[[Mapping[str, Any]], list[Problem]] | None = None

    def problems(self, value: Any) -> list[Problem]:
        if not isinstance(value, dict):
            return [Problem("", "这里应是一组字段")]
        found = [Problem(str(name)[:40], "没有这个设置项") for name in value if name not in self.shapes]
        for name, shape in self.shapes.items():
            if name in value:
                found += [p.under(name) for p in shape.problems(value[name])]
            elif name not in self.optional:
                found.append(Problem(name, "缺少这一项"))
        return found or (self.rule(value) if self.rule else [])
