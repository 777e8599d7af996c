"""docs/faults.md names tests that are there, for every fault of the model (reliability.md §4)."""

from __future__ import annotations

import re
from pathlib import Path

from miaohui.app.prove.registry import PROOFS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text()
ROWS = {row[0]: row[1] for row in re.findall(r"^\| (F\d+) \|(.*)\|$", PAGE, re.MULTILINE)}


def test_every_fault_has_a_row_with_a_test() -> None:
    assert list(ROWS) == [f"F{n}" for n in range(1, 21)]
    assert all("`tests/" in row for row in ROWS.values())


def test_every_test_that_is_named_is_there() -> None:
    for path, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE):
        source = ROOT / path
        assert source.is_file(), path
        assert not name or f"def {name}(" in source.read_text(), f"{path}::{name}"


def test_every_proof_that_is_named_is_registered_and_named() -> None:
    assert set(re.findall(r"`prove ([a-z]+)`", PAGE)) == set(PROOFS)
