"""Work around conversations over HTTP: snooze, notes, labels, bulk, drafts, views, messages (F13, F14)."""

from __future__ import annotations

from miaohui.staff.actions import ensure_default_groups
from tests.inbox.desk import Desk
from tests.inbox.parts import later, only
from tests.inbox.people import BOB_IN_GROUP, give, ids, talk
from tests.world import BOB, SHOP_A


def test_a_snoozed_conversation_wakes_at_its_time_and_by_the_buyer(desk: Desk) -> None:
    from miaohui.inbox.jobs import TIMERS

    a, b = talk(desk, "b1"), talk(desk, "b2")
    for one in (a, b):
        desk.call("PUT", f"/api/conversations/{one}/snooze", json={"until": later(600).isoformat()})
    source = TIMERS[0]
    assert desk.world.read(source.next_due) == later(600)
    talk(desk, "b1", "还在吗", 5)
    assert ids(desk.call("GET", "/api/conversations")) == [a]
    assert desk.world.write(source.fire) == 0
    desk.world.clock.advance(600)
    assert desk.world.write(source.fire) == 1 and desk.world.write(source.fire) == 0
    assert set(ids(desk.call("GET", "/api/conversations"))) == {a, b}
    past = {"until": later(10).isoformat()}
    assert desk.call("PUT", f"/api/conversations/{a}/snooze", json=past).code == "inbox.snooze_in_past"


def test_a_note_reaches_the_mentioned_and_never_the_buyer(desk: Desk) -> None:
    a = talk(desk)
    give(desk, a, None)
    body = {"text": "@Bob 看一下", "mentioned_user_ids": [BOB]}
    assert desk.call("POST", f"/api/conversations/{a}/notes", json=body).status == 201
    mentions = desk.call("GET", "/api/mentions", as_=BOB_IN_GROUP).body["items"]
    assert only(mentions)["text"] == "@Bob 看一下"
    assert desk.call("GET", "/api/conversations/counts", as_=BOB_IN_GROUP).body["mentioned"] == 1
    assert ids(desk.call("GET", "/api/conversations", as_=BOB_IN_GROUP, params={"box": "mentioned"})) == [a]
    desk.call("POST", f"/api/conversations/{a}/reads", as_=BOB_IN_GROUP)
    assert desk.call("GET", "/api/conversations/counts", as_=BOB_IN_GROUP).body["mentioned"] == 0
    desk.work()
    assert desk.channel.sent == []
    assert "@Bob" not in desk.text(f"/api/conversations/{a}/transcript.txt")


def test_labels_are_kept_refuse_stale_changes_and_filter_the_list(desk: Desk) -> None:
    a, b = talk(desk, "b1"), talk(desk, "b2")
    label = desk.call("POST", "/api/labels", json={"name_zh": "急", "color": "#ff0000"}).body
    assert desk.call("POST", "/api/labels", json={"name_zh": "急"}).code == "inbox.label_exists"
    for _ in range(2):
        assert desk.call("PUT", f"/api/conversations/{a}/labels/{label['id']}").status == 200
    found = desk.call("GET", "/api/conversations", params={"label_id": label["id"]})
    assert ids(found) == [a] and only(found.body["items"])["label_ids"] == [label["id"]]
    change = {"name_zh": "很急", "color": "#ff0000", "version": 1}
    assert desk.call("PUT", f"/api/labels/{label['id']}", json=change).body["version"] == 2
    stale = desk.call("PUT", f"/api/labels/{label['id']}", json=change)
    assert stale.code == "kit.stale" and stale.body["detail"]["name_zh"] == "很急"
    desk.call("DELETE", f"/api/labels/{label['id']}")
    assert desk.call("GET", "/api/labels").body["items"] == []
    assert desk.call("PUT", f"/api/conversations/{b}/labels/{label['id']}").status == 404


def test_bulk_actions_succeed_and_fail_one_by_one(desk: Desk) -> None:
    a, b = talk(desk, "b1"), talk(desk, "b2")
    desk.call("POST", f"/api/conversations/{b}/closure", json={})
    group = desk.world.write(lambda tx: ensure_default_groups(tx, SHOP_A))["live"]
    body = {"conversation_ids": [a, b, 12345], "action": "assign", "agent_id": BOB, "group_id": group}
    answer = desk.call("POST", "/api/conversations/bulk", json=body)
    told = [(item["is_done"], item["code"]) for item in answer.body["items"]]
    assert told == [(True, ""), (False, "inbox.conversation_closed"), (False, "kit.not_found")]
    assert desk.call("POST", "/api/conversations/bulk", as_=BOB_IN_GROUP, json=body).status == 403
    assert desk.call("POST", "/api/conversations/bulk", json={**body, "action": "label"}).status == 422


def test_many_are_given_to_somebody_and_stay_in_their_groups(desk: Desk) -> None:
    groups = desk.world.write(lambda tx: ensure_default_groups(tx, SHOP_A))
    a = talk(desk, "g1")
    bulk = {"conversation_ids": [a], "action": "assign"}
    desk.call("POST", "/api/conversations/bulk", json={**bulk, "group_id": groups["live"]})
    desk.call("POST", "/api/conversations/bulk", json={**bulk, "agent_id": BOB})
    row = desk.call("GET", f"/api/conversations/{a}").body["conversation"]
    assert (row["agent_id"], row["group_id"]) == (BOB, groups["live"])
    undo = {**bulk, "agent_id": None, "group_id": None, "no_group": True}
    assert desk.call("POST", "/api/conversations/bulk", json=undo).body["done_count"] == 1
    row = desk.call("GET", f"/api/conversations/{a}").body["conversation"]
    assert (row["agent_id"], row["group_id"]) == (None, None)


def test_many_sleep_wake_close_and_reopen(desk: Desk) -> None:
    a, b = talk(desk, "s1"), talk(desk, "s2")
    bulk = {"conversation_ids": [a, b]}
    until = later(3_600).isoformat()

    def do(action: str, **more: object) -> int:
        answer = desk.call("POST", "/api/conversations/bulk", json={**bulk, "action": action, **more})
        return answer.body["done_count"] if answer.status == 200 else -answer.status

    def state() -> tuple[str, bool]:
        row = desk.call("GET", f"/api/conversations/{a}").body["conversation"]
        return row["status"], row["snoozed_until"] is not None

    assert do("snooze") == -422
    assert (do("snooze", until=until), state()) == (2, ("open", True))
    assert (do("wake"), state()) == (2, ("open", False))
    assert (do("close"), state()) == (2, ("closed", False))
    assert (do("reopen"), state()) == (2, ("open", False))
    told = desk.call("POST", "/api/conversations/bulk", json={**bulk, "action": "reopen"}).body["items"]
    assert {item["code"] for item in told} == {"inbox.not_closed"} and all(i["message_en"] for i in told)


def test_a_draft_survives_and_another_tabs_newer_text_is_not_lost(desk: Desk) -> None:
    """F13, F14."""
    a = talk(desk)
    path = f"/api/conversations/{a}/draft"
    assert desk.call("PUT", path, json={"text": "写了一半", "version": 0}).body == {"version": 1}
    assert desk.call("GET", f"/api/conversations/{a}").body["draft"]["text"] == "写了一半"
    stale = desk.call("PUT", path, json={"text": "另一个窗口", "version": 0})
    assert stale.code == "kit.stale" and stale.body["detail"]["text"] == "写了一半"
    assert desk.call("PUT", path, json={"text": "", "version": 1}).body == {"version": 0}
    assert desk.call("GET", f"/api/conversations/{a}").body["draft"] is None


def test_saved_views_are_personal_or_the_shops(desk: Desk) -> None:
    body = {"name_zh": "超时的", "filter": {"box": "overdue"}}
    mine = desk.call("POST", "/api/views", as_=BOB_IN_GROUP, json=body).body
    shared = desk.call("POST", "/api/views", json={**body, "is_shared": True}).body
    assert desk.call("POST", "/api/views", as_=BOB_IN_GROUP, json={**body, "is_shared": True}).status == 403
    listed = desk.call("GET", "/api/views", as_=BOB_IN_GROUP).body["items"]
    assert {view["id"] for view in listed} == {mine["id"], shared["id"]}
    change = {**body, "version": 1}
    assert desk.call("PUT", f"/api/views/{mine['id']}", json=change).status == 404
    assert desk.call("PUT", f"/api/views/{mine['id']}", as_=BOB_IN_GROUP, json=change).body["version"] == 2
    assert desk.call("DELETE", f"/api/views/{shared['id']}", as_=BOB_IN_GROUP).status == 403
    assert desk.call("DELETE", f"/api/views/{mine['id']}", as_=BOB_IN_GROUP).status == 200


def test_only_the_one_in_charge_empties_the_unread_count(desk: Desk) -> None:
    a = talk(desk)
    give(desk, a, BOB)
    unread = lambda: only(desk.call("GET", "/api/conversations").body["items"])["unread_count"]
    desk.call("POST", f"/api/conversations/{a}/reads")
    assert unread() == 1
    desk.call("POST", f"/api/conversations/{a}/reads", as_=BOB_IN_GROUP)
    assert unread() == 0


def test_messages_page_back_and_forth_and_around_a_hit(desk: Desk) -> None:
    for n in range(12):
        a = talk(desk, text=f"第{n}句", s=n)
    path = f"/api/conversations/{a}/messages"
    newest = desk.call("GET", path, params={"limit": 5}).body
    assert [m["text"] for m in newest["items"]] == [f"第{n}句" for n in range(7, 12)]
    older = desk.call("GET", path, params={"limit": 5, "cursor": newest["next_cursor"]}).body
    assert [m["text"] for m in older["items"]] == [f"第{n}句" for n in range(2, 7)]
    newer = desk.call("GET", path, params={"after": older["newer_cursor"]}).body
    assert [m["text"] for m in newer["items"]] == [m["text"] for m in newest["items"]]
    hit = older["items"][2]["id"]
    around = desk.call("GET", path, params={"around": hit, "limit": 4}).body["items"]
    assert hit in [m["id"] for m in around] and len(around) == 5


def test_a_reply_is_refused_before_it_is_stored_when_the_channel_cannot_carry_it(desk: Desk) -> None:
    a = talk(desk)
    send = lambda **body: desk.call(
        "POST", f"/api/conversations/{a}/messages", json={"client_id": "client-001", **body}
    )
    assert send(text="长" * 801).code == "inbox.text_too_long"
    assert send(text="  ").code == "inbox.empty_reply"
    video = {"type": "video", "url": "x"}
    assert send(parts=[video]).body["detail"]["types"] == ["video"]
    assert send(parts=[{"type": "hologram"}]).code == "inbox.part_not_supported"
    assert send(parts=[{"type": "image", "blob_id": "12345"}]).status == 404
    assert desk.work() == [] and desk.channel.sent == []


def test_a_delivered_reply_is_taken_back_on_the_platform_first(desk: Desk) -> None:
    a = talk(desk)
    sent = desk.call(
        "POST", f"/api/conversations/{a}/messages", json={"client_id": "client-001", "text": "错"}
    )
    path = f"/api/conversations/{a}/messages/{sent.body['message']['id']}/recall"
    assert desk.call("POST", path).code == "inbox.not_recallable"
    desk.work()
    assert desk.call("POST", path).status == 200 and len(desk.channel.recalled) == 1
    assert desk.call("POST", path).code == "inbox.not_recallable"
    shown = desk.call("GET", f"/api/conversations/{a}/messages").body["items"]
    assert shown[-1]["recalled_at"] is not None


def test_the_printed_transcript_is_masked_escaped_and_leaves_a_trace(desk: Desk) -> None:
    a = talk(desk, text="<b>我电话18612340001</b>")
    text = desk.text(f"/api/conversations/{a}/transcript.txt")
    html = desk.text(f"/api/conversations/{a}/transcript.html")
    assert "买家：<b>我电话186****0001</b>" in text and "18612340001" not in text + html
    assert "&lt;b&gt;我电话186****0001&lt;/b&gt;" in html
    from miaohui.kit.audit import newest

    assert [row["action"] for row in desk.world.read(lambda conn: newest(conn, [SHOP_A]))][:2] == [
        "inbox.transcript_taken"
    ] * 2


def test_ids_and_texts_beyond_reason_are_refused_with_4xx(desk: Desk) -> None:
    """F10: 0 × 5xx."""
    a = talk(desk)
    cases = [
        ("GET", f"/api/conversations/{2**63}", None), ("GET", "/api/conversations/-1", None),
        ("GET", "/api/conversations/69200000000000000019", None), ("GET", "/api/conversations/abc", None),
        ("POST", f"/api/conversations/{a}/notes", {"text": ""}),
        ("POST", f"/api/conversations/{a}/messages", {"client_id": "短", "text": "x"}),
        ("POST", f"/api/conversations/{a}/messages", {"client_id": "client-001", "text": "x", "shop_id": 2}),
        ("PUT", f"/api/conversations/{a}/snooze", {"until": "yesterday"}),
        ("GET", "/api/conversations?box=everything", None),
    ]  # fmt: skip
    for method, path, body in cases:
        assert 400 <= desk.call(method, path, json=body).status < 500, path
    odd = {"client_id": "client-002", "text": "\u202e零宽\u200b" + "👨‍👩‍👧‍👦" * 90 + "\ufffd"}
    assert desk.call("POST", f"/api/conversations/{a}/messages", json=odd).status == 202
    nul = {"client_id": "client-003", "text": "a\u0000b"}
    assert desk.call("POST", f"/api/conversations/{a}/messages", json=nul).status < 500
