"""Bits that flip on the disk: what is read differently is said, not shown as if nothing were (F4; §1.9)."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from random import Random

import apsw
import pytest

from miaohui.app import operations
from miaohui.app.settings import Settings
from miaohui.kit.engines import sqlite_module
from tests.engines.fleet import Fleet, wait_until
from tests.faults.asking import deliver, rows

pytestmark = pytest.mark.proof
FLIPS = 200
MESSAGES = 240
FOUND_AT_LEAST = 0.97
PAGE = 4096
# What people are shown; the key by which a platform knows a message may change and is not hashed.
READ = "SELECT id, conversation_id, role, kind, text, parts, occurred_ms, agent_id FROM inbox_messages ORDER BY id"


@pytest.fixture
def data(fleet: Fleet) -> Path:
    """The data folder of a server that took messages and was stopped."""
    where = fleet.build("")
    settings = fleet.start("")
    for number in range(MESSAGES):
        text = f"第 {number} 句：这件羽绒服洗了会不会跑绒，尺码偏大还是偏小？" * (1 + number % 3)
        assert deliver(settings.port, where, f"flip-{number}", number % 20, text).status == 200
    count = "SELECT count(*) FROM inbox_messages"
    wait_until(lambda: rows(settings.database_url, count)[0][0] == MESSAGES, 30, "messages wait")
    fleet.kill(0)
    wait_until(lambda: not fleet.is_alive(0), 5, "killed and still there")
    with contextlib.closing(sqlite_module.connect(settings.data_dir / "miaohui.db")) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return settings.data_dir


def pages_of(path: Path, table: str) -> list[int]:
    """Return which pages of the file hold a table."""
    with contextlib.closing(apsw.Connection(str(path))) as conn:
        found = conn.execute("SELECT pageno FROM dbstat WHERE name = ?", (table,))
        return [int(row[0]) - 1 for row in found]


def read(path: Path) -> list[tuple[object, ...]] | None:
    """Return every message as it is read now, None when SQLite refuses."""
    with contextlib.closing(sqlite_module.connect(path)) as conn:
        conn.text_factory = bytes
        try:
            return list(conn.execute(READ))
        except sqlite_module.DatabaseError:
            return None


def test_a_flipped_bit_that_changes_what_is_read_is_found_by_the_doctor(data: Path, tmp_path: Path) -> None:
    genuine, pages, rng = (
        read(data / "miaohui.db"),
        pages_of(data / "miaohui.db", "inbox_messages"),
        Random(7),
    )
    whole = (data / "miaohui.db").read_bytes()
    assert all(f.is_fine for f in operations.doctor(Settings(data_dir=data)))
    home = tmp_path / "flipped"
    shutil.copytree(data, home)
    settings = Settings(data_dir=home)
    harmful = found = 0
    while harmful < FLIPS:
        damaged = bytearray(whole)
        damaged[rng.choice(pages) * PAGE + rng.randrange(PAGE)] ^= 1 << rng.randrange(8)
        (home / "miaohui.db").write_bytes(damaged)
        if read(home / "miaohui.db") == genuine:
            continue  # it hit free room, or what is kept elsewhere too
        harmful += 1
        found += not all(finding.is_fine for finding in operations.doctor(settings))
    print(f"{found} of {harmful} flips found")
    assert found >= FOUND_AT_LEAST * harmful
