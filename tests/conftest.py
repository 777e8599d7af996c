"""Fixtures. `MIAOHUI_TEST_DATABASE` (set by `make test-postgres`) moves every test to PostgreSQL."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import servers
from tests.world import World

# A busy machine must not make a property fail: what matters is the answer, not how long it took.
settings.register_profile("calm", deadline=None, max_examples=60)
settings.load_profile("calm")

POSTGRES = os.environ.get("MIAOHUI_TEST_DATABASE", "")


@pytest.fixture(scope="session", autouse=True)
def drop_shared_databases() -> Iterator[None]:
    """Leave no database behind."""
    yield
    servers.drop_shared()


@pytest.fixture
def test_url() -> Iterator[Callable[[Path], str]]:
    """Give a function that returns the URL of a database of one's own, migrated and empty."""
    made: list[str] = []

    def url(tmp_path: Path) -> str:
        if not POSTGRES:
            return servers.migrated_file(tmp_path / "test.db")
        made.append(servers.migrated_database(POSTGRES))
        return made[-1]

    yield url
    for name in made:
        servers.drop_database(POSTGRES, name)


@pytest.fixture
def bare_url(tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without any table."""
    if not POSTGRES:
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    made = servers.fresh_database(POSTGRES)
    yield made
    servers.drop_database(POSTGRES, made)


@pytest.fixture
def world() -> Iterator[World]:
    """A fresh world on SQLite in memory, or on PostgreSQL."""
    if not POSTGRES:
        made = World("sqlite://")
        yield made
        made.close()
        return
    made = World(servers.shared_database(POSTGRES))
    yield made
    with made.db.write() as conn:
        servers.empty(conn)
    made.close()


def pytest_collection_finish() -> None:
    """What is loaded now stays until the end: it is not searched for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
