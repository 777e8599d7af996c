"""Fresh databases on a PostgreSQL server that `tools/postgres.py` started."""

from __future__ import annotations

import secrets

from sqlalchemy import create_engine, make_url, text


def _admin(base: str, statement: str) -> None:
    engine = create_engine(make_url(base).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(statement))
    engine.dispose()


def fresh_database(base: str) -> str:
    """Create an empty database on the server of `base`; return its URL."""
    name = f"t_{secrets.token_hex(6)}"
    _admin(base, f'CREATE DATABASE "{name}"')
    return make_url(base).set(database=name).render_as_string(hide_password=False)


def drop_database(base: str, url: str) -> None:
    """Drop a database made by `fresh_database`."""
    _admin(base, f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')
