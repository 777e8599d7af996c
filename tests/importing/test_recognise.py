"""Recognising a file by its header: right or "ask", never wrong (domain.md §3.8; issue "files in" figures)."""

# ruff: noqa: E501
from __future__ import annotations

import random

import pytest

from miaohui.importing.model.catalogue import KIND_OF, KINDS
from miaohui.importing.model.headers import folded_header
from miaohui.importing.model.kinds import Kind
from miaohui.importing.model.recognise import recognise

AGENTS = ["小雨", "阿文", "晚晚", "木子"]


def cell(target: str, kind: str, number: int) -> str:
    """A believable cell: what the rows say counts as a second witness."""
    if target == "agent":
        return AGENTS[number % 4]
    return {
        "day": "2026-11-20", "time": "2026-11-20 20:01:02", "id": f"69200000000000000{number:02d}", "ratio": "98.5%",
        "seconds": "35", "int": "12", "fen": "1,299.00", "number": "3", "masked": "张**",
    }.get(kind, "文字")  # fmt: skip


def a_file(kind: Kind, rng: random.Random, missing: float, *, with_days: bool = True) -> list[list[str]]:
    """A header of the kind: every column under any of its names, shuffled, a share missing; and four rows."""
    columns = [c for c in kind.columns if with_days or c.target != "day"]
    columns = rng.sample(columns, k=max(2, round(len(columns) * (1 - missing))))
    header = [rng.choice(column.names) for column in columns]
    rows = [[cell(c.target, c.type, number) for c in columns] for number in range(4)]
    if kind.level == "shop":
        for number, row in enumerate(rows):
            for index, column in enumerate(columns):
                if column.target == "day":
                    row[index] = f"2026-11-{number + 1:02d}"
    return [header, *rows]


TABLE_KINDS = [kind for kind in KINDS if kind.code != "chat_text"]


@pytest.mark.parametrize("kind", TABLE_KINDS, ids=lambda kind: kind.code)
def test_a_complete_shuffled_header_with_aliases_is_recognised(kind: Kind) -> None:
    for seed in range(40):
        found = recognise(a_file(kind, random.Random(seed), 0.0))
        assert found.kind is kind, (seed, found.reason_zh)


@pytest.mark.parametrize("kind", TABLE_KINDS, ids=lambda kind: kind.code)
def test_with_a_fifth_of_the_columns_missing_it_is_right_or_asks(kind: Kind) -> None:
    answers = [recognise(a_file(kind, random.Random(seed), 0.2)) for seed in range(150)]
    assert [a.kind.code for a in answers if a.kind not in (None, kind)] == []
    assert all(a.kind is kind or a.reason_zh for a in answers), "who asks says why"
    assert sum(a.kind is kind for a in answers) >= 20, "asking always would be no recognition"


@pytest.mark.parametrize("kind", TABLE_KINDS, ids=lambda kind: kind.code)
def test_even_with_two_thirds_missing_it_is_never_wrong(kind: Kind) -> None:
    for seed in range(150):
        found = recognise(a_file(kind, random.Random(seed), 0.66))
        assert found.kind in (None, kind), (seed, found.kind and found.kind.code)


def test_agents_rows_that_lost_their_agent_columns_are_not_taken_for_a_shops_days() -> None:
    rows = [["日期", "人工已接待人数", "3分钟人工回复率 (会话)", "新平均响应时长（秒）", "CPD"]]
    rows += [["2026-11-20", "12", "98%", "31", "1.2"] for _ in range(4)]
    found = recognise(rows, "飞鸽客服数据.xlsx")
    assert found.kind is None and "客服昵称" in found.reason_zh


def test_the_header_is_found_below_titles_and_merged_cells() -> None:
    rows = [
        ["店铺数据 2026-11-16 至 2026-11-22", "", ""],
        ["", "", ""],
        *a_file(KIND_OF["feige_shop"], random.Random(1), 0),
    ]
    found = recognise(rows)
    assert found.kind is KIND_OF["feige_shop"] and found.header_row == 2


def test_an_unknown_table_is_asked_about() -> None:
    assert recognise([["名称", "数量", "备注"], ["a", "1", ""]]).kind is None
    assert (
        recognise([["订单编号", "商品名称", "金额", "电话", "快递"], ["1", "2", "3", "4", "5"]]).kind is None
    )
    assert recognise([]).kind is None
    strange = recognise([["单号甲", "单号乙", "宝贝", "实收"], ["1", "2", "3", "4"]])
    assert strange.guess is None and strange.reason_zh == "表头与已知的文件都不够像"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("首次响应时长（秒)", "首次响应时长(秒）"),
        ("3分钟人工回复率 (会话)", "3分钟人工回复率(会话)"),
        ("应付金额（元）", "应付金额"),
        ("建议发货时间（起）", "建议发货时间(起)"),
        ("\ufeff主订单编号", "主订单编号"),
    ],
)
def test_brackets_spaces_units_and_marks_do_not_matter(one: str, other: str) -> None:
    assert folded_header(one) == folded_header(other)


def test_the_two_three_minute_rates_stay_apart() -> None:
    assert folded_header("3分钟人工回复率 (会话)") != folded_header("3分钟人工回复率")
    kind = KIND_OF["feige_shop"]
    found = recognise(
        [
            ["日期", "3分钟人工回复率 (会话)", "3分钟人工回复率", "CPD", "人工已接待人数"],
            ["2026-11-20", "97%", "95%", "1", "3"],
        ]
    )
    assert {c.target for c in found.columns.values()} >= {"reply_3m_rate_session", "reply_3m_rate_msg"}
    assert found.kind is kind


def test_old_and_new_average_response_are_kept_apart() -> None:
    found = recognise(
        [
            ["日期", "平均响应时长（秒）", "新平均响应时长（秒）", "人工已接待会话量"],
            ["2026-11-20", "40", "31", "9"],
        ]
    )
    targets = {found.columns[i].target for i in found.columns}
    assert {"avg_response_old_s", "avg_response_s"} <= targets


def test_the_forms_of_the_order_export_are_all_the_same_kind() -> None:
    form_a = "主订单编号,子订单编号,选购商品,商品规格,商品数量,商品ID,商家编码,商品单价,订单应付金额,运费,优惠总金额,订单提交时间,订单状态"
    form_b = "主订单编号,子订单编号,支付方式,选购商品,货号,商品ID,商家编码,商品数量,商品金额,订单提交时间,支付完成时间,订单应付金额,教育优惠"
    for form in (form_a, form_b):
        assert recognise([form.split(","), ["1"] * 13]).kind is KIND_OF["douyin_orders"]
