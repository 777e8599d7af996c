"""Databases of tests: files of SQLite, or on a PostgreSQL server that `tools/with_servers.py` started.

Making 140 tables takes long, so it is done once for each test process: a test that wants a database of its own
gets a copy of a migrated one, and on PostgreSQL the `world` fixture empties the same one between tests.
"""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import make_url
from sqlalchemy.engine import Connection

from miaohui.app import migrations
from miaohui.kit.db import Database

_EMPTY = """
DO $$
DECLARE found record; has_rows boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR found IN SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || found.name || ')' INTO has_rows;
    IF has_rows THEN EXECUTE 'DELETE FROM ' || found.name; END IF;
  END LOOP;
  FOR found IN SELECT quote_ident(sequencename) AS name FROM pg_sequences WHERE schemaname = 'public'
    AND last_value IS NOT NULL LOOP
    EXECUTE 'ALTER SEQUENCE ' || found.name || ' RESTART';
  END LOOP;
END $$
"""
_shared: dict[str, str] = {}
_migrated: dict[str, str] = {}
_files: list[bytes] = []


def _admin(base: str, statement: str) -> None:
    """Run a statement outside any transaction, again when the server did not answer within 20 s.

    Making and dropping a database waits until every backend has seen a barrier, and a backend that starts at
    that moment may never be told (PostgreSQL 15–18, pgsql-hackers April 2026, "WaitForProcSignalBarriers vs aux
    process"): the statement then waits for ever. The barrier of the next try reaches that backend too.
    """
    where = make_url(base).set(drivername="postgresql").render_as_string(hide_password=False)
    for left in (2, 1, 0):
        with psycopg.connect(where, autocommit=True, options="-c statement_timeout=20s") as conn:
            try:
                conn.execute(statement.encode())
                return
            except psycopg.errors.QueryCanceled:
                if not left:
                    raise


def fresh_database(base: str, template: str = "template1") -> str:
    """Create a database on the server of `base`, a copy of `template`; return its URL."""
    name = f"t_{secrets.token_hex(6)}"
    _admin(base, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return make_url(base).set(database=name).render_as_string(hide_password=False)


def drop_database(base: str, url: str) -> None:
    """Drop a database made by `fresh_database`."""
    _admin(base, f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


def migrated_database(base: str) -> str:
    """Create a database with every table in it, as a start of the program leaves it; return its URL."""
    if base not in _migrated:
        url = fresh_database(base)
        db = Database(url)
        migrations.upgrade(db)
        db.close()
        _migrated[base] = url
    return fresh_database(base, str(make_url(_migrated[base]).database))


def migrated_file(path: Path) -> str:
    """Make an SQLite file with every table in it, as a start of the program leaves it; return its URL."""
    if not _files:
        with tempfile.TemporaryDirectory(prefix="miaohui-template-") as folder:
            made = Path(folder) / "template.db"
            db = Database(f"sqlite:///{made}")
            migrations.upgrade(db)
            db.close()
            _files.append(made.read_bytes())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_files[0])
    return f"sqlite:///{path}"


def shared_database(base: str) -> str:
    """Return the URL of the database that the tests of this process share one after the other."""
    if base not in _shared:
        _shared[base] = fresh_database(base)
    return _shared[base]


def drop_shared() -> None:
    """Drop what the tests of this process shared."""
    for made in (_shared, _migrated):
        for base, url in made.items():
            drop_database(base, url)
        made.clear()


def empty(conn: Connection) -> None:
    """Delete every row of every table and begin every sequence anew."""
    conn.exec_driver_sql(_EMPTY)
