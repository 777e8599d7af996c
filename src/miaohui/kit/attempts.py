"""One item of a batch may fail without stopping the others; its failure is a value that somebody keeps.

The worker loops' own place for catching everything: rooms that drain tables or call platforms come here
instead of catching by themselves (house §7).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from miaohui.kit.engines import cannot_write

T = TypeVar("T")


def attempt(work: Callable[[], T]) -> T | Exception:
    """Return what `work` returns, or the exception it raised.

    Raises: DBAPIError of a lost connection or a database that cannot write: nothing else can go on either.
    """
    try:
        return work()
    except DBAPIError as error:
        if error.connection_invalidated or not _is_of_this_item(error):
            raise
        return error
    except Exception as error:
        return error


def _is_of_this_item(error: DBAPIError) -> bool:
    """Tell whether the database refused this item's values, not the writing as such."""
    text = str(error.orig).lower()
    return not cannot_write(error) and not any(
        word in text for word in ("locked", "full", "no space", "i/o error", "read-only", "deadlock")
    )


async def attempt_within(work: Callable[[], Awaitable[T]], seconds: float) -> T | Exception:
    """Return what `work` returns, the exception it raised, or TimeoutError after `seconds`.

    Being cancelled (the process stops) is no failure of the item and goes on upwards.
    """
    try:
        async with asyncio.timeout(seconds):
            return await work()
    except Exception as error:
        return error
