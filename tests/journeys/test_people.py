"""Supervisor, owner, administrator; the door; what everybody may read (WCAG 2.2 AA by axe)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.journeys.people import Buyer, Desk, holds

AXE = Path(__file__).resolve().parents[2] / "web/node_modules/axe-core/axe.min.js"
HEAD = {"X-Miaohui-Csrf": "1"}
PAGES = ("/desk?box=open", "/board", "/today", "/settings/policies", "/settings/people", "/settings/channels")


def serious(page: Any) -> list[str]:
    """Return what axe finds serious or worse on the page."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}).then(r => r.violations"
        ".filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')))"
    )
    return list(found)


def test_a_wrong_password_is_said_and_what_was_typed_stays(desk: Desk) -> None:
    page = desk.page()
    page.goto(desk.place.url + "/desk")
    page.wait_for_url("**/login**")
    desk.log_in(page, "xiaomei", "not-the-password-1")
    page.get_by_role("alert").wait_for()
    assert page.input_value("input[name=username]") == "xiaomei"
    desk.log_in(page, "xiaomei")
    page.wait_for_url("**/desk**")


def test_the_supervisor_sees_who_waits_and_takes_the_chat_over(desk: Desk, buyer: Buyer) -> None:
    agent = desk.enter("xiaomei")
    desk.online(agent)
    buyer.says("我要投诉你们")
    agent.locator("[role=option]").filter(has_text="我要投诉你们").wait_for()
    boss = desk.enter("zhuguan")
    boss.goto(desk.place.url + "/board")
    the_reserve_is_called(desk, boss, Buyer(buyer.client))
    boss.locator("main button").filter(has_text="我要投诉你们").click()
    boss.wait_for_url("**/desk/**")
    boss.get_by_role("button", name="我来接待").click()
    boss.locator("[role=log]").get_by_text("林悦").wait_for()
    agent.locator("[role=option]").filter(has_text="我要投诉你们").wait_for(state="detached")
    keep_a_view(boss)
    give_many_and_take_it_back(desk, boss, Buyer(buyer.client))
    a_buyer_is_forgotten(desk, boss.url)


def the_reserve_is_called(desk: Desk, boss: Any, waiting: Buyer) -> None:
    """A queue calls 小林, who comes by a key and gets the chat; the board shows it and lets her go (spec §2.6)."""
    api, door = f"{desk.place.url}/api", boss.context.request
    ids = {row["display_name"]: row["user_id"] for row in door.get(f"{api}/agents?limit=100").json()["items"]}
    reserve, capacity = f"{api}/agents/{ids['小林']}/reserve", f"{api}/agents/{ids['小美']}/capacity"
    settings = f"{api}/routing/settings"
    assert door.put(reserve, data={"reason": "大促"}, headers=HEAD).ok
    rules = edit(door, settings, {"reserve_call_after_s": 1})["rules"]
    room = edit(door, capacity, {"max_concurrency": 1})["max_concurrency"]
    hers = desk.enter("xiaolin")
    hers.goto(desk.place.url + "/settings/me")
    waiting.says("前面还有几位")
    called = hers.get_by_role("region", name="机动支援")
    called.get_by_text(re.compile(r"\d+ 位买家在排队")).wait_for()
    called.get_by_role("button", name="来不了").wait_for()
    board = boss.locator("section").filter(has=boss.get_by_role("heading", name="机动支援"))
    board.get_by_text("等待应答").wait_for()
    assert serious(hers) == []
    hers.keyboard.press("Alt+y")
    desk.on_duty.append(hers)
    called.get_by_text("机动支援中").wait_for()
    board.get_by_text("支援中").wait_for()
    hers.goto(desk.place.url + "/desk")
    hers.locator("[role=option]").filter(has_text="前面还有几位").wait_for()
    board.get_by_role("button", name="解除 小林 的支援").click()
    hers.get_by_text("机动支援已解除").wait_for()
    board.get_by_text("已解除").wait_for()
    edit(door, capacity, {"max_concurrency": room})
    edit(door, settings, {"reserve_call_after_s": rules["reserve_call_after_s"]})
    assert door.delete(reserve, headers=HEAD).ok


def edit(door: Any, url: str, change: dict[str, Any]) -> dict[str, Any]:
    """Change something that has a version; return what it was."""
    before = dict(door.get(url).json())
    new = {"rules": {**before["rules"], **change}} if "rules" in before else change
    answer = door.put(url, data={**new, "reason": "演练", "version": before["version"]}, headers=HEAD)
    assert answer.ok, answer.text()
    return before


def keep_a_view(boss: Any) -> None:
    """A filter is kept under a name, is there after a reload, and is removed; no mouse."""
    boss.goto(boss.url.split("/desk")[0] + "/desk?box=open&channel=widget")
    boss.get_by_role("button", name="清除筛选").wait_for()
    boss.keyboard.press("Alt+v")
    boss.get_by_role("textbox", name="视图名称").fill("网站来的")
    boss.keyboard.press("Enter")
    boss.get_by_text("已存为「网站来的」").wait_for()
    boss.reload()
    boss.get_by_role("button", name="清除筛选").click()
    boss.keyboard.press("Alt+v")
    boss.get_by_role("button", name="网站来的", exact=True).press("Enter")
    boss.wait_for_url("**channel=widget**")
    boss.keyboard.press("Alt+v")
    boss.get_by_role("button", name="网站来的", exact=True).focus()
    for key in ("Tab", "Tab", "Enter"):  # past renaming, to deleting
        boss.keyboard.press(key)
    boss.locator(".ant-popconfirm-buttons .ant-btn-primary").click()
    boss.get_by_text("把常看的筛选存成视图").wait_for()
    boss.keyboard.press("Escape")
    boss.get_by_role("button", name="清除筛选").click()


def give_many_and_take_it_back(desk: Desk, boss: Any, other: Buyer) -> None:
    """Two chats chosen in the list by keys go to one colleague; each result is told; undo gives them back."""
    other.says("我也要投诉")
    boss.locator("[role=option]").filter(has_text="我也要投诉").wait_for()
    hers = desk.enter("xiaoyu")
    desk.online(hers)
    boss.locator("[role=listbox]").focus()
    boss.keyboard.press("Home")
    boss.keyboard.press("Shift+ArrowDown")
    boss.get_by_text("已选 2 个").wait_for()
    boss.keyboard.press("Escape")
    boss.get_by_text("已选 2 个").wait_for(state="detached")
    for text in ("我要投诉你们", "我也要投诉"):
        boss.locator("[role=option]").filter(has_text=text).click(modifiers=["Control"])
    boss.get_by_text("已选 2 个").wait_for()
    boss.get_by_role("button", name="转给").click()
    boss.locator("[role=tooltip] button").filter(has_text="小雨").click()
    boss.get_by_text("已转给小雨：2 个").wait_for()
    hers.locator("[role=option]").filter(has_text="我要投诉你们").wait_for()
    hers.locator("[role=option]").filter(has_text="我也要投诉").wait_for()
    boss.get_by_role("button", name="撤销").click()
    boss.get_by_text("已撤销").wait_for()
    hers.locator("[role=option]").filter(has_text="我要投诉你们").wait_for(state="detached")


def a_buyer_is_forgotten(desk: Desk, list_url: str) -> None:
    """Whoever may erases what a buyer said, with a reason, after a warning; the page tells when it is done (R20)."""
    page = desk.enter("dianzhang")
    page.goto(list_url)
    page.locator("[role=option]").filter(has_text="我也要投诉").click()
    page.get_by_role("tab", name="买家").click()
    page.get_by_role("button", name="删除个人数据").click()
    asked = page.get_by_role("dialog")
    asked.get_by_text("不可恢复").wait_for()
    asked.get_by_role("button", name="买家来信要求删除").click()
    assert asked.get_by_role("button", name="永久删除").is_disabled()
    asked.get_by_role("checkbox", name="我知道删除后无法恢复").check()
    asked.get_by_role("button", name="永久删除").click()
    page.get_by_text("已删除", exact=True).wait_for()
    page.locator("[role=log]").get_by_text("（已按买家要求删除）").wait_for()
    assert page.locator("[role=log]").get_by_text("我也要投诉").count() == 0


def test_the_owner_reads_today_on_the_phone(desk: Desk) -> None:
    page = desk.enter("laoban", size=(390, 844))
    page.wait_for_url("**/today")
    page.get_by_text("还能容忍").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_ended_session_says_so_and_keeps_the_text(desk: Desk, buyer: Buyer) -> None:
    page = desk.enter("xiaomei")
    desk.online(page)
    buyer.says("有没有优惠")
    page.locator("[role=option]").filter(has_text="有没有优惠").click()
    page.get_by_label("回复内容").fill("这句话不能丢")
    page.context.request.delete(desk.place.url + "/api/session", headers={"X-Miaohui-Csrf": "1"})
    page.get_by_text("登录已过期，请重新登录").wait_for(timeout=20_000)
    assert page.get_by_label("回复内容").input_value() == "这句话不能丢"
    page.locator("main").get_by_role("link", name="登录").click()
    desk.log_in(page, "xiaomei")
    page.locator("[role=log]").get_by_text("有没有优惠").wait_for()
    assert page.get_by_label("回复内容").input_value() == "这句话不能丢"
    lose_the_right_to_answer(desk, page)
    leave_and_come_back(desk, page)


def lose_the_right_to_answer(desk: Desk, page: Any) -> None:
    """A role that is taken away ends the session; then the page says what is not allowed, and keeps the text."""
    boss = desk.enter("dianzhang").context.request
    csrf = {"X-Miaohui-Csrf": "1"}

    def becomes(role: str) -> None:
        users = boss.get(desk.place.url + "/api/users").json()["items"]
        her = next(user for user in users if user["login"] == "xiaomei")
        wish = {"role": role, "version": her["version"]}
        answer = boss.put(f"{desk.place.url}/api/users/{her['user_id']}/role", data=wish, headers=csrf)
        assert answer.ok, answer.text()

    def comes_back() -> None:
        page.get_by_text("登录已过期，请重新登录").wait_for(timeout=20_000)
        page.locator("main").get_by_role("link", name="登录").click()
        desk.log_in(page, "xiaomei")
        page.locator("[role=log]").get_by_text("有没有优惠").wait_for()

    becomes("viewer")
    comes_back()
    page.get_by_text("您没有回复权限。写好的内容还在。").wait_for()
    assert page.get_by_label("回复内容").input_value() == "这句话不能丢"
    assert page.get_by_role("button", name="发送").is_disabled()
    becomes("agent")
    comes_back()
    page.get_by_text("您没有回复权限。写好的内容还在。").wait_for(state="detached")


def leave_and_come_back(desk: Desk, page: Any) -> None:
    """Logging out clears the browser; the unsent text comes back from the server; a note is warned of."""
    page.keyboard.press("Alt+m")
    page.get_by_label("内部备注").last.fill("先记一笔")
    page.locator("header").get_by_role("button", name="我的").click()
    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("dialog").get_by_text("有 1 条没发出的内容存不上").last.wait_for()
    page.get_by_role("dialog").get_by_role("button", name="仍然退出").click()
    page.wait_for_url("**/login**")
    chat = desk.place.url + "/desk?box=open"
    page.evaluate("localStorage.clear()")
    desk.log_in(page, "xiaomei")
    page.wait_for_url("**/desk**")
    page.goto(chat)
    page.locator("[role=option]").filter(has_text="这句话不能丢").click()
    holds(page, "这句话不能丢")


def test_the_main_pages_have_no_serious_barrier_in_light_and_dark(desk: Desk, buyer: Buyer) -> None:
    """WCAG 2.2 AA, by axe."""
    buyer.says("页面要能读给听")
    found: dict[str, list[str]] = {}
    for scheme in ("light", "dark"):
        page = desk.enter("dianzhang", scheme=scheme)
        for path in PAGES:
            page.goto(desk.place.url + path)
            page.locator("main").wait_for()
            page.wait_for_timeout(600)
            if path.startswith("/desk"):
                page.locator("[role=option]").first.click()
                page.locator("textarea").wait_for()
                page.wait_for_timeout(400)
            if problems := serious(page):
                found[f"{scheme} {path}"] = problems
    login = desk.page()
    login.goto(desk.place.url + "/login")
    login.locator("form").wait_for()
    if problems := serious(login):
        found["login"] = problems
    assert found == {}, "\n".join(f"{where}: {what}" for where, what in found.items())
