"""The same figures wherever the machine stands (F8): the day is Shanghai's, whatever the host's time zone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ZONES = (
    "UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Kiritimati", "America/St_Johns",
)  # fmt: skip
PRINT = (
    "import hashlib, json, time; from tests.insight.example import example_report;"
    "from miaohui.insight.queries.shown import report_values;"
    "values = report_values(example_report()[1]);"
    "text = json.dumps(values, default=str, ensure_ascii=False, sort_keys=True);"
    "print(time.strftime('%z', time.localtime(0)), len(text), hashlib.sha256(text.encode()).hexdigest())"
)


def report_in(zone: str) -> tuple[str, str]:
    """Return the host's offset and what names a whole report, imported and computed in a time zone."""
    env = {**os.environ, "TZ": zone}
    done = subprocess.run([sys.executable, "-c", PRINT], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-800:]
    offset, _, report = done.stdout.strip().partition(" ")
    return offset, report


@pytest.mark.proof
def test_a_report_is_the_same_in_six_time_zones() -> None:
    found = {zone: report_in(zone) for zone in ZONES}
    assert len({offset for offset, _ in found.values()}) >= 5, "the zones did not take"
    assert len({report for _, report in found.values()}) == 1, found
