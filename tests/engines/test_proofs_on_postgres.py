"""The kill, jobs and chaos proofs hold on PostgreSQL as they do on SQLite (R22)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from miaohui.app.bench.report import Figure
from miaohui.app.prove import chaos, jobs, kill
from miaohui.app.prove.registry import PROOFS
from tests import servers
from tests.engines.conftest import DATABASE

pytestmark = pytest.mark.proof


@pytest.fixture
def bare() -> Iterator[str]:
    made = servers.fresh_database(DATABASE)
    yield made
    servers.drop_database(DATABASE, made)


def failing(figures: list[Figure]) -> list[dict[str, object]]:
    assert figures
    return [figure.as_dict() for figure in figures if not figure.holds]


def test_kills_lose_nothing_and_double_nothing(bare: str) -> None:
    assert failing(kill.measure(url=bare, **PROOFS["kill"])) == []


def test_jobs_survive_kills(bare: str) -> None:
    assert failing(jobs.measure(url=bare, **PROOFS["jobs"])) == []


def test_the_mirror_converges(bare: str) -> None:
    assert failing(chaos.measure(url=bare, **PROOFS["chaos"])) == []
