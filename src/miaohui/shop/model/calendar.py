"""Local time of a shop: days, windows over midnight, 24:00, holidays. Pure (spec §2.3).

Every shop lives in Asia/Shanghai, whatever the machine's zone is (reliability.md F8).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from miaohui.shop.model.shapes import DAY_S, second_of_day

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, start included, end not. Units: aware datetimes."""

    start_at: datetime
    end_at: datetime

    def covers(self, at: datetime) -> bool:
        """Tell whether `at` lies inside."""
        return self.start_at <= at < self.end_at


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of a local day, in seconds since midnight. `end_s` ≤ `start_s`: it ends on the next day."""

    start_s: int
    end_s: int

    @property
    def crosses_midnight(self) -> bool:
        """Whether it ends on the next day; equal ends mean a whole day from `start_s`."""
        return self.end_s <= self.start_s

    def covers_second(self, second: int, *, of_day_before: bool = False) -> bool:
        """Tell whether a second of the day lies inside; `of_day_before`: the window began yesterday."""
        if not self.crosses_midnight:
            return not of_day_before and self.start_s <= second < self.end_s
        return second < self.end_s if of_day_before else second >= self.start_s

    def on(self, day: date) -> Span:
        """Return this window's stretch when it begins on the local day `day`."""
        end_s = self.end_s + DAY_S if self.crosses_midnight else self.end_s
        return Span(local_moment(day, self.start_s), local_moment(day, end_s))


WHOLE_DAY = Window(0, DAY_S)


@dataclass(frozen=True, slots=True)
class CalendarException:
    """A day that differs: closed (no windows), or open in these windows. `name_zh` such as 春节."""

    on: date
    name_zh: str
    windows: tuple[Window, ...]


def window(start: str, end: str) -> Window:
    """Return the window of two times of day. Raises: ValueError when one is no time of day."""
    start_s, end_s = second_of_day(start), second_of_day(end)
    if start_s is None or end_s is None:
        raise ValueError(f"not a time of day: {start!r}, {end!r}")
    return Window(start_s % DAY_S, end_s)


def local(at: datetime) -> datetime:
    """Return `at` on the shop's wall clock."""
    return at.astimezone(SHANGHAI)


def local_date(at: datetime) -> date:
    """Return the shop's calendar day of `at`."""
    return at.astimezone(SHANGHAI).date()


def local_moment(day: date, second: int) -> datetime:
    """Return the moment `second` seconds after local midnight of `day`; 86400 is the next midnight."""
    at = datetime.combine(day, time(0), SHANGHAI)
    return at + timedelta(seconds=second)


def day_span(day: date) -> Span:
    """Return the stretch of one local day."""
    return Span(local_moment(day, 0), local_moment(day, DAY_S))


def covers_window(windows: Mapping[int, Sequence[Window]], at: datetime) -> bool:
    """Tell whether `at` lies in a window of its ISO weekday (1–7), or of the day before over midnight."""
    here = local(at)
    second = here.hour * 3600 + here.minute * 60 + here.second
    today, yesterday = here.isoweekday(), (here.isoweekday() + 5) % 7 + 1
    return any(w.covers_second(second) for w in windows.get(today, ())) or any(
        w.covers_second(second, of_day_before=True) for w in windows.get(yesterday, ())
    )


def open_spans(
    weekly: Mapping[int, Sequence[Window]],
    exceptions: Mapping[date, CalendarException],
    since: datetime,
    days: int,
) -> Iterator[Span]:
    """Yield opening stretches that end after `since`, in order of their start, `days` days ahead.

    Shape: stretches may touch or overlap (overnight windows); an exception replaces its whole day.
    """
    day = local_date(since) - timedelta(days=1)
    for _ in range(days + 2):
        exception = exceptions.get(day)
        windows = exception.windows if exception is not None else weekly.get(day.isoweekday(), ())
        for found in sorted((w.on(day) for w in windows), key=lambda span: span.start_at):
            if found.end_at > since:
                yield found
        day += timedelta(days=1)
