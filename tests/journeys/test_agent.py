"""What an agent does all day, with the keyboard (issue: the workbench)."""

from __future__ import annotations

from typing import Any

from tests.journeys.people import Buyer, Desk, holds

TIMER = '[role=timer][data-wait="calm"], [role=timer][data-wait="near"]'


def test_agent_answers_with_the_keyboard_alone_before_the_countdown_ends(desk: Desk, buyer: Buyer) -> None:
    """spec §2.3: a target in seconds; the answer reaches the buyer and the clock goes."""
    page = desk.enter("xiaomei")
    desk.online(page)
    buyer.says("在吗，这件还有货吗？")
    row = page.locator("[role=option]").filter(has_text="在吗，这件还有货吗？")
    row.wait_for()
    assert row.locator(TIMER).count() == 1
    page.keyboard.press("Alt+n")
    page.locator("[role=log]").get_by_text("在吗，这件还有货吗？").wait_for()
    page.keyboard.type("有货的，今天拍今天发")
    page.keyboard.press("Enter")
    page.locator('[data-side="agent"][data-state="delivered"]').get_by_text("有货的，今天拍今天发").wait_for()
    assert buyer.hears("有货的，今天拍今天发")
    row = page.locator("[role=option]").filter(has_text="有货的，今天拍今天发")
    row.wait_for()
    assert row.locator("[role=timer]").count() == 0


def test_a_draft_survives_a_reload_and_nothing_is_lost_while_the_line_is_down(
    desk: Desk, buyer: Buyer
) -> None:
    """What is typed stays; what is sent offline goes out once when the line is back."""
    page = desk.enter("xiaomei")
    desk.online(page)
    buyer.says("什么时候发货呀？")
    page.locator("[role=option]").filter(has_text="什么时候发货呀？").click()
    field = page.get_by_label("回复内容")
    field.fill("亲，稍等我查一下物流")
    page.reload()
    field.wait_for()
    holds(page, "亲，稍等我查一下物流")
    page.context.set_offline(True)
    page.keyboard.press("Alt+i")
    page.keyboard.press("Enter")
    page.locator('[data-side="agent"][data-state="queued"]').get_by_text("亲，稍等我查一下物流").wait_for()
    page.context.set_offline(False)
    page.locator('[data-side="agent"][data-state="delivered"]').get_by_text("亲，稍等我查一下物流").wait_for()
    assert buyer.hears("亲，稍等我查一下物流")
    assert buyer.reads().count("亲，稍等我查一下物流") == 1


def test_a_hostile_message_is_shown_as_text_and_breaks_nothing(desk: Desk, buyer: Buyer) -> None:
    """Script tags, signs that turn the line around, thousands of emoji: shown, never run."""
    page = desk.enter("xiaomei")
    desk.online(page)
    buyer.says(
        '<img src=x onerror="window.hurt=1"><script>window.hurt=2</script>\u202e反转\u200b ' + "😀" * 1_500
    )
    page.locator("[role=option]").filter(has_text="<img src=x").click()
    page.locator("[role=log]").get_by_text("<script>window.hurt=2</script>").wait_for()
    assert page.evaluate("window.hurt") is None
    page.keyboard.type("收到")
    paste(page, "长" * 10_000_000)
    page.get_by_role("alert").get_by_text("太长了：10,000,002 字").wait_for()
    assert page.get_by_label("回复内容").input_value() == "收到"
    page.keyboard.press("Enter")
    assert buyer.hears("收到")


def paste(page: Any, text: str) -> None:
    """Paste a text into the answer box, as a clipboard would."""
    page.get_by_label("回复内容").evaluate(
        """(field, text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
            field.dispatchEvent(event);
        }""",
        text,
    )


def test_a_chat_is_handed_over_with_a_word_and_the_next_one_has_it(desk: Desk, buyer: Buyer) -> None:
    """Transfer by keyboard; the colleague's list shows it by itself (domain §5.1)."""
    mine, hers = desk.enter("xiaomei"), desk.enter("xiaoyu")
    desk.online(mine)
    buyer.says("尺码怎么选")
    mine.locator("[role=option]").filter(has_text="尺码怎么选").click()
    desk.online(hers)
    mine.keyboard.press("Alt+t")
    mine.get_by_placeholder("说明，接手的同事会看到").fill("她身高 160")
    mine.locator("button").filter(has_text="小雨").click()
    hers.locator("[role=option]").filter(has_text="尺码怎么选").wait_for()
    mine.locator("[role=option]").filter(has_text="尺码怎么选").wait_for(state="detached")


def test_two_who_look_at_one_chat_see_each_other_and_a_note_is_private(desk: Desk, buyer: Buyer) -> None:
    """Viewers and notes: colleagues know, the buyer does not. The one whose network bars sockets loses nothing."""
    mine = desk.enter("xiaomei")
    desk.online(mine)
    buyer.says("能便宜点吗")
    mine.locator("[role=option]").filter(has_text="能便宜点吗").click()
    boss = desk.page()
    boss.route_web_socket("**/api/live**", lambda ws: ws.close())
    boss.goto(desk.place.url + "/login")
    desk.log_in(boss, "zhuguan")
    boss.wait_for_url(lambda url: "/login" not in url)
    boss.goto(mine.url)
    mine.get_by_text("林悦 也在看").wait_for()
    boss.get_by_text("小美 也在看").wait_for()
    buyer.says("在看吗，能便宜多少")
    boss.locator("[role=log]").get_by_text("在看吗，能便宜多少").wait_for()
    boss.keyboard.press("Alt+m")
    boss.keyboard.type("老客，可以送运费险")
    boss.keyboard.press("Enter")
    mine.locator("[role=log]").get_by_text("老客，可以送运费险").wait_for()
    assert buyer.reads() == []
    see_a_number_in_clear(mine, boss, buyer)


def see_a_number_in_clear(mine: Any, boss: Any, buyer: Buyer) -> None:
    """Masked for everybody; who may look says why, sees it for half a minute (reliability.md R8)."""
    buyer.says("我电话18612340001，到了打给我")
    for page in (mine, boss):
        page.locator("[role=log]").get_by_text("我电话186****0001，到了打给我").wait_for()
    assert mine.get_by_role("button", name="查看原文").count() == 0
    boss.get_by_role("button", name="查看原文").click()
    boss.get_by_role("dialog").get_by_role("button", name="联系快递").click()
    boss.get_by_label("为什么要看（至少两个字）").press("Enter")
    boss.locator("[role=log]").get_by_text("我电话18612340001，到了打给我").wait_for()
    boss.get_by_role("button", name="隐藏").click()
    boss.locator("[role=log]").get_by_text("我电话18612340001，到了打给我").wait_for(state="detached")


def test_snooze_search_and_help_work_without_a_mouse(desk: Desk, buyer: Buyer) -> None:
    """Alt+S, Ctrl+K and ? do what the help says."""
    page = desk.enter("xiaomei")
    desk.online(page)
    buyer.says("发票什么时候开具")
    page.locator("[role=option]").filter(has_text="发票什么时候开具").wait_for()
    page.keyboard.press("Alt+n")
    page.locator("[role=log]").get_by_text("发票什么时候开具").wait_for()
    page.keyboard.press("Alt+s")
    page.get_by_role("button", name="10 分钟后").click()
    page.locator("[role=option]").filter(has_text="发票什么时候开具").wait_for(state="detached")
    page.keyboard.press("Control+k")
    page.keyboard.type("发票")
    page.locator("button mark").first.wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+/")
    page.get_by_role("dialog").get_by_text("下一个最急的").wait_for()
    take_the_tour(desk, page)


def take_the_tour(desk: Desk, page: Any) -> None:
    """From the help, by keys; ended half-way it is not offered again, on no computer."""
    page.get_by_role("button", name="再看一遍导览").press("Enter")
    page.get_by_text("先切到在线").wait_for()
    page.keyboard.press("ArrowRight")
    page.get_by_text("最急的在最上面").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("最急的在最上面").wait_for(state="detached")
    elsewhere = desk.enter("xiaomei")
    assert elsewhere.context.request.get(desk.place.url + "/api/preferences").json() == {"tours": ["agent"]}


def test_a_quick_reply_is_found_by_pinyin_and_sent(desk: Desk, buyer: Buyer) -> None:
    """spec §3.2: a slash, first letters, Enter; its two sentences go out as written."""
    page = desk.enter("xiaomei")
    desk.online(page)
    buyer.says("怎么退回去呢")
    page.locator("[role=option]").filter(has_text="怎么退回去呢").click()
    page.get_by_label("回复内容").wait_for()
    page.keyboard.type("/zmth")
    page.locator("#quick-menu [role=option]").filter(has_text="怎么退货").wait_for()
    page.keyboard.press("Enter")
    assert page.get_by_label("回复内容").input_value() == "申请后填退货单号\n保持吊牌完好哦"
    page.keyboard.press("Enter")
    assert buyer.hears("申请后填退货单号\n保持吊牌完好哦")
    page.keyboard.type("/fspkp")
    page.locator("#quick-menu [role=option]").filter(has_text="发商品卡片").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("option").first.wait_for()
    page.locator('input[placeholder="搜商品标题"]:focus').wait_for()
    page.keyboard.press("Enter")
    page.locator('[data-side="agent"][data-state="delivered"] [data-tone="product"]').wait_for()
    page.keyboard.press("Alt+r")
    page.get_by_role("button", name="发送邀请").press("Enter")
    page.locator('[data-side="agent"][data-state="delivered"] [data-tone="rating"]').wait_for()
    page.wait_for_timeout(500)  # a menu that has just closed stays closed for a moment
    page.keyboard.press("Alt+r")
    page.get_by_text("已邀请，等买家评分").wait_for()
