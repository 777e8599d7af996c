"""Four weeks of exported files, written as platforms write them and imported as an owner would, up to yesterday:
the pages of figures have something to say from the first minute.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from miaohui.app.example_files.shop import Shop
from miaohui.app.example_files.write import write_shop
from miaohui.app.seed.shop import NAME
from miaohui.app.seed.stage import Stage
from miaohui.importing.jobs.files import open_source
from miaohui.importing.jobs.preview import Answers, make_plan
from miaohui.importing.jobs.run import Watch, import_file
from miaohui.insight.jobs.follow import follow_import
from miaohui.kit.tx import Wiring

DAYS = 28
SCALE = 0.4


def seed_history(stage: Stage, shop_id: int, seed: int, scale: float = SCALE) -> int:
    """Import the example files of four weeks; return how many rounds of chat they hold."""
    # No wiring: what follows from an import is done here at once, not by a server's jobs in the first minute.
    quiet = Stage(stage.db, Wiring(), stage.vault, stage.now, seed)
    quiet.ids = stage.ids
    last = stage.now.astimezone(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=1)
    turns = 0
    with tempfile.TemporaryDirectory(prefix="miaohui-history-") as folder:
        for path in write_shop(Shop(seed, last, DAYS, scale=scale).run(), Path(folder), NAME):
            plan = make_plan(open_source(path), Answers())
            report = import_file(quiet.write, shop_id, plan, Watch())
            if report.table == "messages":
                turns += follow_import(quiet.read, quiet.write, shop_id, report.batch_id)
    return turns
