"""The inbox over HTTP: lists, rights, work around conversations (issue item 6; R4, F13, F14)."""

from __future__ import annotations

from typing import Any

import pytest

from miaohui.inbox.actions.conversation import set_due
from miaohui.inbox.routes.shapes import WINDOWS_EN, WINDOWS_ZH
from miaohui.kit.http import Caller
from tests.door import ALICE_OWNER, CHARLIE_OUTSIDER
from tests.inbox.desk import Desk
from tests.inbox.parts import later
from tests.inbox.people import BOB_IN_GROUP, DORA_ELSEWHERE, give, ids, talk
from tests.world import ALICE, BOB, SHOP_A


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
    ("GET", "", None), ("GET", "/window", None), ("GET", "/messages", None),
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


def test_every_reason_of_a_send_window_has_words_in_both_languages() -> None:
    """A line that is down is shown as words, never as the bare `offline`."""
    reasons = {"open", "offline", "closed", "never_opened", "quota", "unreachable"}
    assert set(WINDOWS_ZH) == set(WINDOWS_EN) == reasons
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in words) for words in WINDOWS_ZH.values())
