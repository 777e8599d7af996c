"""Tests on real servers: collected only where `tools/with_servers.py` runs (`make test-postgres`, `make test`)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.engines.fleet import Fleet, Nats, Postgres

DATABASE = os.environ.get("MIAOHUI_TEST_DATABASE", "")
NATS = os.environ.get("MIAOHUI_TEST_NATS", "")
collect_ignore_glob = [] if DATABASE and NATS else ["test_*.py"]


@pytest.fixture
def url() -> Iterator[str]:
    """The URL of a migrated, empty database on the shared server."""
    made = servers.migrated_database(DATABASE)
    yield made
    servers.drop_database(DATABASE, made)


@pytest.fixture
def nats_url() -> str:
    """The URL of the shared NATS server."""
    return NATS


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """A way to start real server processes; they end with the test."""
    with tempfile.TemporaryDirectory(prefix="miaohui-fleet-") as name:
        made = Fleet(Path(name))
        yield made
        made.close()


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server that a test may kill."""
    with tempfile.TemporaryDirectory(prefix="miaohui-pg-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        made = Postgres(Path(name))
        yield made
        made.close()


@pytest.fixture
def own_nats() -> Iterator[Nats]:
    """A NATS server that a test may kill and wipe."""
    with tempfile.TemporaryDirectory(prefix="miaohui-nats-") as name:
        made = Nats(Path(name))
        yield made
        made.kill()
