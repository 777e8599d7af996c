"""Numbers of people are masked wherever a message is shown; looking in clear leaves a trace (reliability §3.3)."""

from __future__ import annotations

from miaohui.kit import audit, feed
from tests.inbox.desk import Desk
from tests.inbox.people import BOB_IN_GROUP, give, talk
from tests.world import BOB, SHOP_A

PHONE = "18612340001"


def test_a_phone_number_is_masked_in_pages_feed_and_search_and_revealed_with_a_reason(desk: Desk) -> None:
    conversation = talk(desk, "b1", f"我电话{PHONE}，尽快发货")
    page = desk.call("GET", f"/api/conversations/{conversation}/messages").body
    message = page["items"][0]
    assert message["text"] == "我电话186****0001，尽快发货"
    assert PHONE not in str(page)
    events = desk.world.read(lambda conn: feed.read(conn, 0))
    assert events and not any(PHONE in event.data for event in events)
    assert PHONE not in str(desk.call("GET", "/api/messages/search", params={"q": "发货"}).body)

    path = f"/api/conversations/{conversation}/messages/{message['id']}/reveals"
    give(desk, conversation, BOB)
    assert desk.call("POST", path, as_=BOB_IN_GROUP, json={"reason": "想看看"}).status == 403
    told = desk.call("POST", path, json={"reason": "核对收件电话"})
    assert told.body == {"text": f"我电话{PHONE}，尽快发货"}
    newest = desk.world.read(lambda conn: audit.newest(conn, [SHOP_A]))
    assert newest[0]["action"] == "inbox.message_revealed" and newest[0]["detail"] == {
        "reason": "核对收件电话"
    }


def test_the_shops_own_words_are_shown_as_they_were_sent(desk: Desk) -> None:
    conversation = talk(desk, "b1")
    reply = {"client_id": "client-0001", "text": "门店电话 13800138000"}
    sent = desk.call("POST", f"/api/conversations/{conversation}/messages", json=reply)
    assert sent.body["message"]["text"] == "门店电话 13800138000"
