"""The registry and the capability page (channels.md §6.1)."""

from __future__ import annotations

import json

from miaohui.channels.model import PART_TYPES, Commenter, Family, Ingress, Puller, Sender
from miaohui.channels.registry import CAPABILITIES, SECRETS, list_capabilities, make_adapters
from miaohui.channels.tokens import MemoryTokens, Tokens
from miaohui.kit.clock import ManualClock
from miaohui.kit.egress import Egress
from tests.world import NOON

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
