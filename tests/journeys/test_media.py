"""Pictures, recordings, files; what is taken back; what was read (issue: the workbench)."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

from tests.journeys.people import Buyer, Desk

HERE = '[role=log] [data-side="agent"][data-state="delivered"]'


def picture(red: int) -> bytes:
    """Return a PNG of 40×30 points in one colour."""

    def piece(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((red, 60, 90)) * 40 for _ in range(30))
    head = struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + piece(b"IHDR", head)
        + piece(b"IDAT", zlib.compress(rows))
        + piece(b"IEND", b"")
    )


def give(page: Any, how: str, name: str, data: bytes) -> None:
    """Paste or drop a file into the answer box, as a person would."""
    page.get_by_label("回复内容").evaluate(
        """(field, [how, name, bytes]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
            const init = {bubbles: true, cancelable: true};
            field.dispatchEvent(how === "paste"
                ? new ClipboardEvent("paste", {...init, clipboardData: carried})
                : new DragEvent("drop", {...init, dataTransfer: carried}));
        }""",
        [how, name, list(data)],
    )


def test_pictures_come_and_go_and_are_looked_at_closely(desk: Desk, buyer: Buyer, tmp_path: Path) -> None:
    """Pasted, dropped, picked and recorded; the viewer zooms, leafs and closes by keys; a recall is seen by all."""
    page = desk.enter("xiaomei", microphone=True)
    desk.online(page)
    buyer.says("这是实物吗")
    buyer.shows(picture(10), "买家的图.png")
    page.locator("[role=option]").filter(has_text="[图片]").click()
    page.locator("[role=log]").get_by_text("这是实物吗").wait_for()
    for how, name, red in (("paste", "粘贴.png", 100), ("drop", "拖来.png", 200)):
        give(page, how, name, picture(red))
        page.get_by_title(name).wait_for()
    page.get_by_role("button", name="发送").click()
    page.locator(f"{HERE} img").nth(1).wait_for()
    look_closely(page)
    record(page)
    send_a_file(page, tmp_path)
    take_back(desk, page, buyer)


def look_closely(page: Any) -> None:
    """Three pictures: the buyer's, and two of ours. Arrows leaf, keys zoom, Escape closes."""
    page.locator('[role=log] [data-side="buyer"]').get_by_role("button", name="查看大图").click()
    viewer = page.get_by_role("dialog")
    viewer.get_by_text("第 1 个，共 3 个").wait_for()
    page.keyboard.press("ArrowRight")
    viewer.get_by_text("第 2 个，共 3 个").wait_for()
    viewer.get_by_role("button", name="下一个").click()
    viewer.get_by_text("第 3 个，共 3 个").wait_for()
    assert viewer.get_by_role("button", name="下一个").count() == 0
    page.keyboard.press("+")
    page.keyboard.press("+")
    viewer.get_by_text("200%").wait_for()
    wide = viewer.locator("img").bounding_box()
    assert wide is not None and wide["width"] > 1_440
    page.keyboard.press("0")
    viewer.get_by_text("100%").wait_for()
    page.keyboard.press("Escape")
    viewer.wait_for(state="detached")


def record(page: Any) -> None:
    """A voice answer is recorded, put into the tray and sent."""
    page.get_by_role("button", name="录语音").click()
    page.get_by_role("button", name="录音中 0:01").click()
    page.get_by_title("voice").wait_for()
    page.get_by_role("button", name="发送").click()
    page.locator(f"{HERE} audio").wait_for()


def send_a_file(page: Any, folder: Path) -> None:
    """A document picked from the disk goes out and can be taken home."""
    path = folder / "说明书.pdf"
    path.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    page.locator("input[type=file]").first.set_input_files(str(path))
    page.get_by_title("说明书.pdf").wait_for()
    page.get_by_role("button", name="发送").click()
    with page.expect_download() as coming:
        page.locator(HERE).get_by_text("说明书.pdf").click()
    assert coming.value.suggested_filename == "说明书.pdf"


def take_back(desk: Desk, page: Any, buyer: Buyer) -> None:
    """Ours and the buyer's: both are shown as taken back; what the buyer read is marked; who types is seen."""
    page.get_by_label("回复内容").fill("这句发错了")
    page.keyboard.press("Enter")
    assert buyer.hears("这句发错了")
    buyer.has_read()
    line = page.locator(HERE).filter(has_text="这句发错了")
    line.get_by_label("买家已读").wait_for()
    line.hover()
    line.get_by_role("button", name="消息操作").click()
    page.get_by_role("menuitem").filter(has_text="撤回").click()
    page.get_by_role("dialog").get_by_role("button", name="撤回").click()
    page.locator("[role=log]").get_by_text("撤回了一条消息").first.wait_for()
    assert "这句发错了" not in buyer.reads()
    frame = buyer.says("我说错了")
    page.locator("[role=log]").get_by_text("我说错了").wait_for()
    buyer.takes_back(frame)
    page.locator("[role=log]").get_by_text("我说错了").wait_for(state="detached")
    assert page.locator("[role=log]").get_by_text("撤回了一条消息").count() == 2
    boss = desk.enter("zhuguan")
    boss.goto(page.url)
    boss.get_by_text("小美 也在看").wait_for()
    boss.get_by_label("回复内容").press_sequentially("我看看")
    page.get_by_text("林悦 正在输入").wait_for()
    with boss.expect_popup() as printed:
        boss.get_by_role("button", name="打印会话记录").click()
    printed.value.get_by_text("这是实物吗").wait_for()
