"""A failing item is a value; a failing database stops the batch."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from miaohui.kit.attempts import attempt, attempt_within


def _raise(error: BaseException) -> None:
    raise error


def test_a_result_and_a_failure_are_both_values() -> None:
    assert attempt(lambda: 3) == 3
    assert isinstance(attempt(lambda: _raise(ValueError("x"))), ValueError)
    bad = IntegrityError("INSERT", None, Exception("UNIQUE constraint failed"))
    assert attempt(lambda: _raise(bad)) is bad


@pytest.mark.parametrize("text", ["database is locked", "database or disk is full", "disk I/O error"])
def test_a_database_that_cannot_write_stops_the_batch(text: str) -> None:
    with pytest.raises(DBAPIError):
        attempt(lambda: _raise(OperationalError("INSERT", None, Exception(text))))


def test_a_call_that_takes_too_long_is_a_timeout_and_a_cancel_goes_on_upwards() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    assert isinstance(asyncio.run(attempt_within(hang, 0.01)), TimeoutError)

    async def stop() -> None:
        task = asyncio.create_task(attempt_within(hang, 60))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(stop())
