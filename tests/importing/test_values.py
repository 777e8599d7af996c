"""Cells of real exports: amounts, shares, times, ids, masks (domain.md §3.2, §3.8)."""

# ruff: noqa: E501
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.importing.model.dates import period_of_name
from miaohui.importing.model.values import (
    BadValue,
    cell_text,
    fen_value,
    id_value,
    is_formula,
    local_day,
    masked_value,
    number_value,
    ratio_value,
    seconds_value,
    time_value,
)

EVENING = 1_795_176_062_000  # 2026-11-20 20:01:02 in Shanghai


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1,299.00", 129900),
        ("99", 9900),
        ("0.5", 50),
        ("¥1.2万", 1_200_000),
        ("-15.30", -1530),
        ("1，234", 123400),
        ("--", None),
        ("", None),
    ],
)
def test_amounts_are_integer_fen(text: str, fen: int | None) -> None:
    assert fen_value(text) == fen


@given(st.integers(0, 10**10))
def test_every_amount_comes_back_as_it_was_written(fen: int) -> None:
    assert fen_value(f"{fen // 100:,}.{fen % 100:02d}") == fen
    assert fen_value(f"{fen // 100}.{fen % 100:02d}") == fen


@pytest.mark.parametrize(
    ("text", "ratio"), [("98.5%", 0.985), ("98.5％", 0.985), ("0.985", 0.985), ("100%", 1.0), ("-", None)]
)
def test_shares_are_ratios(text: str, ratio: float | None) -> None:
    assert ratio_value(text) == ratio


def test_a_share_that_cannot_be_told_is_refused() -> None:
    with pytest.raises(BadValue):
        ratio_value("98.5")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("35.2", 35.2), ("1分20秒", 80.0), ("00:01:20", 80.0), ("2小时", 7200.0), ("1天2小时", 93600.0)],
)
def test_spans_are_seconds(text: str, seconds: float) -> None:
    assert seconds_value(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["2026-11-20 20:01:02", "2026/11/20 20:01:02", "2026年11月20日 20:01:02", "2026-11-20T20:01:02", "20261120200102",
     "1795176062", "1795176062000", "2026-11-20 晚上8:01:02", "\t2026-11-20 20:01:02"],
)  # fmt: skip
def test_every_spelling_of_a_time_is_the_same_moment(text: str) -> None:
    assert time_value(text) == EVENING


def test_a_spreadsheet_number_is_a_time_too() -> None:
    assert abs((time_value("46346.834051") or 0) - EVENING) < 1000


@pytest.mark.parametrize("text", ["昨天", "2026-13-40", "20:01", "2026-11-20 25:99:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        time_value(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [("6920000000000000011\t", "6920000000000000011"), ('="6920000000000000011"', "6920000000000000011"),
     ("'6920000000000000011", "6920000000000000011"), ("ID：665001", "665001"), ("33000.0", "33000"), ("-", "")],
)  # fmt: skip
def test_ids_of_nineteen_digits_stay_text(text: str, found: str) -> None:
    assert id_value(text) == found


def test_an_id_that_a_spreadsheet_destroyed_is_refused_and_says_so() -> None:
    with pytest.raises(BadValue, match="科学计数法"):
        id_value("6.92E+18")
    assert cell_text(6.92e18) == "6.92E+18", "a float beyond 2^53 has lost its digits already"
    assert cell_text(46346.0) == "46346"


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x","点我")', "=1+1", "@SUM(A1)", '+cmd|" /C calc"!A0', "-cmd(1)"]
)
def test_formulas_are_recognised(text: str) -> None:
    assert is_formula(text)


@pytest.mark.parametrize("text", ["-5", "+3.2", "-5%", "今天", "a=b"])
def test_numbers_and_words_are_no_formulas(text: str) -> None:
    assert not is_formula(text)


@pytest.mark.parametrize(
    ("text", "kept"), [("张**", "张**"), ("13812345678", "138****5678"), ("张小明", "张**"), ("", "")]
)
def test_personal_values_are_kept_masked_only(text: str, kept: str) -> None:
    assert masked_value(text) == kept


def test_numbers_know_wan() -> None:
    assert number_value("1.2万") == 12000 and number_value("1,234人") == 1234


@pytest.mark.parametrize(
    ("name", "span"),
    [("客服绩效20261122.xlsx", ("2026-11-22", "2026-11-22")), ("店铺数据_2026-11-16_2026-11-22.xlsx", ("2026-11-16", "2026-11-22")),
     ("客服数据2026年11月.xlsx", ("2026-11-01", "2026-11-30")), ("周报2026第47周.xlsx", ("2026-11-16", "2026-11-22")), ("订单.csv", None),
     ("6920000000000000011.csv", None)],
)  # fmt: skip
def test_the_period_is_read_from_the_files_name(name: str, span: tuple[str, str] | None) -> None:
    found = period_of_name(name)
    assert (found and (found.from_on, found.to_on)) == span


@given(st.integers(1_600_000_000_000, 2_000_000_000_000))
def test_local_days_are_those_of_shanghai(at_ms: int) -> None:
    from datetime import UTC, datetime, timedelta

    assert (
        local_day(at_ms)
        == (datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(hours=8)).date().isoformat()
    )
