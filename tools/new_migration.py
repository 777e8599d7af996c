"""Write a migration from the difference between the tables and the newest schema: `python tools/new_migration.py NAME`.

Read what it wrote, move data where columns changed, set HEAD in app/migrations/__init__.py, run the tests.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))


def main(name: str) -> int:
    """Upgrade an empty database to the newest schema, compare, write the file."""
    from alembic import command

    from miaohui.app import migrations
    from miaohui.kit.db import Database

    number = f"{len(migrations.revisions()) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'compare.db'}")
        if migrations.revisions():
            migrations.upgrade(db)
        with db.write() as conn:
            command.revision(migrations.config(conn), message=name, rev_id=number, autogenerate=True)
        db.close()
    print(f"wrote {number}_{name}; now set HEAD = {number!r} and read it")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1]))
