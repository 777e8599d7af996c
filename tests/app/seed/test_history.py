"""Four weeks of exported files in the example shop: the pages of figures speak from the first minute."""

from __future__ import annotations

from miaohui.app import seed
from miaohui.importing import queries as importing
from miaohui.insight.queries.report import ReportOptions, make_report
from tests.app.seed.test_seed import AT, make_stage
from tests.world import World


def test_the_example_shop_has_a_report_of_last_week(world: World) -> None:
    stage = make_stage(world)
    shop_id = seed.seed_example(stage, AT, 7).shop_id
    assert seed.seed_history(stage, shop_id, 7, scale=0.08) > 800
    report = world.read(lambda conn: make_report(conn, shop_id, ReportOptions(calibrated=False)))
    assert len(report.figures) == 5
    assert all(one.denominator for one in report.figures)
    assert report.findings, "the rules have something to say"
    files = world.read(lambda conn: importing.list_batches(conn, shop_id))
    assert {one["outcome"] for one in files} == {"done"}
