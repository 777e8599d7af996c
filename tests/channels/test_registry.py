"""The registry and the capability page (channels.md §6.1)."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels.model import (
    PART_TYPES,
    Account,
    AuthExpired,
    Commenter,
    Family,
    Ingress,
    Puller,
    RawRequest,
    Sender,
    decode_inbound,
    encode_inbound,
)
from miaohui.channels.registry import CAPABILITIES, SECRETS, list_capabilities, make_adapters
from miaohui.channels.tokens import MemoryTokens, Tokens
from miaohui.channels.web_widget.visitor import Visitor, issue_token
from miaohui.kit.clock import ManualClock
from miaohui.kit.egress import Egress
from miaohui.kit.errors import Refusal
from tests.world import NOON, SHOP_A

CLOCK = ManualClock(NOON)
ADAPTERS = make_adapters(Egress(CLOCK), Tokens(MemoryTokens(), CLOCK), CLOCK)


def test_every_adapter_offers_the_ports_of_its_families_and_no_others():
    for name, adapter in ADAPTERS.items():
        assert adapter.caps.channel == name and isinstance(adapter, Ingress)
        assert isinstance(adapter, Sender) == (Family.CONVERSATIONS in adapter.caps.families)
        assert isinstance(adapter, Puller) == (Family.BUSINESS in adapter.caps.families)
        assert isinstance(adapter, Commenter) == (Family.PUBLIC in adapter.caps.families)


def test_the_page_lists_every_channel_with_what_nobody_has_verified():
    shown = json.loads(json.dumps(list_capabilities(), ensure_ascii=False))
    assert [one["channel"] for one in shown] == ["widget", "bridge", "doudian", "douyin_im"] == list(ADAPTERS)
    by_name = {one["channel"]: one for one in shown}
    assert "reply_window" in by_name["douyin_im"]["unverified"] and not by_name["widget"]["unverified"]
    assert (
        "order_card" not in by_name["douyin_im"]["parts_out"]
        and "voice" not in by_name["douyin_im"]["parts_out"]
    )
    assert by_name["bridge"]["is_attended"] and by_name["bridge"]["max_text_chars"] == 800
    assert "conversations" not in by_name["doudian"]["families"]
    assert all(one["needs_secrets"] for one in shown) and set(SECRETS) == set(by_name)


def test_all_parts_named_in_capabilities_exist():
    for caps in CAPABILITIES:
        assert (caps.parts_in | caps.parts_out) <= set(PART_TYPES)


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_an_account_without_its_secrets_takes_nothing_and_breaks_nothing(name):
    account = Account(SHOP_A, 1, "key", name)
    assert not ADAPTERS[name].verify(RawRequest("POST", "/", {"app-id": "key"}, {}, b"{}"), account)


@pytest.mark.parametrize("name", ["doudian", "douyin_im"])
def test_a_call_without_secrets_asks_for_a_new_authorisation(name):
    account = Account(SHOP_A, 1, "key", name, {"platform_shop_id": "1"}, {"auth_code": "c"})
    with pytest.raises(AuthExpired):
        asyncio.run(ADAPTERS[name].client.issue(account))


@given(
    st.sampled_from(sorted(ADAPTERS)),
    st.binary(max_size=300),
    st.dictionaries(st.text(), st.text(), max_size=3),
)
def test_no_delivery_whatever_makes_an_adapter_do_anything_but_refuse_or_decode(name, body, headers):
    raw = RawRequest("POST", "/hooks", headers, {}, body, NOON)
    account = Account(SHOP_A, 1, "key", name, {}, {secret: "s" for secret in SECRETS[name]})
    adapter = ADAPTERS[name]
    assert not adapter.verify(raw, account)
    for step in (adapter.handshake, adapter.decode):
        with contextlib.suppress(Refusal):
            step(raw, account)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)
keys = st.sampled_from(
    ["type", "tag", "msg_id", "data", "event", "content", "from_user_id", "at_ms", "parts", "messages", "buyer",
     "conversation_id", "role", "user_infos", "create_time", "p_id", "s_ids", "logistics_msg", "card_data", "score",
     "server_message_id", "message_type", "ad_info", "text", "id", "page", "frames", "cmd_id"]
)  # fmt: skip
values = json_values | st.sampled_from(
    ["msg.in", "msg.edit", "conv.snapshot", "review", "100", "217", "im_receive_msg", "im_enter_direct_msg", "text",
     "im_authorize", "item_comment_reply", "message", "rating", "enter", "image", 1763812800000, "msg.out.ack"]
)  # fmt: skip
frames = st.dictionaries(
    keys, values | st.dictionaries(keys, values, max_size=5) | st.lists(values, max_size=3)
)


@given(st.sampled_from(sorted(ADAPTERS)), frames | st.lists(frames, max_size=3))
def test_no_json_whatever_makes_a_decoder_fail_otherwise_than_by_refusing(name, value):
    account = Account(SHOP_A, 1, "key", name, {}, {secret: "s" for secret in SECRETS[name]})
    token = issue_token(account, Visitor("v"), NOON) if name == "widget" else ""
    raw = RawRequest("POST", "/hooks", {"x-miaohui-visitor": token}, {}, json.dumps(value).encode(), NOON)
    try:
        facts = ADAPTERS[name].decode(raw, account)
    except Refusal as refusal:
        assert refusal.kind.status in (400, 413)
        return
    for fact in facts:
        assert fact.event_key and decode_inbound(json.loads(json.dumps(encode_inbound(fact)))) == fact
