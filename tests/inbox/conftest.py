"""Fixtures of the inbox's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.inbox.desk import Desk
from tests.world import World


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    """A running desk with one obedient channel."""
    made = Desk(world, tmp_path)
    yield made
    made.close()
