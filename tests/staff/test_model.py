"""Rules of the team (spec §1.5, §2.6; domain.md §5.1, §5.3)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from miaohui.staff.model import (
    DEFAULT_CONCURRENCY,
    DEFAULT_SKILLS_ZH,
    Skill,
    are_valid_skills,
    is_expired,
    is_valid_capacity,
    is_valid_overflow,
    local_date,
    required_reserve,
)


@pytest.mark.parametrize(
    ("capacity", "allowed"), [(0, False), (1, True), (DEFAULT_CONCURRENCY, True), (50, True), (51, False)]
)
def test_capacity_is_1_to_50_with_10_by_default(capacity: int, allowed: bool) -> None:
    assert DEFAULT_CONCURRENCY == 10  # domain.md §5.3
    assert is_valid_capacity(capacity) is allowed  # domain.md §5.1


@pytest.mark.parametrize(
    ("headcount", "required"), [(0, 0), (1, 1), (8, 1), (20, 1), (21, 2), (40, 2), (100, 5)]
)
def test_reserve_is_five_percent_of_the_staff_rounded_up(headcount: int, required: int) -> None:
    assert required_reserve(headcount, 0.05) == required  # spec §2.6


def test_a_skill_counts_on_its_last_day_and_not_on_the_next() -> None:
    skill = Skill("platform_rules", 3, date(2026, 11, 22))
    assert not is_expired(skill, date(2026, 11, 22))
    assert is_expired(skill, date(2026, 11, 23))
    assert not is_expired(Skill("platform_rules", 3), date(2099, 1, 1))


def test_the_local_day_changes_at_16_utc() -> None:
    assert local_date(datetime(2026, 11, 22, 15, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert local_date(datetime(2026, 11, 22, 16, 0, tzinfo=UTC)) == date(2026, 11, 23)


def test_the_catalogue_starts_with_the_three_skills_of_the_article() -> None:
    assert list(DEFAULT_SKILLS_ZH.values()) == ["飞鸽操作", "平台规则", "基础剪辑"]  # spec §1.5


@pytest.mark.parametrize(
    ("skills", "valid"),
    [
        ([], True),
        ([Skill("platform_rules", 1), Skill("basic_editing", 5)], True),
        ([Skill("platform_rules", 0)], False),
        ([Skill("platform_rules", 6)], False),
        ([Skill("platform_rules", 2), Skill("platform_rules", 3)], False),
        ([Skill("juggling", 2)], False),
    ],
)
def test_skills_need_a_known_code_once_and_a_level_of_1_to_5(skills: list[Skill], valid: bool) -> None:
    assert are_valid_skills(skills, DEFAULT_SKILLS_ZH) is valid


@pytest.mark.parametrize(
    ("order", "valid"), [((), True), ((2, 3), True), ((2, 2), False), ((1,), False), ((9,), False)]
)
def test_overflow_names_other_known_groups_once(order: tuple[int, ...], valid: bool) -> None:
    assert is_valid_overflow(1, order, frozenset({1, 2, 3})) is valid
