"""HTTP of the team: permissions, tenant, versions, one error shape."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from miaohui.staff import actions
from miaohui.staff.routes import router
from tests.door import ALICE_OWNER, BOB_AGENT, CHARLIE_OUTSIDER, Door
from tests.people import employ
from tests.world import BOB, SHOP_A, World

NAIVE = {"max_concurrency": 5, "version": 1, "effective_at": "2026-12-01T00:00:00"}


@pytest.fixture
def door(world: World) -> Iterator[Door]:
    world.write(lambda tx: employ(tx, BOB, "agent"))
    made = Door(world, router)
    yield made
    made.close()


@pytest.fixture
def groups(world: World) -> dict[str, int]:
    return world.write(lambda tx: actions.ensure_default_groups(tx, SHOP_A))


def test_a_supervisor_builds_a_team_over_http(door: Door, groups: dict[str, int]) -> None:
    body = {"user_id": BOB, "display_name": "小白", "group_ids": [groups["live"]]}
    made = door.call("POST", "/api/agents", json=body)
    assert (made.status, made.body["max_concurrency"]) == (201, 10)
    listed = door.call("GET", "/api/groups").body["items"]
    assert {g["kind"]: g["user_ids"] for g in listed}["live"] == [BOB]
    edit = {"display_name": "白", "group_ids": [groups["orders"]], "version": 1}
    assert door.call("PUT", f"/api/agents/{BOB}", json=edit).body["group_ids"] == [groups["orders"]]
    stale = door.call("PUT", f"/api/agents/{BOB}", json=edit)
    assert (stale.status, stale.code, stale.body["detail"]["version"]) == (409, "kit.stale", 2)


def test_capacity_and_skills_are_read_and_written(door: Door) -> None:
    door.call("POST", "/api/agents", json={"user_id": BOB, "display_name": "小白"})
    path = f"/api/agents/{BOB}/capacity"
    assert door.call("PUT", path, json={"max_concurrency": 12, "version": 1}).body["max_concurrency"] == 12
    assert door.call("PUT", path, json={"max_concurrency": 51, "version": 2}).code == "staff.bad_capacity"
    skills = {"skills": [{"code": "platform_rules", "level": 3, "expires_on": "2026-11-21"}], "version": 0}
    given = door.call("PUT", f"/api/agents/{BOB}/skills", json=skills)
    # The world's day is 2026-11-22, so this skill lapsed yesterday (spec §1.5: skills expire).
    assert given.body["items"] == [
        {"code": "platform_rules", "level": 3, "expires_on": "2026-11-21", "name_zh": "平台规则",
         "is_expired": True}
    ]  # fmt: skip


def test_agents_may_look_but_not_change(door: Door, groups: dict[str, int]) -> None:
    assert door.call("GET", "/api/agents", as_=BOB_AGENT).status == 200
    refused = door.call("POST", "/api/agents", as_=BOB_AGENT, json={"user_id": 9, "display_name": "x"})
    assert (refused.status, refused.code) == (403, "kit.forbidden")
    assert door.call("GET", "/api/agents", as_=None).status == 401


def test_charlie_cannot_see_or_change_another_shops_team(door: Door, groups: dict[str, int]) -> None:
    door.call("POST", "/api/agents", json={"user_id": BOB, "display_name": "小白"})
    assert door.call("GET", f"/api/agents/{BOB}", as_=CHARLIE_OUTSIDER).status == 404
    assert door.call("GET", "/api/groups", as_=CHARLIE_OUTSIDER).body["items"] == []
    edit = {"kind": "live", "name": "抢", "version": 1}
    assert door.call("PUT", f"/api/groups/{groups['live']}", as_=CHARLIE_OUTSIDER, json=edit).status == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/groups", {"kind": "nonsense", "name": "x"}),
        ("POST", "/api/groups", {"kind": "live", "name": ""}),
        ("POST", "/api/agents", {"user_id": 2**70, "display_name": "x"}),
        ("POST", "/api/agents", {"user_id": 5, "display_name": "x", "shop_id": 202}),
        ("PUT", f"/api/agents/{BOB}/capacity", NAIVE),
        ("POST", "/api/skills", {"code": "坏", "name_zh": "x"}),
    ],
)  # fmt: skip
def test_bad_bodies_get_a_clear_answer(door: Door, method: str, path: str, body: dict[str, object]) -> None:
    assert door.call(method, path, json=body).status == 422


def test_reserve_catalogue_departure_and_archival_over_http(door: Door, groups: dict[str, int]) -> None:
    door.call("POST", "/api/agents", json={"user_id": BOB, "display_name": "小白"})
    assert door.call("PUT", f"/api/agents/{BOB}/reserve", json={"reason": "备岗"}).body["in_reserve"] is True
    assert door.call("GET", "/api/reserve").body["missing_count"] == 0
    assert door.call("PUT", "/api/reserve", json={"ratio": 0.5, "reason": "大促", "version": 0}).status == 200
    assert door.call("DELETE", f"/api/agents/{BOB}/reserve").body["in_reserve"] is False
    assert door.call("POST", "/api/skills", json={"code": "skincare", "name_zh": "护肤"}).status == 201
    assert len(door.call("GET", "/api/skills").body["items"]) == 4
    left = door.call("POST", f"/api/agents/{BOB}/departure", json={"reason": "离职"})
    assert (left.status, left.body["departed_at"] is not None) == (201, True)
    assert door.call("GET", "/api/agents").body["items"] == []
    assert door.call("DELETE", f"/api/agents/{BOB}/departure").body["departed_at"] is None
    live = groups["live"]
    overflow = {"group_ids": [groups["after_sale"]], "version": 1}
    assert door.call("PUT", f"/api/groups/{live}/overflow", json=overflow).status == 200
    gone = door.call("POST", f"/api/groups/{live}/archival", json={"reason": "停播", "version": 2})
    assert gone.body["archived_at"] is not None
    assert door.call("GET", f"/api/groups/{live}", as_=ALICE_OWNER).status == 200
