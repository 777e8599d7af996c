"""A PostgreSQL that may lose what it acknowledged is refused (reliability.md §1.3, F5)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from miaohui.kit.db import Database
from miaohui.kit.engines import UnsafeDatabase


@pytest.fixture
def careless(url: str) -> str:
    db = Database(url)
    with db.write() as conn:
        conn.exec_driver_sql(f'ALTER DATABASE "{make_url(url).database}" SET synchronous_commit = off')
    db.close()
    return url


def test_synchronous_commit_off_is_refused_unless_told_so(careless: str) -> None:
    db = Database(careless)
    with pytest.raises(UnsafeDatabase, match="synchronous_commit=off"), db.write():
        pass
    db.close()
    willing = Database(careless, allow_unsafe=True)
    with willing.write() as conn:
        assert conn.exec_driver_sql("SHOW synchronous_commit").scalar() == "off"
    willing.close()


def test_the_program_does_not_start_and_says_what_to_do(careless: str, tmp_path: Path) -> None:
    env = {**os.environ, "MIAOHUI_DATABASE": careless, "MIAOHUI_DATA_DIR": str(tmp_path), "PYTHONPATH": "src"}
    done = subprocess.run(
        [sys.executable, "-m", "miaohui.app.cli", "run", "--port", "1"],
        env=env, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "synchronous_commit=off" in done.stderr and "Traceback" not in done.stderr


def test_a_reading_connection_cannot_write(url: str) -> None:
    db = Database(url)
    with pytest.raises(Exception, match="read-only transaction"), db.read() as conn:
        conn.exec_driver_sql("DELETE FROM kit_feed")
    db.close()
