"""The desk of routing tests."""

from __future__ import annotations

import pytest

from tests.routing.desk import Desk
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """A shop with four groups and nobody in them yet."""
    return Desk(world)
