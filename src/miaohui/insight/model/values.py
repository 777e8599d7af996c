"""Local days and hours of China: UTC+8 without daylight saving since 1991. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

OFFSET_MS = 8 * 3_600_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1)


@lru_cache(maxsize=10_000)
def _iso(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).isoformat()


def local_day(at_ms: int) -> str:
    """Return the local ISO date of a moment."""
    return _iso((at_ms + OFFSET_MS) // DAY_MS)


def local_hour(at_ms: int) -> int:
    """Return the local hour 0–23."""
    return (at_ms + OFFSET_MS) % DAY_MS // HOUR_MS


def weekday(at_ms: int) -> int:
    """Return the local weekday, Monday 0."""
    return ((at_ms + OFFSET_MS) // DAY_MS + 3) % 7


@lru_cache(maxsize=10_000)
def day_start_ms(day: str) -> int:
    """Return the moment at which a local ISO day begins."""
    return (date.fromisoformat(day) - _EPOCH).days * DAY_MS - OFFSET_MS


def day_end_ms(day: str) -> int:
    """Return the moment at which a local ISO day is over (exclusive)."""
    return day_start_ms(day) + DAY_MS


def days_between(first: str, last: str) -> list[str]:
    """Return every local day from `first` to `last`, both included."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(start + timedelta(days=i)).isoformat() for i in range((end - start).days + 1)]


def shifted(day: str, days: int) -> str:
    """Return the day that many days later (or earlier)."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
