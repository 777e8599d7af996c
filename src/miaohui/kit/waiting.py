"""Waiting that can be called off.

`asyncio.wait_for` of Python 3.11 swallows a cancellation that comes in the moment in which what it waits for
happens (python/cpython#86296): a loop that was rung while it was being stopped went on for ever, and so did the
stop. `asyncio.timeout` does not; the house rules forbid the other.
"""

from __future__ import annotations

import asyncio
import contextlib


async def heard(event: asyncio.Event, seconds: float) -> bool:
    """Wait until `event` is set, at most `seconds`; tell whether it is."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
