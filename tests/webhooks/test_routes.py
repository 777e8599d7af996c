"""Webhooks over HTTP: who may, what is shown, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from miaohui.kit.addresses import EGRESS_FORBIDDEN
from miaohui.kit.crypto import Vault
from miaohui.webhooks import actions
from miaohui.webhooks.model import MAX_ENDPOINTS, Result
from miaohui.webhooks.routes import router
from tests.door import ALICE_OWNER, BOB_AGENT, CHARLIE_OUTSIDER, Answer, Door
from tests.world import SHOP_A, World


class Gatekeeper:
    """The egress port as routes need it: knows one private address."""

    async def check(self, url: str) -> None:
        if "10.0.0.1" in url:
            EGRESS_FORBIDDEN.refuse(reason="private", host="10.0.0.1")


@pytest.fixture
def door(world: World) -> Iterator[Door]:
    made = Door(world, router)
    made.rt.ports |= {"egress": Gatekeeper(), "vault": Vault(bytes(32))}
    yield made
    made.close()


def add(door: Door, **fields: Any) -> Answer:
    body = {"url": "https://example.com/hook", "filters": ["trade.*"], **fields}
    return door.call("POST", "/api/webhooks", json=body)


def test_a_secret_is_shown_once(door: Door) -> None:
    made = add(door)
    assert made.status == 201 and made.body["secret"].startswith("whsec_")
    shown = door.call("GET", f"/api/webhooks/{made.body['id']}").body
    assert "secret" not in shown and made.body["secret"] not in str(shown)
    assert shown["states"][0]["state"] == "active"
    assert "secret" not in str(door.call("GET", "/api/webhooks").body["items"][0].keys()).replace(
        "old_secret_until", ""
    )


def test_a_private_address_a_wrong_filter_and_too_many_are_refused(door: Door) -> None:
    assert add(door, url="https://10.0.0.1/x").code == "kit.egress_forbidden"
    assert add(door, filters=["inbox"]).code == "webhooks.bad_filter"
    assert add(door, filters=[]).code == "kit.invalid"
    for _ in range(MAX_ENDPOINTS):
        assert add(door).status == 201
    assert add(door).code == "webhooks.too_many_endpoints"


def test_agents_and_other_shops_see_nothing(door: Door) -> None:
    endpoint_id = add(door).body["id"]
    assert door.call("GET", "/api/webhooks", as_=BOB_AGENT).code == "kit.forbidden"
    assert door.call("GET", "/api/webhooks", as_=CHARLIE_OUTSIDER).body["items"] == []
    for method, path, body in (
        ("GET", "", None), ("DELETE", "", None), ("POST", "/secret", None), ("POST", "/test", None),
        ("POST", "/replay", None), ("GET", "/deliveries", None), ("PUT", "/state", {"state": "paused"}),
        ("PUT", "", {"url": "https://example.com/x", "filters": ["*"], "version": 1}),
    ):  # fmt: skip
        answer = door.call(method, f"/api/webhooks/{endpoint_id}{path}", as_=CHARLIE_OUTSIDER, json=body)
        assert (answer.status, answer.code) == (404, "kit.not_found"), (method, path)


def test_a_stale_edit_is_refused_with_the_present_value(door: Door) -> None:
    made = add(door).body
    change = {"url": "https://example.com/new", "filters": ["*"], "version": made["version"]}
    assert (
        door.call("PUT", f"/api/webhooks/{made['id']}", json=change).body["url"] == "https://example.com/new"
    )
    stale = door.call("PUT", f"/api/webhooks/{made['id']}", json=change)
    assert (stale.status, stale.code) == (409, "kit.stale")
    assert stale.body["detail"]["current"]["url"] == "https://example.com/new"


def test_a_test_is_queued_logged_and_can_be_sent_again(door: Door, world: World) -> None:
    endpoint_id = add(door).body["id"]
    queued = door.call("POST", f"/api/webhooks/{endpoint_id}/test")
    assert queued.status == 202
    claimed = world.write(lambda tx: actions.claim_deliveries(tx, SHOP_A, endpoint_id))
    result = Result(200, "thanks", took_ms=12)
    world.write(lambda tx: actions.record_attempt(tx, SHOP_A, endpoint_id, claimed[0], result))
    shown = door.call("GET", f"/api/webhooks/deliveries/{queued.body['delivery_id']}").body
    assert (shown["state"], shown["attempts"][0]["snippet"], shown["attempts"][0]["took_ms"]) == (
        "delivered",
        "thanks",
        12,
    )
    assert '"type":"webhooks.ping"' in shown["body"]
    again = door.call("POST", f"/api/webhooks/deliveries/{queued.body['delivery_id']}/replay")
    listed = door.call("GET", f"/api/webhooks/{endpoint_id}/deliveries").body["items"]
    assert [row["id"] for row in listed] == [again.body["delivery_id"], queued.body["delivery_id"]]
    assert listed[0]["message_id"] == listed[1]["message_id"]
    assert (
        door.call("GET", f"/api/webhooks/deliveries/{again.body['delivery_id']}", as_=CHARLIE_OUTSIDER).status
        == 404
    )


def test_pausing_is_a_row_and_a_paused_endpoint_is_not_tested(door: Door) -> None:
    endpoint_id = add(door).body["id"]
    body = {"state": "paused", "reason": "对方升级"}
    shown = door.call("PUT", f"/api/webhooks/{endpoint_id}/state", as_=ALICE_OWNER, json=body).body
    assert (shown["state"], shown["states"][0]["reason"], shown["states"][0]["by_name"]) == (
        "paused",
        "对方升级",
        "u1",
    )
    assert door.call("POST", f"/api/webhooks/{endpoint_id}/test").code == "webhooks.not_active"
    assert (
        door.call("PUT", f"/api/webhooks/{endpoint_id}/state", json={"state": "deleted"}).code
        == "kit.invalid"
    )


def test_a_deleted_endpoint_is_gone(door: Door) -> None:
    endpoint_id = add(door).body["id"]
    assert door.call("DELETE", f"/api/webhooks/{endpoint_id}").status == 204
    assert door.call("GET", f"/api/webhooks/{endpoint_id}").status == 404


def test_lists_page_and_refuse_foreign_cursors(door: Door) -> None:
    endpoint_id = add(door).body["id"]
    ids = [door.call("POST", f"/api/webhooks/{endpoint_id}/test").body["delivery_id"] for _ in range(3)]
    first = door.call("GET", f"/api/webhooks/{endpoint_id}/deliveries?limit=2").body
    rest = door.call(
        "GET", f"/api/webhooks/{endpoint_id}/deliveries?limit=2&cursor={first['next_cursor']}"
    ).body
    assert [row["id"] for row in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None
    assert door.call("GET", f"/api/webhooks/{endpoint_id}/deliveries?cursor=x").code == "kit.invalid"
