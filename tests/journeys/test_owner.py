"""The owner: three exports become a report, and a backup is made while the desk works (issue: the workbench)."""

from __future__ import annotations

import tarfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from miaohui.app.example_files.write import write_examples
from tests.journeys.people import Buyer, Desk
from tests.journeys.test_people import serious

WANTED = ("订单导出_下半", "聊天记录", "飞鸽店铺数据_日")


def three_exports(folder: Path, last: date) -> list[Path]:
    """Write the exports of a shop as the platform's back office gives them; return orders, chats, desk figures."""
    files = write_examples(folder, 7, last, scale=0.1)
    mine = [path for path in files if path.parent == folder and path.name.startswith("拾光女装")]
    return [next(path for path in mine if part in path.name) for part in WANTED]


def today(page: Any) -> date:
    """Return the day that the page thinks it is."""
    return date.fromisoformat(page.evaluate("new Date().toISOString().slice(0, 10)"))


def test_the_owner_imports_three_exports_and_reads_the_report(desk: Desk, tmp_path: Path) -> None:
    """spec §6.3: every figure with its sample and interval, and the conversations behind it."""
    page = desk.enter("laoban")
    page.goto(desk.place.url + "/settings/imports")
    exports = three_exports(tmp_path, today(page) - timedelta(days=1))
    page.locator("input[type=file]").set_input_files([*map(str, exports)])
    page.get_by_text("抖店订单").wait_for()
    page.get_by_role("button", name="预览").first.click()
    page.get_by_role("tab", name="前几行会成为").wait_for()
    assert serious(page) == []
    page.get_by_role("button", name="全部导入（3）").click()
    for path in exports:
        page.get_by_label(path.name, exact=True).get_by_text("有误").wait_for(timeout=60_000)
    page.get_by_text("已导入").nth(2).wait_for()  # the history follows the feed

    page.get_by_role("link", name="数据", exact=True).click()
    page.wait_for_url("**/insight**")
    conversion = page.locator("li").filter(has_text="咨询转化率").filter(has_text="目标")
    conversion.get_by_title("看背后的会话与单据").wait_for(timeout=30_000)
    assert "95%" in conversion.inner_text()
    page.get_by_role("img", name="平均响应时长每日").wait_for()
    assert serious(page) == []
    conversion.get_by_title("看背后的会话与单据").click()
    drawer = page.get_by_role("dialog")
    drawer.locator("tbody button").first.click()
    drawer.locator("ol li").first.wait_for()
    assert drawer.locator("ol li p").first.inner_text().strip()
    page.keyboard.press("Escape")

    page.get_by_role("link", name="热力图").click()
    page.get_by_role("button", name="按商品").or_(page.get_by_text("按商品")).first.click()
    page.locator("table td button").first.wait_for()
    page.get_by_role("link", name="诊断").click()
    page.get_by_role("button", name="看证据").first.wait_for()

    page.goto(desk.place.url + "/settings/imports")
    row = page.locator("tbody tr").filter(has_text=exports[0].name)
    row.get_by_role("button", name="撤销").click()
    page.get_by_role("dialog").get_by_role("button", name="撤销").click()
    row.get_by_text("已撤销").wait_for()


def test_the_owner_makes_a_backup_checks_it_and_takes_it_home(
    desk: Desk, buyer: Buyer, tmp_path: Path
) -> None:
    """The desk goes on working meanwhile; nobody but the owner sees the page."""
    page = desk.enter("laoban")
    page.goto(desk.place.url + "/settings/backups")
    page.get_by_role("button", name="立即备份").click()
    buyer.says("备份的时候也要收得到")
    page.get_by_role("button", name="校验", exact=True).wait_for(timeout=60_000)
    page.get_by_role("button", name="校验", exact=True).click()
    page.get_by_text("完好", exact=True).wait_for(timeout=60_000)
    assert page.get_by_text("miaohui restore ").count() == 1
    assert serious(page) == []
    page.get_by_role("button", name="下载").click()
    with page.expect_download() as coming:
        page.get_by_role("dialog").get_by_role("button", name="下载").click()
    home = tmp_path / coming.value.suggested_filename
    coming.value.save_as(home)
    with tarfile.open(home) as tar:
        assert {"manifest.json", "miaohui.db", "secret.key"} <= set(tar.getnames())

    manager = desk.enter("dianzhang")
    manager.goto(desk.place.url + "/settings/backups")
    manager.get_by_text("您没有查看这一页的权限").wait_for()
    assert manager.get_by_role("link", name="备份与恢复").count() == 0
    boss = desk.enter("zhuguan")
    boss.goto(desk.place.url + "/desk?box=open")
    boss.locator("[role=option]").filter(has_text="备份的时候也要收得到").wait_for()
