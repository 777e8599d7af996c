"""Changes that were noted are followed up, however little data there is before or after them (spec §6.4)."""

from __future__ import annotations

import pytest
from tests.insight.example import example_report
from tests.world import SHOP_A

from miaohui.insight import actions
from miaohui.insight.model.diagnosis import RULES, Settings, diagnose, outcome
from miaohui.insight.model.diagnosis.rules import Rule
from miaohui.insight.model.evidence import EvidenceBook
from miaohui.insight.model.window import Window
from miaohui.insight.queries.report import ReportOptions, make_report
from miaohui.insight.queries.window import load_window

NOTHING = ("2020-01-01", "2020-01-14")


def windows() -> tuple[Window, Window]:
    world, data = example_report()
    return data.long, world.read(lambda conn: load_window(conn, SHOP_A, *NOTHING))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_change_without_data_before_or_after_says_nothing_and_breaks_nothing(rule: Rule) -> None:
    full, empty = windows()
    for before, after in ((full, empty), (empty, full), (empty, empty)):
        assert outcome(rule, before, after, "2026-11-20", "改") is None


def test_thresholds_of_a_shop_that_ask_for_no_sample_break_nothing() -> None:
    _, empty = windows()
    own = Settings({rule.code: {"min_sample": 0, "threshold": -1} for rule in RULES})
    assert not any(finding.fired for finding in diagnose(empty, EvidenceBook(), own))


def test_a_report_is_made_on_the_day_that_a_change_was_noted() -> None:
    """The owner takes a finding up and reads on: nothing is known of its effect yet."""
    world, data = example_report()
    for rule in RULES[:3]:
        world.write(lambda tx, code=rule.code: actions.note_change(tx, SHOP_A, code, data.to_on, "改"))
    again = world.read(lambda conn: make_report(conn, SHOP_A, ReportOptions(calibrated=False)))
    assert len(again.findings) == len(data.findings)
    world.write(lambda tx: tx.conn.exec_driver_sql("DELETE FROM insight_changes"))
