"""Rules that are changed, restored, and edited by two at once (issue: the workbench)."""

from __future__ import annotations

from typing import Any

from tests.journeys.people import Desk


def test_a_rule_is_changed_seen_in_the_history_and_restored(desk: Desk) -> None:
    """spec §2.4: 30 minutes before, by default; every change has an author and can be undone."""
    page = desk.enter("dianzhang")
    page.goto(desk.place.url + "/settings/policies")
    page.get_by_text("特护时段").click()
    field = page.get_by_role("spinbutton", name="开播前")
    field.fill("2400")
    field.press("Tab")
    page.get_by_placeholder("为什么改（留在历史里）").fill("主播常提前开播")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("主播常提前开播").wait_for()
    page.get_by_role("button", name="恢复到这一版").last.click()
    page.get_by_text("（恢复到 v0）").wait_for()
    assert field.input_value() == "1800"
    every_rule_opens(page, desk.place.url)


def every_rule_opens(page: Any, url: str) -> None:
    """Each row of both pages opens a form with something to edit and its history; a target is set and restored."""
    for path in ("/settings/policies", "/settings/figures"):
        page.goto(url + path)
        rows = page.locator("main tbody tr")
        rows.nth(5).wait_for()
        for n in range(rows.count()):
            rows.nth(n).click()
            form = rows.nth(n + 1)
            form.locator("input, button").first.wait_for()
            form.locator("ul li").filter(has_text="默认").first.wait_for()
            rows.nth(n).click()
            form.locator("input").first.wait_for(state="detached")
    page.get_by_text("指标目标").click()
    target = page.get_by_role("spinbutton", name="平均响应时长")
    target.fill("40")
    target.press("Tab")
    page.get_by_placeholder("为什么改（留在历史里）").fill("今年要更快")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("今年要更快").wait_for()
    page.get_by_role("button", name="恢复到这一版").last.click()
    page.get_by_text("恢复默认").wait_for()
    assert target.input_value() == "45"


def test_two_who_edit_one_rule_are_shown_the_difference(desk: Desk) -> None:
    """A stale write is refused with what differs, and nothing is lost."""
    first, second = desk.enter("dianzhang"), desk.enter("zhuguan")
    for page in (first, second):
        page.goto(desk.place.url + "/settings/routing")
        page.get_by_role("spinbutton", name="最多改派").wait_for()
    second.context.set_offline(True)
    for page, value in ((first, "3"), (second, "4")):
        field = page.get_by_role("spinbutton", name="最多改派")
        field.fill(value)
        field.press("Tab")
    first.get_by_role("button", name="保存").click()
    first.get_by_text("已保存").wait_for()
    second.context.set_offline(False)
    second.get_by_role("button", name="保存").click()
    second.get_by_role("dialog").get_by_text("刚刚有人改过").last.wait_for()
