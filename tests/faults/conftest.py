"""Faults on real server processes with SQLite; they run among the proofs (`tools/run_tests.py --only proofs`)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.fleet import Fleet


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """A way to start real server processes; they end with the test."""
    with tempfile.TemporaryDirectory(prefix="miaohui-faults-") as name:
        made = Fleet(Path(name))
        yield made
        made.close()
