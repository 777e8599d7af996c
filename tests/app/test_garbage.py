"""No 5xx on garbage: hostile values in every field of every body, and bodies that are none (R7, F10)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.calls import Call, fill
from tests.app.garbage import (
    BODIES,
    HOSTILE,
    asked,
    judged,
    owner,
    places_of,
    send,
    with_raw,
)
from tests.app.matrix import TALLY, Matrix, Route, each_call, shown, told_all

# ---- bodies


def _hostile_bodies(matrix: Matrix, per_place: int) -> Iterator[tuple[Route, Call, tuple[Any, ...], str]]:
    chance = random.Random(7)
    for route, call in each_call(asked(matrix)):
        for place in places_of(call.body) if call.body is not None else ():
            for raw in chance.sample(HOSTILE, min(per_place, len(HOSTILE))):
                yield route, call, place, raw


def _walk_bodies(matrix: Matrix, per_place: int) -> int:
    async def walk() -> int:
        problems, count = [], 0
        for route, call, place, raw in _hostile_bodies(matrix, per_place):
            body = fill(call.body, matrix.a.ids)
            answer = await send(matrix, route, call, with_raw(body, place, raw), owner(matrix))
            count += 1
            if (problem := judged(answer, f"{route.key} {place} = {raw[:60]}", logged_in=True)) is not None:
                problems.append(problem)
        assert not problems, told_all(problems)
        TALLY.add("hostile values in bodies", count)
        return count

    return matrix.run(walk())


def test_hostile_values_in_every_field_of_every_body(matrix: Matrix) -> None:
    assert _walk_bodies(matrix, 2) > 350


@pytest.mark.proof
def test_every_hostile_value_in_every_field_of_every_body(matrix: Matrix) -> None:
    assert _walk_bodies(matrix, len(HOSTILE)) > 7_000


def test_bodies_that_are_no_bodies(matrix: Matrix) -> None:
    async def walk() -> None:
        problems = []
        chance = random.Random(8)
        for route, call in each_call([r for r in asked(matrix) if r.method != "GET"]):
            for body in chance.sample(BODIES, 6):
                answer = await send(matrix, route, call, body, owner(matrix))
                TALLY.add("bodies that are none")
                if (problem := judged(answer, f"{route.key} {body[:40]!r}", logged_in=True)) is not None:
                    problems.append(problem)
        assert not problems, told_all(problems)

    matrix.run(walk())


@pytest.mark.parametrize("body", BODIES, ids=[repr(body[:20]) for body in BODIES])
def test_each_of_them_is_refused_by_the_log_in(matrix: Matrix, body: bytes) -> None:
    async def ask() -> None:
        answer = await matrix.client.post(
            "/api/session", content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 422, shown(answer)
        assert judged(answer, "log-in") is None

    matrix.run(ask())
