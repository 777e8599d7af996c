"""What counts as a bad review that was recovered: pure."""

from __future__ import annotations

import pytest

from miaohui.insight.model.window import ReviewRow


def review(stars: int, more: int | None, outcome: str) -> ReviewRow:
    return ReviewRow("r", "o", "商品", stars, "字", 0, None, more, outcome, None, "小美", "")


@pytest.mark.parametrize(
    ("stars", "more", "outcome", "bad", "solved"),
    [
        (1, None, "买家确认解决", True, True),
        (2, None, "申诉成立", True, True),
        (1, 5, "", True, True),
        (1, 3, "", True, False),
        (2, None, "已改评", True, False),
        (1, None, "买家改为五星，返现 20 元", True, False),
        (3, None, "", False, False),
    ],
)
def test_a_bad_review_succeeds_by_a_solved_problem_and_never_by_a_changed_review(
    stars: int, more: int | None, outcome: str, bad: bool, solved: bool
) -> None:
    """spec §6.5, §5.1 level 1: rewarding a changed review is forbidden, so it counts for nothing."""
    found = review(stars, more, outcome)
    assert (found.is_bad, found.is_solved) == (bad, solved)
