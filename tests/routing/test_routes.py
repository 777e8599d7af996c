"""HTTP of routing: presence, board, queue, reasons, claim, transfer, take-over, bulk, rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from miaohui.routing.routes import router
from tests.door import ALICE_OWNER, CHARLIE_OUTSIDER, Door, caller
from tests.routing.desk import ANNA, BEN, Desk
from tests.world import SHOP_B


@pytest.fixture
def door(desk: Desk) -> Iterator[Door]:
    made = Door(desk.world, router)
    yield made
    made.close()


def agent(desk: Desk, user_id: int, *kinds: str) -> object:
    """A caller with the role agent in these groups."""
    return caller(user_id, "agent", group_ids=[desk.groups[kind] for kind in kinds])


def test_a_person_goes_online_and_is_refused_to_leave_with_chats(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale", presence="offline")
    anna = agent(desk, ANNA, "pre_sale")
    assert door.call("PUT", "/api/presence", anna, json={"presence": "online"}).body["state"] == "online"
    desk.come(1)
    refused = door.call("PUT", "/api/presence", anna, json={"presence": "offline"})
    assert (refused.status, refused.code) == (409, "routing.in_progress")
    assert refused.body["detail"]["conversation_count"] == 1
    done = door.call("PUT", "/api/presence", anna, json={"presence": "offline", "handover": True})
    assert (done.status, done.body["state"]) == (200, "offline")
    assert door.call("PUT", "/api/presence", anna, json={"presence": "asleep"}).status == 422


def test_the_board_shows_seats_loads_and_queues(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.seat(BEN, "orders", presence="on_break")
    desk.come(1)
    desk.come(2)
    room = door.call("GET", "/api/presence").body
    seats = {s["user_id"]: (s["state_zh"], s["load"], s["capacity_now"]) for s in room["items"]}
    assert seats == {ANNA: ("在线", 1, 1), BEN: ("小休", 0, 10)}
    assert room["is_open"] is True
    (queue,) = room["queues"]
    assert (queue["group_id"], queue["count"]) == (desk.groups["pre_sale"], 1)
    assert queue["estimate"]["text_zh"] == "第 2 位，等待时间数据不足（n=0）"


def test_a_heartbeat_over_http_keeps_a_client_without_socket_alive(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale")
    anna = agent(desk, ANNA)
    desk.world.clock.advance(100)
    alive = door.call("POST", "/api/presence/heartbeats", anna).body["alive_until_at"]
    assert alive == "2026-11-22T12:02:25Z"


def test_the_queue_is_paged_in_order_with_places(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.seat(BEN, "orders", capacity=1)
    chats = []
    for buyer in range(6):
        chats.append(desk.come(buyer, "商品详情页" if buyer % 2 else "订单详情页"))
        desk.world.clock.advance(1)
    first = door.call("GET", "/api/queue?limit=3").body
    assert [w["conversation_id"] for w in first["items"]] == chats[2:5]
    assert [w["estimate"]["position"] for w in first["items"]] == [1, 1, 2]
    second = door.call("GET", f"/api/queue?limit=3&cursor={first['next_cursor']}").body
    assert [w["conversation_id"] for w in second["items"]] == chats[5:]
    assert second["next_cursor"] is None
    own = door.call("GET", f"/api/queue?group_id={desk.groups['orders']}").body["items"]
    assert [w["conversation_id"] for w in own] == [chats[2], chats[4]]
    assert own[0]["waited_s"] == 4.0
    for cursor in ("x", "1_", f"{2**70}_1"):
        assert door.call("GET", f"/api/queue?cursor={cursor}").status == 422


def test_agents_see_the_queue_of_their_groups_only(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale", presence="on_break")
    mine, other = desk.come(1, "商品详情页"), desk.come(2, "订单详情页")
    anna = agent(desk, ANNA, "pre_sale")
    seen = door.call("GET", "/api/queue", anna).body["items"]
    assert [w["conversation_id"] for w in seen] == [mine]
    assert door.call("GET", f"/api/conversations/{other}/routing", anna).status == 404
    assert door.call("POST", f"/api/conversations/{other}/claim", anna).status == 404


def test_why_did_she_get_it_and_why_not_he(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.seat(BEN, "pre_sale", presence="on_break")
    chat = desk.come(1)
    found = door.call("GET", f"/api/conversations/{chat}/routing").body
    assert (found["state"], found["agent_id"], found["version"]) == ("placed", ANNA, 2)
    (decision,) = found["items"]
    assert decision["explanation_zh"].startswith("买家进线，已分配给客服11")
    assert [(c["user_id"], c["verdict"]) for c in decision["candidates"]] == [(ANNA, "ok"), (BEN, "on_break")]
    assert decision["candidates"][1]["explanation_zh"] == "客服12：没有分给，小休中，不接新会话"


def test_a_waiting_conversation_shows_its_place(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    desk.come(1)
    desk.world.clock.advance(1)
    desk.come(2)
    desk.world.clock.advance(1)
    chat = desk.come(3)
    found = door.call("GET", f"/api/conversations/{chat}/routing").body
    assert (found["state"], found["place"]["position"], found["place"]["expected_s"]) == ("queued", 2, None)


def test_the_wait_is_estimated_from_what_left_the_queue_lately(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale", capacity=1)
    current = desk.come(0)
    waiting = [desk.come(buyer) for buyer in range(1, 15)]
    for following in waiting[:12]:
        desk.world.clock.advance(20)
        desk.answer(current, ANNA)
        desk.close(current)
        current = following
    found = door.call("GET", f"/api/conversations/{waiting[13]}/routing").body["place"]
    assert (found["position"], found["expected_s"], found["sample_count"]) == (2, 40, 11)
    assert found["text_zh"] == "第 2 位，预计 40 秒（40–40 秒，n=11）"


def test_claim_transfer_and_takeover_over_http(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale", presence="on_break")
    desk.seat(BEN, "pre_sale", presence="on_break")
    anna, ben = agent(desk, ANNA, "pre_sale"), agent(desk, BEN, "pre_sale")
    chat = desk.come(1)
    assert door.call("POST", f"/api/conversations/{chat}/claim", anna).body["agent_id"] == ANNA
    late = door.call("POST", f"/api/conversations/{chat}/claim", ben)
    assert (late.status, late.code, late.body["detail"]) == (409, "routing.already_owned", {"agent_id": ANNA})
    path = f"/api/conversations/{chat}/transfer"
    assert door.call("POST", path, ben, json={"to_user_id": BEN}).code == "routing.not_yours"
    moved = door.call("POST", path, anna, json={"to_user_id": BEN, "note": "改地址"})
    assert (moved.status, moved.body["agent_id"], moved.body["items"][0]["note"]) == (201, BEN, "改地址")
    takeover = f"/api/conversations/{chat}/takeover"
    assert door.call("POST", takeover, ben, json={}).status == 403
    assert door.call("POST", takeover, ALICE_OWNER, json={"note": "投诉"}).body["agent_id"] == 1
    desk.close(chat)
    closed = door.call("POST", f"/api/conversations/{chat}/claim", anna)
    assert (closed.status, closed.code) == (404, "routing.not_routed")


def test_a_supervisor_lets_a_chat_go_ahead(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale", presence="on_break")
    first = desk.come(1)
    desk.world.clock.advance(10)
    second = desk.come(2)
    path = f"/api/conversations/{second}/boosts"
    assert door.call("POST", path, json={"boost": "complaint"}).body["place"]["position"] == 1
    assert desk.waiting() == [second, first]
    assert door.call("POST", path, json={"boost": "because"}).status == 422
    assert door.call("POST", path, agent(desk, ANNA, "pre_sale"), json={"boost": "vip"}).status == 403


def test_a_shift_end_over_http_answers_item_by_item(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale")
    chats = [desk.come(buyer) for buyer in range(2)]
    desk.seat(BEN, "pre_sale")
    body = {"from_user_id": ANNA, "to_user_ids": [BEN], "reason": "下班", "conversation_ids": [chats[0], 5]}
    found = door.call("POST", "/api/reassignments", json=body).body
    assert [(i["conversation_id"], i["ok"], i["code"]) for i in found["items"]] == [
        (chats[0], True, ""),
        (5, False, "routing.not_routed"),
    ]
    assert found["remaining_count"] == 1
    assert door.call("POST", "/api/reassignments", agent(desk, BEN), json=body).status == 403


def test_a_supervisor_sets_somebodys_presence_and_reads_the_log(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale")
    desk.world.clock.advance(3600)
    path = f"/api/agents/{ANNA}"
    offline = {"presence": "offline", "reason": "shift_end"}
    assert door.call("PUT", f"{path}/presence", json=offline).body["state"] == "offline"
    desk.world.clock.advance(60)
    log = door.call("GET", f"{path}/state-log").body
    assert log["seconds_by_state"]["online"] == 3600.0
    assert [(s["state_zh"], s["reason"], s["by_user_id"]) for s in log["items"]] == [
        ("在线", "login", ANNA),
        ("离线", "shift_end", 1),
    ]
    assert door.call("GET", f"{path}/state-log", agent(desk, ANNA)).status == 200
    assert door.call("GET", f"{path}/state-log", agent(desk, BEN)).status == 403
    bad = "since=2026-01-01T00:00:00Z&until=2026-12-31T00:00:00Z"
    assert door.call("GET", f"{path}/state-log?{bad}").code == "routing.bad_span"
    assert door.call("GET", f"{path}/state-log?since=2026-01-01T00:00:00").status == 422


def test_rules_are_read_changed_and_protected_by_their_version(desk: Desk, door: Door) -> None:
    found = door.call("GET", "/api/routing/settings").body
    assert (found["version"], found["rules"]["mode"], found["rules"]["retransfer_after_s"]) == (
        0,
        "priority",
        180,
    )
    rules = {**found["rules"], "mode": "even"}
    body = {"rules": rules, "version": 0, "reason": "试试"}
    changed = door.call("PUT", "/api/routing/settings", json=body).body
    assert (changed["version"], changed["rules"]["mode"], changed["items"][0]["reason"]) == (
        1,
        "even",
        "试试",
    )
    stale = door.call("PUT", "/api/routing/settings", json=body)
    assert (stale.status, stale.code, stale.body["detail"]["version"]) == (409, "kit.stale", 1)
    wrong = {"rules": {**rules, "grace_s": 1}, "version": 1}
    refused = door.call("PUT", "/api/routing/settings", json=wrong)
    assert (refused.code, refused.body["detail"]["problems"]) == (
        "routing.bad_rules",
        ["grace_s 须在 10–3600 之间"],
    )
    assert door.call("PUT", "/api/routing/settings", agent(desk, ANNA), json=body).status == 403


def test_charlie_sees_and_moves_nothing_of_another_shop(desk: Desk, door: Door) -> None:
    desk.seat(ANNA, "pre_sale")
    chat = desk.come(1)
    charlie = CHARLIE_OUTSIDER
    assert charlie.shop_id == SHOP_B
    assert door.call("GET", "/api/presence", charlie).body["items"] == []
    assert door.call("GET", "/api/queue", charlie).body["items"] == []
    for method, path, body in (
        ("GET", "routing", None), ("POST", "claim", None), ("POST", "transfer", {"to_user_id": 3}),
        ("POST", "takeover", {}),
    ):  # fmt: skip
        answer = door.call(method, f"/api/conversations/{chat}/{path}", charlie, json=body)
        assert (path, answer.status) == (path, 404)
    offline = {"presence": "offline", "handover": True}
    assert door.call("PUT", f"/api/agents/{ANNA}/presence", charlie, json=offline).status == 404
    moved = door.call("POST", "/api/reassignments", charlie, json={"from_user_id": ANNA})
    assert moved.status == 404 and desk.owner(chat) == ANNA


@pytest.mark.parametrize(
    "path", ["/api/conversations/99999999999999999999/routing", "/api/conversations/x/routing"]
)
def test_impossible_ids_get_a_clear_answer(door: Door, path: str) -> None:
    assert door.call("GET", path).status == 422
