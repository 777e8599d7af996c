"""The inbox over HTTP: lists, rights, work around conversations (issue item 6; R4, F13, F14)."""

from __future__ import annotations

from typing import Any

import pytest

from miaohui.inbox.actions.conversation import assign_conversation, set_due
from miaohui.inbox.actions.facts import apply_fact
from miaohui.kit.http import Caller
from tests.door import ALICE_OWNER, CHARLIE_OUTSIDER, Answer, caller
from tests.inbox.desk import Desk
from tests.inbox.parts import later, line, only
from tests.world import ALICE, BOB, SHOP_A

GROUP = 77
BOB_IN_GROUP = caller(BOB, "agent", group_ids=[GROUP])
DORA_ELSEWHERE = caller(9, "agent", group_ids=[88])


def talk(desk: Desk, buyer: str = "b1", text: str = "在吗", s: float = 0) -> int:
    """Let a buyer speak; returns the conversation."""
    fact = line(text, f"{buyer}-{text}-{s}", buyer, account=desk.account, at=later(s))
    desk.world.write(lambda tx: apply_fact(tx, desk.account, fact))
    query = f"SELECT id FROM inbox_conversations WHERE peer = 'c-{buyer}' ORDER BY id DESC"
    return int(desk.world.read(lambda conn: conn.exec_driver_sql(query).first())[0])


def give(desk: Desk, conversation_id: int, agent_id: int | None, group_id: int | None = GROUP) -> None:
    desk.world.write(
        lambda tx: assign_conversation(tx, SHOP_A, conversation_id, agent_id, group_id, "test", None)
    )


def ids(answer: Answer) -> list[int]:
    return [row["id"] for row in answer.body["items"]]


def test_what_burns_first_is_on_top_then_who_waits_longest_then_the_newest(desk: Desk) -> None:
    a, b, c, d = (talk(desk, f"b{n}", s=n) for n in range(4))
    desk.world.write(lambda tx: set_due(tx, SHOP_A, c, later(60)))
    desk.world.write(lambda tx: set_due(tx, SHOP_A, b, later(30)))
    desk.world.clock.advance(1)
    reply = {"client_id": "client-001", "text": "在的"}
    assert desk.call("POST", f"/api/conversations/{a}/messages", json=reply).status == 202
    desk.work()
    assert ids(desk.call("GET", "/api/conversations")) == [b, c, d, a]


def test_pages_follow_each_other_without_gap_or_repeat(desk: Desk) -> None:
    all_ids = [talk(desk, f"b{n}", s=n % 3) for n in range(11)]
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = desk.call("GET", "/api/conversations", params={"limit": 4, "cursor": cursor})
        seen += ids(page)
        cursor = page.body["next_cursor"]
    assert sorted(seen) == sorted(all_ids) and len(seen) == 11


@pytest.mark.parametrize("cursor", ["x", "1.2", "1.2.3.4.5", "1.2.3.99999999999999999999", "--1.1.1.1"])
def test_a_made_up_cursor_is_refused(desk: Desk, cursor: str) -> None:
    assert desk.call("GET", "/api/conversations", params={"cursor": cursor}).code == "kit.invalid"


def test_the_boxes_hold_and_count_what_they_say(desk: Desk) -> None:
    a, b, c, d = (talk(desk, f"b{n}", s=n) for n in range(4))
    give(desk, a, BOB)
    desk.world.write(lambda tx: set_due(tx, SHOP_A, b, later(-10)))
    desk.call("PUT", f"/api/conversations/{c}/snooze", json={"until": later(3600).isoformat()})
    desk.call("POST", f"/api/conversations/{d}/closure", json={})
    box = lambda name, who=ALICE_OWNER: set(
        ids(desk.call("GET", "/api/conversations", as_=who, params={"box": name}))
    )
    assert (box("open"), box("unassigned"), box("overdue")) == ({a, b}, {b}, {b})
    assert (box("snoozed"), box("closed"), box("mine", BOB_IN_GROUP)) == ({c}, {d}, {a})
    counts = desk.call("GET", "/api/conversations/counts").body
    assert counts == {
        "open": 2, "mine": 0, "unassigned": 1, "waiting": 2, "overdue": 1, "snoozed": 1, "mentioned": 0,
    }  # fmt: skip


def test_a_list_page_takes_three_sql_statements_whatever_its_size(desk: Desk) -> None:
    from sqlalchemy import event

    from miaohui.inbox.model import ListFilter, Page, Scope
    from miaohui.inbox.queries import lists

    for n in range(12):
        talk(desk, f"b{n}", s=n)
    seen: list[str] = []
    original = lists.raw_rows
    try:
        lists.raw_rows = lambda conn, sql, params=(): (seen.append(sql.text), original(conn, sql, params))[1]
        event.listen(desk.world.db.write_engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        page = desk.world.read(
            lambda conn: lists.list_conversations(
                conn, Scope(1, None), SHOP_A, ListFilter(), Page(10), later(0), with_counts=True
            )
        )
    finally:
        lists.raw_rows = original
    selects = [text for text in seen if text.startswith("SELECT")]
    assert len(page.items) == 10 and len(selects) == 3


def test_an_agent_sees_own_groups_and_own_conversations_only(desk: Desk) -> None:
    """R4: an agent of another group finds nothing, not even by id."""
    a, b = talk(desk, "b1"), talk(desk, "b2")
    give(desk, a, None)
    give(desk, b, BOB, 88)
    assert set(ids(desk.call("GET", "/api/conversations", as_=BOB_IN_GROUP))) == {a, b}
    assert ids(desk.call("GET", "/api/conversations", as_=DORA_ELSEWHERE)) == [b]
    assert desk.call("GET", f"/api/conversations/{a}", as_=DORA_ELSEWHERE).status == 404


EVERY_DOOR: list[tuple[str, str, Any]] = [
    ("GET", "", None), ("GET", "/window", None), ("GET", "/messages", None), ("POST", "/claim", None),
    ("POST", "/assignment", {"agent_id": 5}), ("POST", "/closure", {}), ("POST", "/reopening", {}),
    ("PUT", "/priority", {"priority": 1, "reason": "x"}), ("DELETE", "/snooze", None),
    ("PUT", "/snooze", {"until": "2027-01-01T00:00:00Z"}), ("POST", "/notes", {"text": "x"}),
    ("POST", "/messages", {"client_id": "client-001", "text": "x"}), ("POST", "/reads", None),
    ("PUT", "/draft", {"text": "x", "version": 0}), ("GET", "/transcript.txt", None),
    ("GET", "/transcript.html", None), ("PUT", "/labels/1", None), ("DELETE", "/labels/1", None),
    ("POST", "/messages/1/recall", None), ("POST", "/messages/1/verdict", {"has_arrived": True}),
    ("GET", "/messages/1/history", None), ("POST", "/typing", None),
]  # fmt: skip


@pytest.mark.parametrize("who", [CHARLIE_OUTSIDER, DORA_ELSEWHERE], ids=["other_shop", "other_group"])
def test_nobody_gets_through_any_door_to_a_foreign_conversation(desk: Desk, who: Caller) -> None:
    """R4: the same answer as for one that does not exist."""
    a = talk(desk)
    give(desk, a, BOB)
    for method, tail, body in EVERY_DOOR:
        answer = desk.call(method, f"/api/conversations/{a}{tail}", as_=who, json=body)
        assert answer.status in (403, 404), (method, tail, answer)
        missing = desk.call(method, f"/api/conversations/{a + 1}{tail}", as_=who, json=body)
        assert (missing.status, missing.code) == (answer.status, answer.code), (method, tail)


def test_fifty_claims_have_exactly_one_winner(desk: Desk) -> None:
    """F14."""
    a = talk(desk)
    give(desk, a, None)
    claims = [
        desk.call("POST", f"/api/conversations/{a}/claim", as_=caller(n, "agent", group_ids=[GROUP]))
        for n in range(100, 150)
    ]
    assert sorted(answer.status for answer in claims) == [200] + [409] * 49
    assert {answer.code for answer in claims if answer.status == 409} == {"inbox.taken"}


def test_assignments_closures_and_reopenings_are_rows_with_who_and_why(desk: Desk) -> None:
    a = talk(desk)
    desk.call("POST", f"/api/conversations/{a}/assignment", json={"agent_id": BOB, "reason": "懂尺码"})
    desk.call("POST", f"/api/conversations/{a}/closure", json={"reason": "solved"})
    desk.call("POST", f"/api/conversations/{a}/reopening", json={"reason": "补发"})
    assert desk.call("POST", f"/api/conversations/{a}/reopening", json={}).code == "inbox.not_closed"
    changes = desk.call("GET", f"/api/conversations/{a}").body["changes"]
    told = [(c["what"], c["reason"], c["by_user_id"]) for c in changes]
    assert told == [
        ("assigned", "懂尺码", ALICE), ("closed", "solved", ALICE), ("reopened", "补发", ALICE),
        ("assigned", "reopened", ALICE),
    ]  # fmt: skip


def test_a_closed_conversation_is_not_reopened_beside_a_new_one(desk: Desk) -> None:
    a = talk(desk)
    desk.call("POST", f"/api/conversations/{a}/closure", json={})
    desk.world.clock.advance(3600)
    b = talk(desk, text="又来了", s=3600)
    assert a != b
    answer = desk.call("POST", f"/api/conversations/{a}/reopening", json={})
    assert answer.code == "inbox.other_open" and answer.body["detail"]["conversation_id"] == b


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
    body = {"conversation_ids": [a, b, 12345], "action": "assign", "agent_id": BOB, "group_id": GROUP}
    answer = desk.call("POST", "/api/conversations/bulk", json=body)
    told = [(item["is_done"], item["code"]) for item in answer.body["items"]]
    assert told == [(True, ""), (False, "inbox.conversation_closed"), (False, "kit.not_found")]
    assert desk.call("POST", "/api/conversations/bulk", as_=BOB_IN_GROUP, json=body).status == 403
    assert desk.call("POST", "/api/conversations/bulk", json={**body, "action": "label"}).status == 422


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
