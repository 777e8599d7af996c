"""Files over HTTP: upload, preview, import by a job, bad rows, undo; who may (issue "files in")."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.door import ALICE_OWNER, BOB_AGENT, CHARLIE_OUTSIDER, Answer, Door
from tests.importing.files import ORDER_HEADER, facts, order
from tests.world import World

from miaohui.importing.jobs import HANDLERS
from miaohui.importing.routes import router
from miaohui.insight.routes import router as insight_router
from miaohui.kit import jobs
from miaohui.kit.worker import Job


@pytest.fixture
def door(world: World, tmp_path: Path) -> Iterator[Door]:
    made = Door(world, router, insight_router)
    made.rt.data_dir = tmp_path
    yield made
    made.close()


def upload(door: Door, content: str, name: str = "订单.csv", **who: Any) -> Answer:
    return door.call("POST", "/api/imports/uploads", files={"file": (name, content.encode())}, **who)


def work(door: Door) -> None:
    """Run the queued jobs as the worker would."""
    for row in door.world.write(lambda tx: jobs.claim(tx.conn, tx.now, "test", 10, 60.0)):
        asyncio.run(HANDLERS[row.kind](Job(row, door.rt), door.rt))


GOOD = "\n".join([ORDER_HEADER, order(1), order(2), "太短,了"])


def test_a_file_goes_from_the_page_to_facts_and_back(door: Door) -> None:
    seen = upload(door, GOOD)
    assert seen.status == 201 and seen.body["kind"] == "douyin_orders" and len(seen.body["sample"]) == 2
    assert (
        next(c for c in seen.body["columns"] if c["header"] == "收件人")["understood_zh"]
        == "不保存（个人信息）"
    )
    assert facts(door.world, "orders", "item_id") == [], "a preview writes nothing"
    assert door.call("POST", "/api/imports", json={"upload_id": seen.body["upload_id"]}).status == 202
    work(door)
    made = door.call("GET", "/api/imports").body["items"][0]
    assert made["outcome"] == "done" and made["counts"]["new"] == 2
    assert made["started_by"] == ALICE_OWNER.name, "the person, not the job"
    bad = door.call("GET", f"/api/imports/{made['id']}/bad-rows").body["items"]
    assert [row["row_no"] for row in bad] == [4]
    again = door.call("POST", "/api/imports", json={"upload_id": seen.body["upload_id"]})
    assert (again.status, again.code) == (409, "importing.already_imported")
    undone = door.call("POST", f"/api/imports/{made['id']}/undo", json={"reason": "导错"})
    assert undone.body["outcome"] == "undone" and facts(door.world, "orders", "item_id") == []


def test_what_is_not_understood_is_asked_about_and_can_be_mapped(door: Door) -> None:
    seen = upload(door, "甲,乙,丙,丁\n1,11,99.5,2026-11-20 10:00:00\n", "自制.csv").body
    assert seen["kind"] == "" and seen["reason_zh"]
    asked = door.call("POST", "/api/imports", json={"upload_id": seen["upload_id"]})
    assert (asked.status, asked.code) == (409, "importing.ask")
    answers = {
        "kind": "douyin_orders",
        "mapping": {"甲": "order_id", "乙": "item_id", "丙": "pay_fen", "丁": "created_ms"},
    }
    again = door.call("POST", f"/api/imports/uploads/{seen['upload_id']}/preview", json=answers).body
    assert again["kind"] == "douyin_orders"
    body = {"upload_id": seen["upload_id"], "answers": answers, "save_template": "老系统"}
    assert door.call("POST", "/api/imports", json=body).status == 202
    work(door)
    assert facts(door.world, "orders", "item_id", "pay_fen") == [("11", 9950)]
    assert [t["name_zh"] for t in door.call("GET", "/api/imports/templates").body["items"]] == ["老系统"]


def test_an_unreadable_file_is_refused_at_the_door(door: Door) -> None:
    assert upload(door, "").code == "importing.empty_file"
    assert upload(door, "%PDF-1.7", "报告.pdf").code == "importing.not_a_table"


def test_agents_may_not_and_other_shops_see_nothing(door: Door) -> None:
    assert upload(door, GOOD, as_=BOB_AGENT).code == "kit.forbidden"
    mine = upload(door, GOOD).body["upload_id"]
    door.call("POST", "/api/imports", json={"upload_id": mine})
    work(door)
    made = door.call("GET", "/api/imports").body["items"][0]["id"]
    assert door.call("GET", "/api/imports", as_=CHARLIE_OUTSIDER).body["items"] == []
    for method, path, body in (
        ("GET", f"/api/imports/{made}", None), ("GET", f"/api/imports/{made}/bad-rows", None),
        ("POST", f"/api/imports/{made}/undo", {}), ("POST", f"/api/imports/{made}/cancellation", None),
        ("POST", "/api/imports", {"upload_id": mine}), ("POST", f"/api/imports/uploads/{mine}/preview", {}),
    ):  # fmt: skip
        answer = door.call(method, path, as_=CHARLIE_OUTSIDER, json=body)
        assert (answer.status, answer.code) == (404, "kit.not_found"), path


def test_kinds_name_their_fields_for_the_mapping_page(door: Door) -> None:
    kinds = {k["code"]: k for k in door.call("GET", "/api/imports/kinds").body["items"]}
    assert {"douyin_orders", "douyin_aftersales", "feige_agent", "tmall_performance", "chat_table"} <= set(
        kinds
    )
    needed = {f["target"] for f in kinds["douyin_orders"]["fields"] if f["is_needed"]}
    assert {"item_id", "order_id", "created_ms"} <= needed


def test_insight_over_http_is_empty_but_clear_at_first_and_keeps_policies(door: Door) -> None:
    assert door.call("GET", "/api/insight/report").code == "insight.no_data"
    shown = door.call("GET", "/api/insight/definitions").body["items"]
    assert sum(d["code"] == "avg_response_s" and d["platform"] == "douyin" for d in shown) == 4
    policy = {"effective_from": "2026-01-01", "value": {"closing": "exempt"}, "reason": "校准"}
    made = door.call("PUT", "/api/insight/policies/round_rules.douyin", json=policy)
    assert made.status == 200 and made.body["items"][0]["value"] == {"closing": "exempt"}
    bad = door.call(
        "PUT", "/api/insight/policies/credit_rules", json={**policy, "value": {"window_days": 40}}
    )
    assert (bad.status, bad.code) == (422, "insight.bad_policy") and "2–15" in str(bad.body["detail"])
    assert (
        door.call("PUT", "/api/insight/policies/credit_rules", as_=BOB_AGENT, json=policy).code
        == "kit.forbidden"
    )
    empty = door.call("GET", "/api/insight/responses?from_on=2026-11-01&to_on=2026-11-07")
    assert empty.body["slices"] == []
