"""HTTP of the shop's settings: permissions, tenant, versions, one error shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from miaohui.kit.crypto import load_vault
from miaohui.shop import actions
from miaohui.shop.routes import router
from tests.door import ALICE_OWNER, BOB_AGENT, CHARLIE_OUTSIDER, Door, caller
from tests.world import SHOP_A, SHOP_B, World

MANAGER = caller(5, "manager")
LIVE = {
    "title": "双十二晚场", "room": "1号直播间", "presenter": "小美",
    "planned_start_at": "2026-11-22T21:00:00+08:00", "planned_end_at": "2026-11-22T23:00:00+08:00",
}  # fmt: skip


@pytest.fixture
def door(world: World, tmp_path: Path) -> Iterator[Door]:
    for shop_id, name in ((SHOP_A, "甲店"), (SHOP_B, "乙店")):
        world.write(lambda tx, s=shop_id, n=name: actions.create_shop(tx, n, shop_id=s))
    made = Door(world, router)
    made.rt.ports["vault"] = load_vault(tmp_path / "secret.key")
    made.rt.ports["channels"] = ("doudian", "web_widget")
    yield made
    made.close()


def test_the_shop_shows_its_tier_and_is_renamed_with_a_version(door: Door) -> None:
    """spec §1.3."""
    shop = door.call("GET", "/api/shop").body
    assert (shop["name"], shop["tier"]["tier"], shop["tier"]["target_s"]) == ("甲店", "new", 180)
    edit = {"version": 1, "name": "甲旗舰店", "main_category": "女装"}
    assert door.call("PATCH", "/api/shop", json=edit).body["version"] == 2
    stale = door.call("PATCH", "/api/shop", json=edit)
    assert (stale.status, stale.code, stale.body["detail"]["current"]["name"]) == (
        409,
        "kit.stale",
        "甲旗舰店",
    )
    assert door.call("GET", "/api/shop", CHARLIE_OUTSIDER).body["name"] == "乙店"


def test_a_policy_is_written_with_its_version_and_a_stale_writer_sees_the_difference(door: Door) -> None:
    """reliability.md F14."""
    before = door.call("GET", "/api/policies/guard_window").body
    assert (before["version"], before["current"]["version"], len(before["history"])) == (0, 0, 1)
    value = {**before["current"]["value"], "before_s": 900}
    body = {"version": 0, "value": value, "reason": "开播太频繁"}
    after = door.call("PUT", "/api/policies/guard_window", json=body).body
    assert (after["version"], after["current"]["value"]["before_s"]) == (1, 900)
    assert [(v["version"], v["reason"]) for v in after["history"]][0] == (1, "开播太频繁")
    stale = door.call("PUT", "/api/policies/guard_window", json={**body, "value": {**value, "after_s": 60}})
    assert (stale.status, stale.code) == (409, "kit.stale")
    assert stale.body["detail"]["difference"] == [{"path": "after_s", "old": 3600, "new": 60}]
    undone = door.call("POST", "/api/policies/guard_window/undo", json={"version": 1, "undo_version": 0}).body
    assert (undone["version"], undone["current"]["value"]["before_s"]) == (2, 1800)
    assert undone["history"][0]["undoes_version"] == 0


def test_every_kind_is_listed_with_its_source(door: Door) -> None:
    items = door.call("GET", "/api/policies").body["items"]
    assert {"response_targets", "tiers", "staffing"} <= {item["kind"] for item in items}
    assert all(item["source"] and item["title_zh"] for item in items)


def test_a_bad_policy_names_the_place_in_chinese(door: Door) -> None:
    answer = door.call("PUT", "/api/policies/tier", json={"version": 0, "value": {"tier": "巨大"}})
    assert (answer.status, answer.code) == (422, "shop.bad_policy")
    assert answer.body["detail"]["problems"] == [
        {"path": "tier", "message": "只能是以下之一：new、growing、ka"}
    ]
    assert door.call("GET", "/api/policies/unheard_of").code == "shop.unknown_policy"


@pytest.mark.parametrize(
    "body",
    [
        {"version": 0, "value": {"tier": "ka"}, "effective_from": "9999-12-31T23:59:59Z"},
        {"version": 0, "value": {"tier": "ka"}, "effective_from": "2026-12-01T00:00:00"},
        {"version": 0, "value": {"tier": "ka"}, "reason": "a\u0000b"},
        {"version": 2**40, "value": {"tier": "ka"}},
        {"version": 0, "value": "ka"},
        {"version": 0, "value": {"tier": "ka"}, "shop_id": SHOP_B},
        {"version": 0, "value": {"\ud800": 1}},
        {"version": 0, "value": {"tier": "\ud800"}},
    ],
)
def test_hostile_bodies_are_refused_and_change_nothing(door: Door, body: dict) -> None:
    """reliability.md F10: never a 500."""
    answer = door.call(
        "PUT", "/api/policies/tier", content=json.dumps(body), headers={"content-type": "application/json"}
    )
    assert answer.status == 422, answer
    assert door.call("GET", "/api/policies/tier").body["version"] == 0


def test_viewing_needs_less_than_changing(door: Door) -> None:
    assert door.call("GET", "/api/policies/tier", BOB_AGENT).status == 200
    for method, path, body in [
        ("PUT", "/api/policies/tier", {"version": 0, "value": {"tier": "ka"}}),
        ("POST", "/api/live-sessions", LIVE),
        ("PATCH", "/api/shop", {"version": 1, "name": "x"}),
        ("GET", "/api/channel-accounts", None),
    ]:
        assert door.call(method, path, BOB_AGENT, json=body).code == "kit.forbidden", path
        assert door.call(method, path, None, json=body).code == "kit.unauthenticated", path


def test_a_live_session_lives_over_http_with_its_guard_window(door: Door) -> None:
    """spec §2.4."""
    made = door.call("POST", "/api/live-sessions", json=LIVE)
    assert (made.status, made.body["state"], made.body["version"]) == (201, "planned", 1)
    assert made.body["guard_from"].startswith("2026-11-22T12:30:00")
    assert made.body["guard_until"].startswith("2026-11-22T16:00:00")
    path = f"/api/live-sessions/{made.body['id']}"
    assert door.call("POST", f"{path}/start").body["state"] == "live"
    longer = {"planned_end_at": "2026-11-23T00:30:00+08:00", "reason": "加播"}
    assert (
        door.call("POST", f"{path}/extension", json=longer).body["guard_until"].startswith("2026-11-22T17:30")
    )
    assert door.call("POST", f"{path}/cancellation", json={}).code == "shop.wrong_live_state"
    ended = door.call("POST", f"{path}/end", json={"reason": "卖完了"}).body
    assert (ended["state"], [c["change"] for c in ended["changes"]]) == (
        "ended",
        ["planned", "started", "extended", "ended"],
    )
    assert door.call("GET", path, CHARLIE_OUTSIDER).status == 404
    assert [row["id"] for row in door.call("GET", "/api/live-sessions").body["items"]] == [ended["id"]]


def test_a_stale_move_of_a_live_session_is_a_conflict(door: Door) -> None:
    made = door.call("POST", "/api/live-sessions", json=LIVE).body
    edit = {**LIVE, "version": 1, "title": "夜场"}
    assert door.call("PATCH", f"/api/live-sessions/{made['id']}", json=edit).body["title"] == "夜场"
    stale = door.call("PATCH", f"/api/live-sessions/{made['id']}", json=edit)
    assert (stale.status, stale.body["detail"]["current"]["version"]) == (409, 2)


def test_a_promotion_and_a_holiday_are_kept(door: Door) -> None:
    """spec §2.5, §2.3."""
    plan = {
        "name_zh": "双十二",
        "starts_at": "2026-12-10T00:00:00+08:00",
        "ends_at": "2026-12-13T00:00:00+08:00",
    }
    made = door.call("POST", "/api/promotions", json=plan)
    assert (made.status, made.body["shift_count"]) == (201, 3)
    path = f"/api/promotions/{made.body['id']}"
    moved = door.call("PATCH", path, json={**plan, "version": 1, "target_s": 15}).body
    assert (moved["version"], moved["target_s"]) == (2, 15)
    assert door.call("POST", f"{path}/cancellation", json={"reason": "改期"}).body["cancelled_at"]
    day = "/api/calendar-exceptions/2027-02-06"
    put = door.call("PUT", day, json={"name_zh": "除夕", "windows": [["10:00", "24:00"]]})
    assert (put.status, put.body["windows"]) == (200, [["10:00", "24:00"]])
    assert len(door.call("GET", "/api/calendar-exceptions").body["items"]) == 1
    assert door.call("DELETE", day).status == 204
    assert door.call("DELETE", day).status == 404
    bad = door.call("PUT", day, json={"name_zh": "除夕", "windows": [["10:00", "25:00"]]})
    assert bad.code == "shop.bad_policy"


def test_a_tier_proposal_is_decided_over_http(door: Door) -> None:
    """spec §1.3."""
    door.world.write(lambda tx: actions.propose_tier(tx, SHOP_A, 80, 7))
    (proposal,) = door.call("GET", "/api/shop/tier-proposals").body["items"]
    path = f"/api/shop/tier-proposals/{proposal['id']}/decision"
    assert door.call("POST", path, CHARLIE_OUTSIDER, json={"decision": "accepted"}).status == 404
    assert door.call("POST", path, json={"decision": "accepted"}).body["decision"] == "accepted"
    assert door.call("GET", "/api/shop").body["tier"]["tier"] == "growing"
    assert door.call("POST", path, json={"decision": "declined"}).code == "shop.already_decided"


def test_a_channel_is_connected_and_its_secrets_never_come_out(door: Door) -> None:
    body = {
        "channel": "doudian", "name": "抖店主店", "config": {"app_key": "7001"},
        "secrets": {"app_secret": "top-s3cret"},
    }  # fmt: skip
    made = door.call("POST", "/api/channel-accounts", MANAGER, json=body)
    assert (made.status, made.body["state"], made.body["secret_names"]) == (201, "active", ["app_secret"])
    assert made.body["hook_path"] == f"/hooks/doudian/{made.body['account_key']}"
    path = f"/api/channel-accounts/{made.body['id']}"
    door.call("PUT", f"{path}/secrets", MANAGER, json={"secrets": {"token": "t0ken-value"}})
    for answer in (made, door.call("GET", path), door.call("GET", "/api/channel-accounts")):
        assert "s3cret" not in str(answer.body) and "t0ken" not in str(answer.body)
    paused = door.call("POST", f"{path}/states", MANAGER, json={"state": "paused", "reason": "盘点"})
    assert (paused.body["state"], paused.body["state_reason"]) == ("paused", "盘点")
    assert door.call("GET", path, CHARLIE_OUTSIDER).status == 404
    unknown = door.call("POST", "/api/channel-accounts", MANAGER, json={**body, "channel": "telegram"})
    assert unknown.code == "shop.unknown_channel"


def test_a_connection_test_asks_the_platform_and_keeps_the_answer(door: Door) -> None:
    made = door.call(
        "POST", "/api/channel-accounts", MANAGER,
        json={"channel": "doudian", "name": "抖店", "secrets": {"app_secret": "right"}},
    ).body  # fmt: skip

    async def check(account) -> dict:
        fits = account.secrets["app_secret"] == "right"
        return {"ok": fits, "what_zh": "连接正常" if fits else "密钥不对", "log_id": "L1"}

    door.rt.ports["channel_check"] = check
    path = f"/api/channel-accounts/{made['id']}"
    passed = door.call("POST", f"{path}/checks", MANAGER).body
    assert (passed["result"], passed["message_zh"], passed["detail"]) == (
        "passed",
        "连接正常",
        {"log_id": "L1"},
    )
    door.call("PUT", f"{path}/secrets", MANAGER, json={"secrets": {"app_secret": "wrong"}})
    assert door.call("POST", f"{path}/checks", MANAGER).body["result"] == "failed"
    assert [c["result"] for c in door.call("GET", path).body["checks"]] == ["failed", "passed"]


@pytest.mark.parametrize(
    "path", ["/api/live-sessions/9999999999999999999", "/api/promotions/-1/cancellation"]
)
def test_ids_that_no_row_can_have_are_refused(door: Door, path: str) -> None:
    method = "GET" if "live" in path else "POST"
    assert door.call(method, path, ALICE_OWNER, json={}).status == 422
