"""The period a file is about, from its name: 生意参谋 and 飞鸽 write the dates nowhere else.

Source: domain.md §3.5 (日期只在文件名), §3.1 (day, week and month files).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = re.compile(
    r"(?<!\d)(20\d{2})[-_.年/]?(0[1-9]|1[0-2]|[1-9](?!\d))[-_.月/]?(0[1-9]|[12]\d|3[01]|[1-9](?!\d))日?(?!\d)"
)
_MONTH = re.compile(r"(?<!\d)(20\d{2})[-_.年/]?(0[1-9]|1[0-2])月?(?!\d|[-_.月]\d)")
_WEEK = re.compile(r"(20\d{2})[-_年]?(?:第|[wW])(\d{1,2})周?")


@dataclass(frozen=True)
class Period:
    """Local ISO dates, both inclusive."""

    from_on: str
    to_on: str

    @property
    def day_count(self) -> int:
        return (date.fromisoformat(self.to_on) - date.fromisoformat(self.from_on)).days + 1

    @property
    def grain(self) -> str:
        """'day', 'week', 'month' or 'span'."""
        days = self.day_count
        if days == 1:
            return "day"
        if days == 7:
            return "week"
        return "month" if 28 <= days <= 31 else "span"


def _valid(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def period_of_name(name: str) -> Period | None:
    """Return the period in a file's name: one day, two days as a span, a week, a month; or None."""
    days = [found for match in _DAY.finditer(name) if (found := _valid(*match.groups())) is not None]
    if days:
        first, last = min(days[:2]), max(days[:2])
        return Period(first.isoformat(), last.isoformat())
    if (week := _WEEK.search(name)) is not None and 1 <= int(week[2]) <= 53:
        monday = date.fromisocalendar(int(week[1]), min(int(week[2]), 52), 1)
        return Period(monday.isoformat(), (monday + timedelta(days=6)).isoformat())
    if (month := _MONTH.search(name)) is not None:
        year, number = int(month[1]), int(month[2])
        last_day = calendar.monthrange(year, number)[1]
        return Period(date(year, number, 1).isoformat(), date(year, number, last_day).isoformat())
    return None
