"""抖店 on the wire: signatures against the third-party client, pushes, error table (channels.md §1)."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from doudian import AppType, DouDian
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels.doudian import push
from miaohui.channels.doudian.client import encode_call
from miaohui.channels.doudian.faults import data_of
from miaohui.channels.doudian.sign import api_sign, event_sign, param_json, spi_sign
from miaohui.channels.doudian.tags import TAGS
from miaohui.channels.model import Account, ChannelError, Kind, RawRequest
from miaohui.kit.errors import Refusal
from tests.world import NOON

GOLDEN = Path(__file__).parent / "golden" / "doudian"
ACCOUNT = Account(101, 7, "7012345678901234567", "doudian", {}, {"app_secret": "sim-secret-0001"})
PEER = DouDian(ACCOUNT.key, ACCOUNT.secrets["app_secret"], AppType.TOOL)
TRAPS = [
    {},
    {"b": 1, "a": {"d": [3, {"z": 1, "y": 2}], "c": None}},
    {"text": "中文 emoji 😀 <b>&amp;</b> 'quote' \"double\" \\ / \u2028 \u2029"},
    {"id": 9223372036854775807, "negative": -1, "float": 1.50, "true": True},
    {"order_by": ["update_time asc"], "size": 100, "page": 0},
]


def delivery(body: bytes, **changes: str) -> RawRequest:
    headers = {
        "app-id": ACCOUNT.key,
        "event-sign": event_sign(ACCOUNT.key, ACCOUNT.secrets["app_secret"], body),
    }
    return RawRequest("POST", "/hooks/doudian/7", headers | changes, {}, body)


@pytest.mark.parametrize("params", TRAPS)
@pytest.mark.parametrize("timestamp", ["1763812800", "2026-11-22 20:00:00"])
def test_our_signature_equals_the_third_party_clients_for_the_same_text(params, timestamp):
    body = param_json(params)
    ours = api_sign(ACCOUNT.key, ACCOUNT.secrets["app_secret"], "order.searchList", body, timestamp)
    assert ours == PEER._sign("order.searchList", body, timestamp)


@pytest.mark.parametrize("params", TRAPS)
def test_the_body_sent_is_the_text_signed_and_means_what_was_meant(params):
    ask = encode_call(ACCOUNT, "order/searchList", params, 1763812800, "token-1")
    assert json.loads(ask.content) == params
    sign = hmac.new(
        b"sim-secret-0001",
        b"sim-secret-0001app_key7012345678901234567methodorder.searchListparam_json" + ask.content
        + b"timestamp1763812800v2sim-secret-0001",
        hashlib.sha256,
    ).hexdigest()  # fmt: skip
    assert (
        f"sign={sign}" in ask.url
        and "sign_method=hmac-sha256" in ask.url
        and "access_token=token-1" in ask.url
    )


def test_param_json_is_sorted_at_every_depth_compact_and_not_html_escaped():
    assert param_json({"b": {"y": 1, "x": "<&>"}, "a": "中"}) == '{"a":"中","b":{"x":"<&>","y":1}}'
    assert param_json({"a": "\u2028\u2029"}) == '{"a":"\\u2028\\u2029"}'
    with pytest.raises(ValueError):
        param_json({"a": float("nan")})


def test_the_wrong_signatures_of_known_broken_packages_are_not_ours():
    """mcp-cn-doudian signs md5(app_key+json+secret): a negative vector (channels.md §8)."""
    body = param_json(TRAPS[2])
    wrong = hashlib.md5(f"{ACCOUNT.key}{body}sim-secret-0001".encode()).hexdigest()
    assert wrong != api_sign(ACCOUNT.key, "sim-secret-0001", "order.searchList", body, "1763812800")


@given(st.sampled_from(["key", "secret", "method", "body", "timestamp"]), st.text(min_size=1, max_size=3))
def test_every_signed_field_changes_the_signature(name, more):
    fields = {"key": "k", "secret": "s", "method": "order.list", "body": "{}", "timestamp": "1763812800"}
    changed = fields | {name: fields[name] + more.encode("utf-8", "replace").decode()}
    assert api_sign(*fields.values()) != api_sign(*changed.values())


def test_spi_signs_without_method_and_version_md5_by_default():
    text = b'secapp_keykparam_json{"a":1}timestamp2026-11-22 20:00:00sec'
    assert spi_sign("k", "sec", '{"a":1}', "2026-11-22 20:00:00") == hashlib.md5(text).hexdigest()
    assert spi_sign("k", "sec", '{"a":1}', "2026-11-22 20:00:00", "hmac-sha256") == (
        hmac.new(b"sec", text, hashlib.sha256).hexdigest()
    )


def test_a_genuine_push_is_accepted_and_every_changed_bit_is_refused():
    body = (GOLDEN / "batch.json").read_bytes()
    raw = delivery(body)
    assert push.verify(raw, ACCOUNT)
    assert push.verify(delivery(body, **{"event-sign": raw.headers["event-sign"].upper()}), ACCOUNT)
    for wrong in (
        RawRequest("POST", "/", raw.headers, {}, body + b" "),
        RawRequest("POST", "/", raw.headers, {}, body.replace(b"101", b"102", 1)),
        delivery(body, **{"app-id": "other"}),
        delivery(body, **{"event-sign": ""}),
        delivery(body, **{"event-sign": "密" * 32}),
        RawRequest("POST", "/", {}, {}, body),
    ):
        verdict = push.verify(wrong, ACCOUNT)
        assert not verdict and verdict.reason in ("signature", "app_id")


def test_the_third_party_verifier_accepts_what_ours_accepts():
    body = (GOLDEN / "batch.json").read_bytes()
    assert PEER.callback(dict(delivery(body).headers), body) == json.loads(body)
    assert PEER.callback(dict(delivery(body).headers), body + b" ") is None


def test_a_golden_batch_decodes_to_one_fact_per_entry():
    facts = push.decode(delivery((GOLDEN / "batch.json").read_bytes()), ACCOUNT)
    assert [(fact.kind, fact.refs.get("topic", "")) for fact in facts] == [
        (Kind.ORDER, "created"),
        (Kind.ORDER, "paid"),
        (Kind.ORDER, "shipped"),
        (Kind.AFTERSALE, "applied"),
        (Kind.ARBITRATION, "platform_intervened"),
        (Kind.UNKNOWN, ""),
        (Kind.PROBE, ""),
    ]
    created, paid, shipped, applied, arbitration, unknown, _ = facts
    assert created.event_key == f"dd:{ACCOUNT.key}:7000000000000000001"
    assert created.refs["order_id"] == "6917529027641081856" and created.refs["sub_order_ids"] == [
        "6917529027641081857"
    ]
    assert paid.raw["pay_amount"] == 29900 and int(paid.occurred_at.timestamp()) == 1763812860
    assert shipped.refs["tracking_no"] == "SF1400000000001"
    assert applied.refs["aftersale_id"] == "7312345678901234567"
    assert not arbitration.has_time and arbitration.refs["arbitrate_id"] == "7400000000000000001"
    assert unknown.raw["tag"] == "9999" and unknown.event_key.endswith(":7000000000000000006")


def test_all_tags_of_the_table_are_decoded():
    for tag, meaning in TAGS.items():
        body = json.dumps([{"tag": tag, "msg_id": f"m{tag}", "data": '{"p_id": 1, "shop_id": 2}'}]).encode()
        (fact,) = push.decode(delivery(body), ACCOUNT)
        assert (fact.kind, fact.refs["topic"]) == (meaning.kind, meaning.topic)
    assert len(TAGS) == 40
    kinds = {tag: meaning.kind for tag, meaning in TAGS.items()}
    assert [tag for tag, kind in kinds.items() if kind is Kind.ARBITRATION] == [
        str(n) for n in range(212, 219)
    ]


def test_the_wrong_shape_of_other_sdks_is_tolerated():
    body = b'{"tag": 100, "msgId": 5, "data": {"p_id": 6917529027641081856, "create_time": 1763812800}}'
    (fact,) = push.decode(delivery(body), ACCOUNT)
    assert fact.kind is Kind.ORDER and fact.event_key.endswith(":5")
    assert fact.refs["order_id"] == "6917529027641081856"


@pytest.mark.parametrize("entry", ["5", '"text"', "null", "[]", '{"tag":"100","data":"no json"}', "{}"])
def test_entries_that_make_no_sense_are_kept_as_unknown(entry):
    (fact,) = push.decode(delivery(f"[{entry}]".encode()), ACCOUNT)
    assert fact.kind is Kind.UNKNOWN and fact.event_key.startswith("dd:")


def test_the_same_entry_without_an_id_always_has_the_same_key():
    body = b'[{"tag":"100","data":"{\\"p_id\\":1}"}]'
    one, two = push.decode(delivery(body), ACCOUNT)[0], push.decode(delivery(body), ACCOUNT)[0]
    assert one.event_key == two.event_key
    other = push.decode(delivery(body.replace(b":1}", b":2}")), ACCOUNT)[0]
    assert other.event_key != one.event_key


def test_a_fact_of_another_shop_of_the_same_app_is_kept_apart_and_shows_nothing():
    ours = Account(101, 7, "hook", "doudian", {"app_key": ACCOUNT.key, "platform_shop_id": "4463798"}, {})
    body = json.dumps(
        [
            {"tag": "100", "msg_id": str(n), "data": json.dumps({"p_id": n, "shop_id": n})}
            for n in (4463798, 999)
        ]
    ).encode()
    mine, other = push.decode(delivery(body), ours)
    assert (mine.kind, mine.account_key) == (Kind.ORDER, "hook")
    assert (other.kind, other.account_key, other.raw) == (Kind.UNKNOWN, "shop:999", None)
    assert other.refs == {"shape": "push", "tag": "100", "foreign_shop_id": "999"}


def test_a_body_that_is_no_list_is_refused():
    with pytest.raises(Refusal):
        push.decode(delivery(b'"text"'), ACCOUNT)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1763812800, 1763812800), ("1763812800", 1763812800), (1763812800123, 1763812800),
        ("2025-11-22 20:00:00", 1763812800), ("2025-11-22T20:00:00+08:00", 1763812800),
    ],
)  # fmt: skip
def test_platform_times_in_seconds_milliseconds_and_shanghai_text(value, expected):
    found = push.moment(value)
    assert found is not None and int(found.timestamp()) == expected


@pytest.mark.parametrize("value", [0, -1, "", None, "soon", 1.5, True, 10**15, {}])
def test_what_is_no_time_is_none(value):
    assert push.moment(value) is None


@pytest.mark.parametrize(
    ("code", "sub_code", "expected"),
    [
        (40003, "isv.access-token-expired", "auth_expired"),
        (40003, "isv.access-token-no-existed", "auth_expired"),
        (50001, "isv.code-expired", "auth_expired"),
        (30001, "isv.app-permissions-insufficient", "not_permitted"),
        (30001, "dop.authorization-closed", "not_permitted"),
        (30002, "isv.invalid_ip", "not_permitted"),
        (70000, "isp.comment-service-off", "not_permitted"),
        (60000, "isv.traffic-limited", "rate_limited"),
        (20000, "dop.service-error", "transient"),
        (90000, "isv.env-suspected", "transient"),
        (40001, "", "invalid"),
        (40003, "isv.signature-invalid", "invalid"),
        (40003, "isv.idempotent-id-existed", "duplicate"),
        (50002, "isv.business-failed:1", "rejected"),
        ("60000", "", "rate_limited"),
    ],
)
def test_error_codes_fall_into_their_class(code, sub_code, expected):
    with pytest.raises(ChannelError) as caught:
        data_of({"code": code, "sub_code": sub_code, "sub_msg": "说明", "log_id": "L1"})
    assert caught.value.code == expected and caught.value.fault.log_id == "L1"


def test_success_new_and_old_style_and_failure_old_style():
    assert data_of({"code": 10000, "data": {"a": 1}}) == {"a": 1}
    assert data_of({"err_no": 0, "message": "success", "data": []}) == []
    with pytest.raises(ChannelError) as caught:
        data_of({"err_no": 30001, "message": "没有权限"})
    assert caught.value.code == "not_permitted"


def test_a_push_without_a_time_of_its_own_gets_the_time_of_its_arrival():
    told = [("217", {"p_id": 1, "aftersale_id": 2}), ("100", {"p_id": 1, "create_time": 1763812800})]
    body = json.dumps([{"tag": tag, "msg_id": tag, "data": json.dumps(data)} for tag, data in told]).encode()
    raw = delivery(body)
    timeless, timed = push.decode(RawRequest("POST", "/", raw.headers, {}, body, NOON), ACCOUNT)
    assert timeless.occurred_at == NOON and int(timed.occurred_at.timestamp()) == 1763812800
