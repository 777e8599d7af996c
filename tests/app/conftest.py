"""One running application with two furnished shops for each file of the authorisation matrix."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from miaohui.app import event_stream, live
from tests import servers
from tests.app.matrix import TALLY, Matrix
from tests.conftest import POSTGRES


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """The application, running, without background work."""
    url = servers.fresh_database(POSTGRES) if POSTGRES else ""
    made = Matrix(tmp_path_factory.mktemp("matrix"), url)
    yield made
    made.close()
    if url:
        servers.drop_database(POSTGRES, url)


@pytest.fixture
def quick_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rights are looked at again, and signs of life given, every half second instead of every five."""
    for module in (live, event_stream):
        monkeypatch.setattr(module, "RECHECK_S", 0.5)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was checked."""
    if TALLY.counts:
        terminalreporter.write_line(str(TALLY))
