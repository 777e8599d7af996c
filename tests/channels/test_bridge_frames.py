"""The bridge's frames: schemas, decoding, keys (docs/bridge.md)."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from miaohui.channels.bridge import protocol
from miaohui.channels.bridge.adapter import Bridge
from miaohui.channels.bridge.events import facts_of
from miaohui.channels.model import (
    Ingress,
    Kind,
    RawRequest,
    Role,
    Sender,
    parts,
)
from miaohui.kit.clock import ManualClock
from miaohui.kit.errors import Refusal
from tests.channels.bridging import (
    ACCOUNT,
    AT,
    BUYER,
    EVENTS,
    FROM_CONNECTOR,
    FROM_SERVER,
    KINDS,
    OUT,
    event,
    text,
)
from tests.world import NOON


def test_every_event_of_the_protocol_has_an_example_here_that_fits_the_schema():
    assert set(EVENTS) == protocol.EVENTS
    for name, frame in EVENTS.items():
        assert [str(error.message) for error in FROM_CONNECTOR.iter_errors(frame)] == [], name


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_becomes_facts_of_its_kind_with_permanent_keys(name):
    facts = facts_of(EVENTS[name], ACCOUNT)
    assert facts and {fact.kind for fact in facts} == {KINDS[name]}
    again = facts_of({**EVENTS[name], "seq": 99}, ACCOUNT)
    assert [fact.event_key for fact in facts] == [fact.event_key for fact in again]
    assert all(fact.event_key.startswith("br:br-1:") for fact in facts)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("msg.in", {"seq": 0}), ("msg.in", {"at_ms": "today"}), ("msg.in", {"parts": []}),
        ("msg.in", {"parts": [{"type": "hologram"}]}), ("msg.in", {"role": "boss"}),
        ("msg.in", {"conversation_id": 7312}), ("msg.in", {"message_id": 7312345678901234567}),
        ("agent.state", {"state": "asleep"}), ("review", {"score": 0}), ("msg.in", {"type": "msg.other"}),
    ],
)  # fmt: skip
def test_the_schema_refuses_what_the_protocol_does_not_allow(name, change):
    assert not FROM_CONNECTOR.is_valid({**EVENTS[name], **change})


def test_results_hellos_and_heartbeats_fit_the_schema():
    hello = {"v": 1, "type": "hello", "bridge_id": "br-1", "mac": protocol.proof(ACCOUNT, "n"), "platform": "feige",
             "stream": "s"}  # fmt: skip
    for frame in (
        hello,
        {"type": "heartbeat"},
        {"type": "msg.out.ack", "seq": 1, "cmd_id": "1", "message_id": "p"},
        {"type": "msg.out.nack", "seq": 1, "cmd_id": "1", "reason": "window_closed"},
        {"type": "msg.out.unknown", "seq": 1, "cmd_id": "1"},
        {"type": "cmd.result", "cmd_id": "1", "status": "never_seen"},
    ):
        assert FROM_CONNECTOR.is_valid(frame), frame
    assert not FROM_CONNECTOR.is_valid({**hello, "mac": "short"})
    assert not FROM_CONNECTOR.is_valid({"type": "msg.out.nack", "seq": 1, "cmd_id": "1", "reason": "mood"})


def test_every_frame_that_we_send_fits_the_schema():
    for frame in (
        protocol.challenge("n" * 16), protocol.welcome(0), protocol.ack(1), protocol.nack(1, "x"),
        {"type": "heartbeat"}, protocol.send_command("9001", OUT, AT), protocol.query_command("9001"),
        protocol.recall_command("r", OUT, "m1", AT), protocol.transfer_command("t", "c1", "seat-2", AT),
        protocol.notice("typing", "c1", on=True), protocol.notice("read", "c1", message_id="m1"),
    ):  # fmt: skip
        assert [str(error.message) for error in FROM_SERVER.iter_errors(frame)] == [], frame


def test_a_buyers_line_keeps_the_door_the_name_and_the_id_space():
    (fact,) = facts_of(EVENTS["msg.in"], ACCOUNT)
    assert (fact.entry, fact.text, fact.actor.display_name) == ("商品详情页", "在吗", "赵小明")
    assert fact.actor.id_space == fact.refs["id_space"] == "feige:br-1" and fact.is_from_buyer


def test_the_platforms_own_lines_become_system_lines_whoever_the_page_says_it_was():
    frame = event("msg.in", role="buyer", buyer=BUYER, parts=text("用户超时未回复，系统关闭会话"))
    (fact,) = facts_of(frame, ACCOUNT)
    assert fact.actor.role is Role.SYSTEM and fact.parts[0].code == "closed_by_timeout"


def test_a_placeholder_of_a_buyer_stays_the_buyers_picture():
    (fact,) = facts_of(event("msg.in", role="buyer", buyer=BUYER, parts=text("[图片]")), ACCOUNT)
    assert fact.is_from_buyer and fact.parts == (parts.Image(is_viewable=False),)


def test_history_shown_again_carries_the_keys_of_the_first_time():
    live = facts_of(EVENTS["msg.in"], ACCOUNT)[0]
    first, echo, system = facts_of(EVENTS["conv.snapshot"], ACCOUNT)
    assert first.event_key == live.event_key and first.refs["is_history"] == "yes"
    assert (echo.actor.role, echo.refs["key"]) == (Role.AGENT, "9001")
    assert echo.refs["buyer_id"] == BUYER["id"] and system.actor.role is Role.SYSTEM


def test_without_a_platform_id_who_said_what_when_is_the_key():
    frame = event("msg.in", role="buyer", buyer=BUYER, parts=text("在吗"))
    keys = [facts_of(one, ACCOUNT)[0].event_key for one in (
        frame, {**frame, "seq": 7}, {**frame, "at_ms": AT + 1}, {**frame, "parts": text("在么")},
        {**frame, "conversation_id": "c2"}, {**frame, "role": "agent"},
    )]  # fmt: skip
    assert keys[0] == keys[1] and len(set(keys)) == 5


def test_an_unknown_type_is_kept_and_a_frame_that_is_none_is_refused():
    (fact,) = facts_of({"type": "poll.started", "seq": 3, "event_id": "e", "conversation_id": "c1"}, ACCOUNT)
    assert (fact.kind, fact.refs["type"]) == (Kind.UNKNOWN, "poll.started")
    for wrong in (None, [], "x", {}, {"type": 5}, event("msg.in"), {**EVENTS["msg.in"], "at_ms": None}):
        with pytest.raises(Refusal):
            facts_of(wrong, ACCOUNT)


def test_posts_are_signed_with_the_bridge_secret():
    ours = Bridge(ManualClock(NOON))
    assert isinstance(ours, Ingress) and isinstance(ours, Sender)
    body = json.dumps(EVENTS["msg.in"]).encode()
    mac = hmac.new(b"s" * 32, body, hashlib.sha256).hexdigest()
    assert ours.verify(RawRequest("POST", "/", {"x-bridge-signature": mac}, {}, body), ACCOUNT)
    assert not ours.verify(RawRequest("POST", "/", {"x-bridge-signature": mac}, {}, body + b" "), ACCOUNT)
    assert not ours.verify(RawRequest("POST", "/", {}, {}, body), ACCOUNT)


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ({"type": "msg.out.ack", "cmd_id": "9001", "message_id": "p1"}, Kind.SEND_RESULT),
        ({"type": "msg.out.nack", "cmd_id": "9001", "reason": "rejected"}, Kind.SEND_FAILED),
        ({"type": "msg.out.unknown", "cmd_id": "9001"}, Kind.UNKNOWN),
    ],
)
def test_a_late_result_is_a_fact_that_names_our_message(frame, kind):
    (fact,) = Bridge(ManualClock(NOON)).decode(
        RawRequest("POST", "/", {}, {}, json.dumps(frame).encode()), ACCOUNT
    )
    assert (fact.kind, fact.refs["key"]) == (kind, "9001")
