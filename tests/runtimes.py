"""A running writer lane on a database of its own, for tests of the kit."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Table

from miaohui.kit.clock import SteadyClock
from miaohui.kit.db import Database, metadata
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.ids import IdSource
from miaohui.kit.randomness import Rng
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Wiring


@contextlib.contextmanager
def running(db: Database, folder: Path, tables: Sequence[Table] | None = None) -> Iterator[Runtime]:
    """Make these tables (None: all that are known), start a lane, and take everything down afterwards."""
    with db.write() as conn:
        metadata.create_all(conn, tables=tables)
    clock = SteadyClock()
    made = Runtime(db, clock, IdSource(clock), Rng(1), Wiring(), Doorbell(), folder)
    made.lane.start()
    try:
        yield made
    finally:
        made.lane.stop()
        made.readers.shutdown()
        db.close()
