"""Reading values of platforms: the same field is int here and text there. Pure (channels.md §0.6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

SHANGHAI = timezone(timedelta(hours=8))
_MS_FROM = 10**11


def text_of(value: Any) -> str | None:
    """Return a non-empty text or the digits of an integer; None for others (floats lose digits of ids)."""
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return None
    text = str(value).strip() if isinstance(value, str | int) else ""
    return text or None


def id_of(value: Any) -> str | None:
    """Return a platform id as text; 0, '0' and '' are no id."""
    text = text_of(value)
    return None if text in (None, "0") else text


def int_of(value: Any) -> int | None:
    """Return an integer from an integer or its digits; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return (
        int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdecimal() and len(text) < 20 else None
    )


def time_of(value: Any) -> datetime | None:
    """Return an aware UTC time from seconds, milliseconds, ISO 8601 or 'yyyy-MM-dd HH:mm:ss' (GMT+8).

    Zero, negative numbers and unreadable texts are no time.
    """
    number = int_of(value)
    if number is not None:
        seconds = number / 1000 if number >= _MS_FROM else number
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 32_503_680_000 else None
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        at = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def object_of(value: Any) -> Mapping[str, Any]:
    """Return a JSON object, or an empty one when the value is none."""
    return value if isinstance(value, Mapping) else {}


def list_of(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a JSON list; anything else in it is left out."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
