"""Fixtures. `MIAOHUI_TEST_DATABASE` (set by `make test-postgres`) moves every test to PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import servers
from tests.world import World

# A busy machine must not make a property fail: what matters is the answer, not how long it took.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

POSTGRES = os.environ.get("MIAOHUI_TEST_DATABASE", "")


@pytest.fixture
def test_url() -> Iterator[Callable[[Path], str]]:
    """Give a function that returns the URL of a fresh, empty database on disk."""
    made: list[str] = []

    def url(tmp_path: Path) -> str:
        if not POSTGRES:
            return f"sqlite:///{tmp_path / 'test.db'}"
        made.append(servers.fresh_database(POSTGRES))
        return made[-1]

    yield url
    for name in made:
        servers.drop_database(POSTGRES, name)


@pytest.fixture
def world(test_url: Callable[[Path], str], tmp_path: Path) -> Iterator[World]:
    """A fresh world on SQLite in memory, or on PostgreSQL."""
    made = World(test_url(tmp_path) if POSTGRES else "sqlite://")
    yield made
    made.close()
