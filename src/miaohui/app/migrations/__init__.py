"""Schema migrations: Alembic, one tree for both engines, run at start.

Each upgrade is one transaction on both engines: a kill leaves the old schema or the new one (F16).
Alembic itself is imported only when there is something to do, so that a start stays quick.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from miaohui.kit.db import Database
from miaohui.kit.engines import UnsafeDatabase
from miaohui.kit.line import unhurried

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent
HEAD = "0006"


def config(conn: Connection | None = None) -> Config:
    """Return Alembic's configuration, bound to a connection."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.attributes["connection"] = conn
    return made


def current(db: Database) -> str:
    """Return the revision of the database, '' when it is empty."""
    if db.path is not None and not db.path.exists():
        return ""
    try:
        with db.read() as conn:
            found = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except DBAPIError as error:
        if "alembic_version" in str(error.orig):
            return ""
        raise
    return str(found or "")


def revisions() -> list[str]:
    """Return the revisions this program knows, oldest first."""
    return sorted(p.name.split("_")[0] for p in (HERE / "versions").glob("[0-9]*.py"))


def upgrade(db: Database) -> bool:
    """Bring the database to the newest schema; tell whether anything was done.

    Raises: UnsafeDatabase when the database is newer than this program.
    """
    found = current(db)
    if found == HEAD:
        return False
    if found and found not in revisions():
        raise UnsafeDatabase(
            f"数据库版本 {found} 比程序新，请升级程序，或用备份恢复。\n"
            f"The database has schema {found}, newer than this program: upgrade it, or restore a backup."
        )
    from alembic import command

    with db.write() as conn, unhurried(conn):
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql("SELECT pg_advisory_xact_lock(7306)")
        command.upgrade(config(conn), "head")
    return True
