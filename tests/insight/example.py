"""The example shop imported into a world, once for all tests of a session: its truth is what reports must find."""

from __future__ import annotations

import tempfile
from datetime import date
from functools import lru_cache
from pathlib import Path

from tests.world import SHOP_A, World

from miaohui.app.example_files.write import write_examples
from miaohui.importing.jobs.files import open_source
from miaohui.importing.jobs.preview import Answers, make_plan
from miaohui.importing.jobs.run import import_file
from miaohui.insight.jobs.follow import follow_import
from miaohui.insight.queries.report import ReportData, ReportOptions, make_report


@lru_cache(maxsize=1)
def example_report() -> tuple[World, ReportData]:
    """Return a world with the example shop's files imported, and the report of its last week."""
    world = World()
    with tempfile.TemporaryDirectory() as folder:
        files = write_examples(Path(folder), 7, date(2026, 11, 22), scale=0.35)
        for path in files:
            if path.parent == Path(folder) and path.name.startswith("拾光女装"):
                report = import_file(world.write, SHOP_A, make_plan(open_source(path), Answers()))
                if report.table == "messages":
                    follow_import(world.read, world.write, SHOP_A, report.batch_id)
    options = ReportOptions(shop_name="拾光女装 <旗舰店>", made_at_zh="2026-11-23 09:00")
    return world, world.read(lambda conn: make_report(conn, SHOP_A, options))
