"""抖店 payloads in the shapes of the official SDK become facts (channels.md §1.3–1.4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from miaohui.channels.model.inbound import Inbound, Kind, Origin
from miaohui.kit.clock import from_ms
from miaohui.trade.model import (
    AftersaleFact,
    AftersaleKind,
    AftersaleStatus,
    Arbitration,
    OrderFact,
    OrderStatus,
    ParcelFact,
    ParcelState,
    facts_from_inbound,
    hints_from_inbound,
)
from miaohui.trade.model.doudian import aftersale_from_push
from miaohui.trade.model.parcel_route import parcel_state
from miaohui.trade.model.reading import id_of, int_of, time_of

PAID_AT = 1_795_348_800
BIG = 6_919_000_112_233_445_566
DETAIL: dict[str, Any] = {
    "order_id": str(BIG), "order_status": 3, "main_status": 3, "create_time": PAID_AT - 60, "pay_time": PAID_AT,
    "update_time": PAID_AT + 7200, "exp_ship_time": PAID_AT + 172_800, "ship_time": PAID_AT + 7000,
    "finish_time": 0, "order_amount": 25_900, "pay_amount": 23_900, "post_amount": 0, "post_insurance_amount": 80,
    "buyer_words": "尽快发", "seller_words": "", "doudian_open_id": "1@#dd", "open_id": "_000open",
    "mask_post_receiver": "赵**", "mask_post_tel": "186****0001",
    "mask_post_addr": {"province": {"name": "浙江省"}, "city": {"name": "杭州市"}, "town": {"name": "西湖区"},
                       "street": {"name": "文新街道"}, "detail": "*****"},
    "encrypt_post_tel": "$cipher$", "post_addr": {"encrypt_detail": "#cipher#"},
    "logistics_info": [{"tracking_no": "SF1400012345678", "company": "shunfeng", "company_name": "顺丰速运",
                        "ship_time": PAID_AT + 7000}],
    "sku_order_list": [{
        "order_id": str(BIG), "order_status": 3, "product_id_str": "3700012", "sku_id": 1790001,
        "product_name": "法式碎花连衣裙", "spec": [{"name": "颜色", "value": "奶油杏"}, {"name": "尺码", "value": "M"}],
        "item_num": 1, "pay_amount": 23_900, "author_id": 880001, "author_name": "秒回姐姐", "room_id": 7401,
        "room_id_str": "7401", "video_id": "", "content_id": "0", "is_comment": 0}],
}  # fmt: skip


def inbound(kind: Kind, raw: Any, origin: Origin = Origin.API, **refs: Any) -> Inbound:
    return Inbound(
        "doudian", "app1", "dd:app1:1", kind, from_ms(PAID_AT * 1000), origin=origin, refs=refs, raw=raw
    )


def one(kind: Kind, raw: Any, origin: Origin = Origin.API, **refs: Any) -> Any:
    facts = facts_from_inbound(9, inbound(kind, raw, origin, **refs))
    assert len(facts) == 1
    return facts[0]


def test_a_pulled_order_tells_everything_that_an_agent_needs() -> None:
    fact = one(Kind.ORDER, DETAIL, Origin.PULL)
    assert isinstance(fact, OrderFact)
    assert fact.source.is_full and fact.source.at == datetime.fromtimestamp(PAID_AT + 7200, UTC)
    assert (fact.platform_order_id, fact.status) == (str(BIG), OrderStatus.SHIPPED)
    assert (fact.pay_fen, fact.insurance_fen, fact.freight_fen) == (23_900, 80, 0)
    assert fact.receiver_region == "浙江省 杭州市 西湖区 文新街道"
    assert fact.receiver_ciphers == {"phone": "$cipher$", "address": "#cipher#"}
    assert {(b.id_space, b.platform_id) for b in fact.buyer_ids} == {
        ("doudian_open_id", "1@#dd"), ("douyin_open_id", "_000open")
    }  # fmt: skip
    assert fact.finished_at is None
    assert [p.tracking_no for p in fact.parcels] == ["SF1400012345678"]


def test_a_sub_order_keeps_the_live_room_it_was_sold_in_and_no_empty_ids() -> None:
    item = one(Kind.ORDER, DETAIL, Origin.PULL).items[0]
    assert (item.author_id, item.room_id, item.video_id, item.content_id) == ("880001", "7401", None, None)
    assert (item.product_id, item.sku_id, item.spec, item.item_count) == ("3700012", "1790001", "奶油杏 M", 1)


@pytest.mark.parametrize(
    ("order_status", "main_status", "expected"),
    [
        (1, 1, OrderStatus.UNPAID), (105, 105, OrderStatus.PAID), (2, 2, OrderStatus.TO_SHIP),
        (101, 101, OrderStatus.PARTLY_SHIPPED), (3, 3, OrderStatus.SHIPPED), (5, 5, OrderStatus.COMPLETED),
        (4, 4, OrderStatus.CANCELLED), (4, 21, OrderStatus.REFUNDED), (3, 22, OrderStatus.REFUNDED),
        (5, 39, OrderStatus.REFUNDED), (2, 9999, OrderStatus.TO_SHIP), (777, 3, OrderStatus.SHIPPED),
        (777, 888, None),
    ],
)  # fmt: skip
def test_order_states_of_the_platform(
    order_status: int, main_status: int, expected: OrderStatus | None
) -> None:
    raw = {**DETAIL, "order_status": order_status, "main_status": main_status}
    assert one(Kind.ORDER, raw, Origin.PULL).status is expected


def test_a_paid_push_is_a_small_fact_and_a_hint_to_pull() -> None:
    raw = {
        "p_id": BIG,
        "s_ids": [BIG],
        "order_status": 105,
        "pay_time": PAID_AT,
        "pay_amount": 23_900,
        "shop_id": 1,
    }
    fact = one(Kind.ORDER, raw)
    assert (fact.status, fact.pay_fen, fact.source.is_full) == (OrderStatus.PAID, 23_900, False)
    assert fact.source.at == datetime.fromtimestamp(PAID_AT, UTC)
    assert [hint.what for hint in hints_from_inbound(inbound(Kind.ORDER, raw))] == ["order"]


def test_a_pushed_step_of_an_aftersale_carries_the_time_of_that_step() -> None:
    """A late 'applied' does not undo what was told before it: every step's own time counts (F7)."""
    told = {"aftersale_id": 7, "aftersale_status": 28, "apply_time": 1_790_000_000}
    for name in ("agree_time", "refuse_time", "close_time", "success_time"):
        found = aftersale_from_push(1, {**told, name: 1_790_000_600})
        assert found is not None and found.source.at == from_ms(1_790_000_600_000), name


def test_a_pushed_arbitration_has_no_time_and_hints_at_order_and_aftersale() -> None:
    raw = {"aftersale_id": 7001, "p_id": BIG, "s_id": BIG, "aftersale_status": 27, "aftersale_type": 0,
           "arbitrate_status": 4, "arbitrate_id": "88"}  # fmt: skip
    fact = one(Kind.ARBITRATION, raw)
    assert isinstance(fact, AftersaleFact)
    assert (fact.source.at, fact.arbitration) == (None, Arbitration.EVIDENCE_WANTED)
    assert fact.kind is AftersaleKind.RETURN_REFUND
    assert fact.status is None, (
        "without a time it cannot be told from an older status that arrives later (F7)"
    )
    done = one(Kind.ARBITRATION, {**raw, "aftersale_status": 12})
    assert isinstance(done, AftersaleFact) and done.status is AftersaleStatus.SUCCEEDED
    assert [hint.what for hint in hints_from_inbound(inbound(Kind.ARBITRATION, raw))] == [
        "order",
        "aftersale",
    ]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (6, AftersaleStatus.APPLIED), (7, AftersaleStatus.RETURNING), (8, AftersaleStatus.RESHIPPING),
        (11, AftersaleStatus.RETURNED), (12, AftersaleStatus.SUCCEEDED), (13, AftersaleStatus.RESHIPPED),
        (14, AftersaleStatus.SUCCEEDED), (27, AftersaleStatus.REFUSED), (28, AftersaleStatus.CLOSED),
        (29, AftersaleStatus.RETURN_REFUSED), (51, AftersaleStatus.SUCCEEDED), (4242, None),
    ],
)  # fmt: skip
def test_aftersale_states_of_the_platform(number: int, expected: AftersaleStatus | None) -> None:
    raw = {"aftersale_id": "7001", "aftersale_status": number, "update_time": "2026-11-22T20:00:00+08:00"}
    fact = one(Kind.AFTERSALE, raw)
    assert fact.status is expected
    assert fact.source.at == datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_listed_aftersale_tells_its_deadline_and_reason() -> None:
    raw = {
        "aftersale_info": {"aftersale_id": "7001", "aftersale_status": 6, "aftersale_type": 1, "apply_time": PAID_AT,
                           "update_time": PAID_AT, "status_deadline": PAID_AT + 86_400, "refund_amount": 23_900,
                           "arbitrate_status": 0, "got_pkg": 1},
        "order_info": {"shop_order_id": BIG, "related_order_info": [{"sku_order_id": BIG}]},
        "text_part": {"reason_text": "尺码不合适"},
    }  # fmt: skip
    fact = one(Kind.AFTERSALE, raw, Origin.PULL)
    assert (fact.platform_order_id, fact.reason, fact.refund_fen) == (str(BIG), "尺码不合适", 23_900)
    assert fact.status_deadline == datetime.fromtimestamp(PAID_AT + 86_400, UTC)
    assert (fact.arbitration, fact.has_buyer_received) == (Arbitration.NONE, "yes")


def test_an_aftersale_detail_tells_the_arbitration() -> None:
    raw = {
        "process_info": {
            "after_sale_info": {"after_sale_id": 7001, "after_sale_status": 29, "after_sale_type": 3,
                                "update_time": PAID_AT, "refund_total_amount": 100},
            "arbitrate_info": {"arbitrate_id": "88", "arbitrate_status": 1,
                               "arbitrate_status_deadline": str(PAID_AT + 3600)},
        },
        "order_info": {"shop_order_id": BIG, "sku_order_infos": [{"sku_order_id": BIG}]},
    }  # fmt: skip
    fact = one(Kind.AFTERSALE, raw, Origin.PULL)
    assert (fact.kind, fact.arbitration) == (AftersaleKind.EXCHANGE, Arbitration.IN_PROGRESS)
    assert fact.arbitration_deadline == datetime.fromtimestamp(PAID_AT + 3600, UTC)


@pytest.mark.parametrize("name", ["route_node_list", "route__node_list"])
def test_a_pulled_route_becomes_nodes_in_both_spellings(name: str) -> None:
    raw = {name: [{"content": "【杭州市】已揽收", "timestamp": str(PAID_AT), "site_name": "杭州"},
                  {"content": "没有时间的一行", "timestamp": ""}]}  # fmt: skip
    fact = one(Kind.LOGISTICS, raw, Origin.PULL, order_id=str(BIG), tracking_no="SF1")
    assert isinstance(fact, ParcelFact)
    assert [(node.state, node.site) for node in fact.nodes] == [(ParcelState.COLLECTED, "杭州")]


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("【杭州市】您的快件已被揽收", ParcelState.COLLECTED),
        ("离开【上海转运中心】，发往南京", ParcelState.IN_TRANSIT),
        ("快递员正在为您派送，请保持电话畅通", ParcelState.DELIVERING),
        ("已到达菜鸟驿站，请凭取件码取件", ParcelState.AT_STATION),
        ("您已从菜鸟驿站取件成功", ParcelState.SIGNED),
        ("快件已签收，签收人：本人，派件员已完成派送", ParcelState.SIGNED),
        ("收件人拒收，快件将退回", ParcelState.PROBLEM),
        ("退回签收，商家已收到退件", ParcelState.RETURNED),
        ("因天气原因，快件滞留在网点", ParcelState.PROBLEM),
    ],
)
def test_a_line_of_a_route_tells_a_state(line: str, state: ParcelState) -> None:
    assert parcel_state(line) is state


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "text",
        {"p_id": None},
        {"p_id": 6.9e18},
        {"data": "{broken"},
        {"data": "[1]"},
        {"p_id": 0},
        {"p_id": {}},
    ],
)
@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.AFTERSALE, Kind.ARBITRATION, Kind.LOGISTICS, Kind.UNKNOWN])
@pytest.mark.parametrize("origin", [Origin.API, Origin.PULL])
def test_a_malformed_payload_is_no_fact_and_no_error(raw: Any, kind: Kind, origin: Origin) -> None:
    assert facts_from_inbound(9, inbound(kind, raw, origin)) == []


def test_numbers_and_times_are_read_from_both_of_their_shapes() -> None:
    assert (id_of(BIG), id_of(str(BIG)), id_of("0"), id_of(6.9e18), id_of(True)) == (
        str(BIG),
        str(BIG),
        None,
        None,
        None,
    )
    assert (int_of("12"), int_of(12), int_of("-3"), int_of("1.5"), int_of(""), int_of("٣")) == (
        12,
        12,
        -3,
        None,
        None,
        None,
    )
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert time_of(1795348800) == time_of("1795348800000") == time_of("2026-11-22 20:00:00") == noon
    assert time_of(0) is None and time_of("bad") is None and time_of(10**18) is None
