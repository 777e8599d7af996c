"""One migration tree for both engines; a newer database is refused; a kill leaves old or new (F16)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from miaohui.app import migrations, tables  # noqa: F401 -- registers every room's tables
from miaohui.kit.db import Database, metadata
from miaohui.kit.engines import UnsafeDatabase

KILLS = 24
PRODUCT = {name for name in metadata.tables if not name.startswith(("test_", "kit_test_", "prove_"))}


@pytest.fixture
def db(bare_url: str):
    made = Database(bare_url)
    yield made
    made.close()


def differences(db: Database) -> list[object]:
    def ours(name: str | None, kind: str, parents: object) -> bool:
        return not (
            kind == "table"
            and (name or "").startswith(("inbox_search", "alembic", "test_", "kit_test_", "prove_"))
        )

    with db.write() as conn:
        context = MigrationContext.configure(conn, opts={"include_name": ours, "compare_type": False})
        found = compare_metadata(context, metadata)
    return [
        d
        for d in found
        if not (
            isinstance(d, tuple) and getattr(d[1], "name", "").startswith(("test_", "kit_test_", "prove_"))
        )
    ]


def test_an_empty_database_becomes_exactly_what_the_rooms_declare(db: Database) -> None:
    assert migrations.upgrade(db)
    assert differences(db) == []
    assert not migrations.upgrade(db)
    assert migrations.current(db) == migrations.HEAD == migrations.revisions()[-1]


def test_a_database_of_a_newer_program_is_refused(db: Database) -> None:
    migrations.upgrade(db)
    with db.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnsafeDatabase, match="newer than this program"):
        migrations.upgrade(db)


def test_the_first_revision_is_an_empty_database(db: Database) -> None:
    assert migrations.current(db) == ""


def upgrading(path: Path) -> subprocess.Popen[bytes]:
    """Start an upgrade in a process of its own; return once it begins. It says `done` at its end, and stays."""
    code = (
        "import time; from miaohui.app import migrations; from miaohui.kit.db import Database;"
        f"print('go', flush=True); migrations.upgrade(Database('sqlite:///{path}'));"
        "print('done', flush=True); time.sleep(600)"
    )
    env = {**os.environ, "PYTHONPATH": "src"}
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env)
    assert child.stdout is not None and child.stdout.readline() == b"go\n"
    return child


def kill(child: subprocess.Popen[bytes]) -> None:
    """Kill -9, and wait for the end."""
    child.send_signal(signal.SIGKILL)
    child.communicate()


@pytest.mark.proof
def test_a_kill_during_the_upgrade_leaves_the_old_schema_or_the_new(tmp_path: Path) -> None:
    """Killed at growing delays over the whole upgrade, each time from empty: nothing between (F16)."""
    began = time.perf_counter()
    child = upgrading(tmp_path / "whole.db")
    assert child.stdout is not None and child.stdout.readline() == b"done\n"
    whole_s = time.perf_counter() - began
    kill(child)
    seen: set[str] = set()
    for step in range(KILLS):
        path = tmp_path / f"m{step}.db"
        child = upgrading(path)
        if step == KILLS - 1:
            assert child.stdout is not None and child.stdout.readline() == b"done\n"
        else:
            time.sleep(whole_s * step / (KILLS - 2))
        kill(child)
        db = Database(f"sqlite:///{path}")
        with db.write() as conn:
            names = set(inspect(conn).get_table_names())
        found = migrations.current(db)
        assert (found == migrations.HEAD and names >= PRODUCT) or (found == "" and not names & PRODUCT)
        seen.add(found)
        migrations.upgrade(db)
        assert migrations.current(db) == migrations.HEAD
        db.close()
    assert seen == {"", migrations.HEAD}, "the kills must land before and after the end of the upgrade"
