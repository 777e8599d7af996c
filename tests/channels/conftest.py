"""Fixtures of the channels' tests."""

from __future__ import annotations

import pytest

from miaohui.kit.clock import SteadyClock
from tests.inbox.desk import Desk


@pytest.fixture
def desk(world, tmp_path):
    clock = SteadyClock()
    world.clock.set(clock.now())
    made = Desk(world, tmp_path)
    made.clock = clock
    yield made
    made.close()
