"""Fixtures every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """A fresh world on SQLite in memory, or on the PostgreSQL that `make test-postgres` started."""
    url = os.environ.get("MIAOHUI_TEST_DATABASE", "sqlite://")
    made = World(url)
    yield made
    made.close()
