"""Files as they are in life: a clear answer, no partial state (issue "files in", bad input; domain.md §3)."""

# ruff: noqa: E501
from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from tests.importing.files import ORDER_HEADER, facts, order, orders_file, plan, run
from tests.world import World

from miaohui.importing.jobs.files import open_source
from miaohui.kit.errors import Refusal


def workbook(path: Path, rows: list[list[object]], merged: list[tuple[int, int, int, int, str]] = []) -> Path:  # noqa: B006
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("数据")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    for r1, c1, r2, c2, text in merged:
        sheet.merge_range(r1, c1, r2, c2, text)
    book.close()
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_gives_the_same_rows(world: World, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "订单.csv"
    path.write_text("\n".join([ORDER_HEADER, order(1), order(2)]), encoding=encoding)
    assert run(world, path).new == 2
    assert facts(world, "orders", "product", "status")[0] == ("针织开衫", "待发货")


def test_lines_of_two_encodings_are_read_line_by_line(world: World, tmp_path: Path) -> None:
    path = tmp_path / "拼接.csv"
    path.write_bytes(f"{ORDER_HEADER}\n{order(1)}\n".encode() + f"{order(2)}\n".encode("gb18030"))
    report = run(world, path)
    assert report.new == 2 and any("两种编码" in note for note in report.notes_zh)
    assert {row[0] for row in facts(world, "orders", "status")} == {"待发货"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("空.csv", b"", "importing.empty_file"),
        ("空白.csv", b"\n \n", "importing.empty_file"),
        ("表头.csv", f"{ORDER_HEADER}\n".encode(), "importing.empty_file"),
        ("报告.pdf", b"%PDF-1.7 ...", "importing.not_a_table"),
        ("照片.csv", b"\xff\xd8\xff\xe0" + b"\0" * 300, "importing.not_a_table"),
        ("程序.csv", bytes(range(256)) * 40, "importing.not_a_table"),
        ("半字.csv", b"\xff\xfe" + b"\x00\xd8" * 300, "importing.not_a_table"),
        (
            "密码.xlsx",
            bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "importing.password",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        plan(path)
    assert refused.value.code == code
    assert any(word in refused.value.kind.zh for word in ("请", "先")), "the text says what to do"


def test_a_cut_off_workbook_is_told_from_a_password(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["客服昵称", "CPD"], ["小雨", 1]])
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(Refusal) as refused:
        open_source(path)
    assert refused.value.code == "importing.truncated"


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "导出.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("订单.csv", ORDER_HEADER)
    with pytest.raises(Refusal) as refused:
        open_source(path)
    assert refused.value.code == "importing.not_a_table"


def test_a_cut_off_text_keeps_its_good_rows_and_says_so(world: World, tmp_path: Path) -> None:
    path = orders_file(tmp_path, "a.csv", [order(1), order(2)])
    path.write_bytes(path.read_bytes()[:-60])
    report = run(world, path)
    assert (report.new, report.bad) == (1, 1) and any("没有下载完" in note for note in report.notes_zh)


def test_a_utf_16_text_that_is_cut_off_in_the_middle_of_a_sign_is_read_up_to_there(
    world: World, tmp_path: Path
) -> None:
    path = orders_file(tmp_path, "a.csv", [order(1), order(2)])
    path.write_bytes(path.read_text("utf-8-sig").encode("utf-16")[:-1])
    report = run(world, path)
    assert report.new == 2


def test_a_page_saved_as_xls_is_read(world: World, tmp_path: Path) -> None:
    cells = "".join(f"<th>{name}</th>" for name in ORDER_HEADER.split(","))
    row = "".join(f"<td>{cell.strip()}</td>" for cell in order(1).replace('"1,299.00"', "1299.00").split(","))
    path = tmp_path / "订单.xls"
    path.write_text(f"<html><table><tr>{cells}</tr><tr>{row}</tr></table></html>", encoding="utf-8")
    assert run(world, path).new == 1


def test_merged_cells_are_filled_down(world: World, tmp_path: Path) -> None:
    rows: list[list[object]] = [["十一月排班"], ["姓名", "日期", "班次", "开始时间", "结束时间"]]
    rows += [["", f"2026-11-{d:02d}", "早班", "09:00", "18:00"] for d in range(1, 4)]
    report = run(
        world, workbook(tmp_path / "排班.xlsx", rows, [(0, 0, 0, 4, "十一月排班"), (2, 0, 4, 0, "小雨")])
    )
    assert report.new == 3 and {row[0] for row in facts(world, "shifts", "agent")} == {"小雨"}
    assert any("合并单元格" in note for note in report.notes_zh)


def test_night_shifts_end_the_next_day(world: World, tmp_path: Path) -> None:
    path = tmp_path / "排班.csv"
    path.write_text(
        "姓名,日期,班次,开始时间,结束时间\n小雨,2026-11-20,夜班,20:00,04:00\n阿文,2026-11-20,晚班,16:00,24:00\n木子,2026-11-20,休,,\n",
        encoding="utf-8",
    )
    run(world, path)
    hours = {
        row[0]: (row[2] - row[1]) / 3_600_000
        for row in facts(world, "shifts", "agent", "starts_ms", "ends_ms")
    }
    assert hours == {"小雨": 8.0, "阿文": 8.0}


def test_totals_are_left_out_and_used_as_a_check_sum(world: World, tmp_path: Path) -> None:
    """飞鸽: the total stands in row 2 (domain.md §3.1)."""
    path = tmp_path / "店铺数据.csv"
    path.write_text(
        "日期,人工已接待会话量,新平均响应时长（秒）,询单人数\n合计,30,31,21\n2026-11-20,10,30,9\n2026-11-21,20,32,11\n",
        encoding="utf-8",
    )
    report = run(world, path)
    assert (report.rows, report.summary_rows) == (2, 1)
    assert report.check_sums == [{"column_zh": "询单人数", "stated": 21, "added": 20}]


def test_a_weeks_file_with_only_its_total_is_that_weeks_figure(world: World, tmp_path: Path) -> None:
    path = tmp_path / "店铺数据_周_2026-11-16_2026-11-22.csv"
    path.write_text("日期,人工已接待会话量,新平均响应时长（秒）\n合计,210,31.5\n", encoding="utf-8")
    run(world, path)
    assert facts(world, "service", "from_on", "to_on", "metric", "value") == [
        ("2026-11-16", "2026-11-22", "avg_response_s", 31.5), ("2026-11-16", "2026-11-22", "received_sessions", 210.0),
    ]  # fmt: skip


def test_the_six_total_rows_of_shengyicanmou_are_left_out_and_its_brackets_read(
    world: World, tmp_path: Path
) -> None:
    header = "旺旺昵称,询单人数,询单最终付款人数,询单最终付款转化率,询单最终付款金额,首次响应时长（秒),平均响应时长（秒),客户满意率,旺旺回复率,成功退款金额"
    rows = ['拾光:晚晚,86,41,47.67%,"18,320.00",21.4,38.2,96.3%,99.1%,1204']
    rows += [
        f'{w},86,41,47.67%,"18,320.00",21.4,38.2,96.3%,99.1%,1204'
        for w in ("汇总值", "平均值", "全店汇总值", "全店平均值", "同行同层优秀", "同行同层均值")
    ]
    path = tmp_path / "客服绩效20261122.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    report = run(world, path)
    assert (report.rows, report.summary_rows, report.kind) == (1, 6, "tmall_performance")
    assert ("拾光:晚晚", "2026-11-22", "first_response_s", 21.4) in facts(
        world, "service", "agent", "from_on", "metric", "value"
    )


def test_without_any_date_it_asks_for_the_period(world: World, tmp_path: Path) -> None:
    path = tmp_path / "客服绩效.csv"
    path.write_text("旺旺昵称,询单人数,询单最终付款人数,旺旺回复率\n晚晚,86,41,99%\n", encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        run(world, path)
    assert refused.value.code == "importing.needs_period"
    assert run(world, path, from_on="2026-11-16", to_on="2026-11-22").new == 3


def test_two_shops_in_one_file_are_asked_about_and_one_can_be_chosen(world: World, tmp_path: Path) -> None:
    path = tmp_path / "拼多多.csv"
    path.write_text(
        "店铺名,客服账号,日期,咨询人数,3分钟人工回复率(8-23点),30秒应答率(8-23点),客服服务分\n甲店,a,2026-11-20,10,97%,88%,92\n乙店,b,2026-11-20,20,96%,80%,90\n",
        encoding="utf-8",
    )
    with pytest.raises(Refusal) as refused:
        run(world, path)
    assert refused.value.code == "importing.two_shops" and refused.value.detail["stores"] == ["甲店", "乙店"]
    assert facts(world, "service", "agent") == []
    report = run(world, path, store="甲店")
    assert report.other_store == 1 and {row[0] for row in facts(world, "service", "agent")} == {"a"}


def test_unknown_headers_are_mapped_by_hand_and_kept_as_a_template(world: World, tmp_path: Path) -> None:
    from tests.world import SHOP_A

    from miaohui.importing import actions, queries
    from miaohui.importing.jobs.preview import Answers, make_plan

    path = tmp_path / "自制.csv"
    path.write_text("单号甲,单号乙,实收,拍下时刻\n1,11,99.5,2026-11-20 10:00:00\n", encoding="utf-8")
    assert plan(path).kind is None
    mapping = {"单号甲": "order_id", "单号乙": "item_id", "实收": "pay_fen", "拍下时刻": "created_ms"}
    assert run(world, path, kind="douyin_orders", mapping=mapping).new == 1
    header = ["单号甲", "单号乙", "实收", "拍下时刻"]
    world.write(lambda tx: actions.save_template(tx, SHOP_A, "老系统", "douyin_orders", mapping, header))
    other = tmp_path / "下周.csv"
    other.write_text("拍下时刻,实收,单号乙,单号甲\n2026-11-27 10:00:00,88,12,2\n", encoding="utf-8")
    found = make_plan(
        open_source(other),
        Answers(),
        lambda sign: world.read(lambda c: queries.find_template(c, SHOP_A, sign)),
    )
    assert found.kind is not None and found.template_zh == "老系统"
    with pytest.raises(Refusal) as refused:
        world.write(
            lambda tx: actions.save_template(tx, SHOP_A, "坏的", "douyin_orders", {"实收": "pay_fen"}, header)
        )
    assert refused.value.code == "importing.bad_mapping"


def test_unknown_columns_are_kept_and_personal_ones_are_not(world: World, tmp_path: Path) -> None:
    path = tmp_path / "订单.csv"
    path.write_text(f"{ORDER_HEADER},新列\n{order(1)},值\n", encoding="utf-8")
    run(world, path)
    assert facts(world, "orders", "extra") == [('{"新列":"值"}',)]


def test_a_formula_in_a_text_stays_inert_text(world: World, tmp_path: Path) -> None:
    line = order(1).replace("针织开衫", '"=HYPERLINK(""http://x"")"')
    run(world, orders_file(tmp_path, "a.csv", [line]))
    assert facts(world, "orders", "product") == [('=HYPERLINK("http://x")',)]
