"""The web widget end to end: the reference channel, through the same doors as every platform (issue item 5, 6)."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from miaohui.channels.model import Account
from miaohui.channels.web_widget.adapter import WebWidget
from miaohui.channels.web_widget.visitor import customer_proof
from miaohui.inbox.actions.announce import visitor_topic
from miaohui.inbox.events import ConversationRated
from miaohui.inbox.routes import widget_page
from miaohui.inbox.routes.widget import Guest, Visitor, _stream
from miaohui.kit.live import LiveHub
from miaohui.shop.actions import add_channel_account
from miaohui.shop.actions.accounts import NewAccount
from tests.inbox.desk import VAULT, Desk
from tests.inbox.parts import only
from tests.world import SHOP_A

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)
SECRETS = {"signing_key": "s" * 32, "identity_key": "i" * 32}


class Page:
    """A visitor's page: opens a session, posts frames, reads what it may see."""

    def __init__(self, desk: Desk, **who: Any) -> None:
        self.desk = desk
        self.session = desk.call("POST", "/widget/w-1/session", None, json=who)
        self.token = self.session.body.get("token", "")

    def ask(self, method: str, path: str, **options: Any) -> Any:
        headers = {"x-miaohui-visitor": self.token}
        return self.desk.ask(method, f"/widget/w-1/{path}", None, headers=headers, **options)

    def frame(self, kind: str, frame_id: str, **more: Any) -> int:
        body = msgspec.json.encode({"type": kind, "id": frame_id, **more})
        status = self.ask("POST", "frames", content=body).status_code
        self.desk.pump()
        return int(status)

    def say(self, text: str, frame_id: str = "f1") -> int:
        return self.frame("message", frame_id, parts=[{"type": "text", "text": text}])

    def lines(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "messages").json()["items"])

    def told(self) -> list[tuple[str, str]]:
        return [(line["role"], "".join(p.get("text", "") for p in line["parts"])) for line in self.lines()]


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """A desk with a widget account."""
    desk.rt.ports["channels"]["widget"] = WebWidget(desk.world.clock)
    desk.rt.ports["hub"] = LiveHub(desk.rt)
    new = NewAccount(
        "widget", "官网", {"title": "秒回旗舰店", "origins": ["https://shop.example"]}, SECRETS, "w-1"
    )
    account_id = desk.world.write(lambda tx: add_channel_account(tx, VAULT, SHOP_A, new))
    desk.account = Account(SHOP_A, account_id, "w-1", "widget", new.config, SECRETS)
    return desk


def talk_of(desk: Desk) -> int:
    return int(only(desk.call("GET", "/api/conversations").body["items"])["id"])


def answer(desk: Desk, talk: int, client_id: str = "client-001", **body: Any) -> Any:
    return desk.call("POST", f"/api/conversations/{talk}/messages", json={"client_id": client_id, **body})


def test_a_visitor_asks_and_reads_the_answer(shop: Desk) -> None:
    page = Page(shop, name="赵小明")
    assert page.session.body["title"] == "秒回旗舰店"
    assert page.say("什么时候发货") == 204
    talk = talk_of(shop)
    answer(shop, talk, text="今天发")
    assert page.told() == [("me", "什么时候发货")]
    shop.work()
    assert page.told() == [("me", "什么时候发货"), ("agent", "今天发")]
    assert page.lines()[0]["frame_id"] == "f1"


def test_a_frame_sent_again_after_a_lost_answer_is_stored_once(shop: Desk) -> None:
    page = Page(shop)
    assert [page.say("在吗"), page.say("在吗")] == [204, 204]
    assert page.told() == [("me", "在吗")]


def test_the_old_token_is_the_same_visitor_and_the_sites_proof_is_one_person_everywhere(shop: Desk) -> None:
    first = Page(shop)
    first.say("在吗")
    again = Page(shop, token=first.token)
    assert again.told() == [("me", "在吗")]
    proof = customer_proof(shop.account, "c-1001")
    phone = Page(shop, customer_id="c-1001", customer_proof=proof)
    phone.say("我的订单呢")
    desktop = Page(shop, customer_id="c-1001", customer_proof=proof)
    assert desktop.told() == [("me", "我的订单呢")]
    assert Page(shop, customer_id="c-1001", customer_proof="0" * 64).session.status == 401


def test_forged_foreign_and_missing_tokens_open_nothing(shop: Desk) -> None:
    page = Page(shop)
    page.say("在吗")
    good = page.token
    for token in ("", "mhv1.e30.x", good[:-2] + "AA", "x" * 5_000):
        page.token = token
        for method, path in (("GET", "messages"), ("POST", "frames"), ("POST", "typing"), ("GET", "events")):
            reply = page.ask(method, path, json={} if path == "typing" else None)
            assert reply.status_code == 401, (token[:10], path)
    assert shop.call("POST", "/widget/acc-1/session", None, json={}).status == 404
    assert shop.call("POST", "/widget/nobody/session", None, json={}).status == 404


def test_one_visitor_sees_nothing_of_another(shop: Desk) -> None:
    one, two = Page(shop), Page(shop)
    one.say("我的秘密")
    two.say("你好")
    assert two.told() == [("me", "你好")]


def test_notes_unsent_replies_and_inner_fields_never_reach_the_page(shop: Desk) -> None:
    page = Page(shop)
    page.say("在吗")
    talk = talk_of(shop)
    shop.call("POST", f"/api/conversations/{talk}/notes", json={"text": "难缠的买家"})
    answer(shop, talk, text="还没发出去")
    text = str(page.ask("GET", "messages").json())
    assert "难缠" not in text and "还没发出去" not in text and "agent_id" not in text


def test_a_visitors_file_reaches_the_agent_and_the_agents_the_visitor(shop: Desk) -> None:
    page = Page(shop)
    sent = page.ask("POST", "uploads", files={"file": ("晒单.png", PNG, "text/html")})
    assert sent.status_code == 201 and sent.json()["media_type"] == "image/png"
    assert page.frame("message", "f2", parts=[sent.json()["part"]]) == 204
    talk = talk_of(shop)
    part = only(only(shop.call("GET", f"/api/conversations/{talk}/messages").body["items"])["parts"])
    picture = shop.ask("GET", part["url"], None)
    assert picture.content == PNG and picture.headers["content-type"] == "image/png"
    back = shop.ask("POST", f"/api/conversations/{talk}/attachments", files={"file": ("尺码表.png", PNG)})
    answer(shop, talk, parts=[back.json()["part"]])
    shop.work()
    shown = page.lines()[-1]
    assert shown["role"] == "agent" and shop.ask("GET", shown["parts"][0]["url"], None).content == PNG


def test_a_guessed_file_number_shows_nobody_elses_file(shop: Desk) -> None:
    """An insecure direct reference: the part is kept as unsupported, without a link."""
    owner, thief = Page(shop), Page(shop)
    part = owner.ask("POST", "uploads", files={"file": ("a.png", PNG)}).json()["part"]
    assert thief.frame("message", "t1", parts=[part]) == 204
    stolen = only(only(thief.lines())["parts"])
    assert stolen["type"] == "unknown" and "url" not in stolen
    talk = talk_of(shop)
    assert answer(shop, talk, parts=[part]).status == 404


def test_rating_recall_and_reading_go_through_the_same_door(shop: Desk) -> None:
    events = shop.world.record(ConversationRated)
    page = Page(shop)
    page.say("在吗")
    page.say("打错了", "f2")
    assert page.frame("recall", "r1", message_id="f2") == 204
    assert [line["is_recalled"] for line in page.lines()] == [False, True]
    talk = talk_of(shop)
    page.frame("read", "d1", message_id="")
    assert shop.call("GET", f"/api/conversations/{talk}").body["conversation"]["buyer_read_at"] is not None
    for _ in range(2):
        page.frame("rating", "s1", score=5, comment="很好", tags=["快"])
    assert only(events).stars == 5
    assert only(shop.call("GET", f"/api/conversations/{talk}").body["ratings"])["comment"] == "很好"


def test_entering_from_a_product_page_lends_its_door_to_the_conversation(shop: Desk) -> None:
    page = Page(shop)
    page.frame(
        "enter", "e1", page={"kind": "product", "product_id": "6900000000000000001", "url": "https://x"}
    )
    page.say("有货吗")
    found = shop.call("GET", f"/api/conversations/{talk_of(shop)}").body
    assert found["conversation"]["entry"] == "商品详情页"
    assert found["refs"]["product_id"] == "6900000000000000001"


def test_who_floods_is_slowed_and_others_are_not(shop: Desk) -> None:
    page, other = Page(shop), Page(shop)
    statuses = {page.ask("POST", "frames", content=b"{}").status_code for _ in range(40)}
    assert 429 in statuses
    assert other.say("你好") == 204


def test_the_page_may_be_framed_by_the_listed_sites_only(shop: Desk) -> None:
    reply = shop.ask("GET", "/widget/w-1", None)
    policy = reply.headers["content-security-policy"]
    assert "frame-ancestors 'self' https://shop.example" in policy and "script-src 'self'" in policy
    assert "<script>" not in reply.text
    script = shop.ask("GET", "/widget/w-1.js", None)
    assert script.headers["content-type"].startswith("text/javascript")
    again = shop.ask("GET", "/widget/w-1.js", None, headers={"if-none-match": script.headers["etag"]})
    assert again.status_code == 304
    assert shop.ask("GET", "/widget/assets/chat.css", None).status_code == 200
    assert shop.ask("GET", "/widget/assets/words.js", None).status_code == 200
    assert shop.ask("GET", "/widget/assets/page.html", None).status_code == 404


def test_every_text_of_the_window_is_there_in_english() -> None:
    """What the script says through `w(…)`, and every Chinese text of the page."""
    folder = Path(widget_page.FOLDER)
    words = dict(re.findall(r'"([^"]*[一-鿿][^"]*)": "([^"]+)"', (folder / "words.js").read_text("utf-8")))
    script = re.sub(r"^\s*//.*$", "", (folder / "chat.js").read_text("utf-8"), flags=re.M)
    page = (folder / "page.html").read_text("utf-8").split("<noscript>")[0]
    said = {text for text in re.findall(r'["`>]([^"`<>${}]*[一-鿿][^"`<>${}]*)["`<]', script + page)}
    assert len(said) > 30
    assert {text.strip() for text in said} - set(words) == set()


def test_hints_arrive_live_and_resume_after_a_break(shop: Desk) -> None:
    """R10: what was missed is told again; only hints travel, never inner fields."""
    page = Page(shop)
    page.say("在吗")
    talk = talk_of(shop)
    topic_peer = shop.world.read(
        lambda conn: conn.exec_driver_sql("SELECT peer FROM inbox_conversations").scalar_one()
    )
    who = Guest(shop.account, Visitor(str(topic_peer).removeprefix("v:")))
    assert who.topic == visitor_topic(shop.account.id, str(topic_peer))

    async def follow(since: int | None, count: int, frame: bytes = b"") -> list[str]:
        hub = LiveHub(shop.rt)
        await shop.rt.doorbell.start()
        task = asyncio.create_task(hub.run())
        await hub.started.wait()
        stream, found = _stream(hub, who, since), []
        async for chunk in stream:
            found.append(chunk.decode())
            if len(found) == 1 and frame:
                hub.signal(SHOP_A, who.topic, frame)
            if len(found) == count:
                break
        await stream.aclose()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return found

    first = asyncio.run(follow(None, 2, b'{"type":"typing","on":true}'))
    assert '"type":"hello"' in first[0] and first[1].endswith('data: {"type":"typing","on":true}\n\n')
    cursor = int(first[0].split("id: ")[1].split("\n")[0])
    sent = answer(shop, talk, text="在的").body["message"]["id"]
    shop.work()
    missed = asyncio.run(follow(cursor, 2))
    assert f'"id":"{sent}"' in missed[1] and "agent" not in missed[1]
