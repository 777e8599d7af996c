"""The bridge's connections: who is let in, what is acknowledged, commands (docs/bridge.md; F15)."""

from __future__ import annotations

import asyncio
import json

import pytest

from miaohui.channels.model import (
    ChannelError,
    ConvState,
)
from miaohui.kit.errors import Outage
from tests.channels.bridging import (
    ACCOUNT,
    EVENTS,
    OUT,
    Desk,
)
from tests.channels.peers import run
from tests.world import NOON


def test_only_who_knows_the_secret_of_a_known_bridge_is_welcomed():
    async def work():
        desk = Desk()
        assert (await desk.online()).said[1] == {"v": 1, "type": "welcome", "last_seq": 0, "heartbeat_s": 15}
        assert (await desk.online(secret="wrong")).closed == (4401, "not authentic")
        for wrong in (
            "{}",
            "no json",
            json.dumps({"type": "hello", "v": 2}),
            '{"type":"hello","v":1,"bridge_id":"x"}',
        ):
            line = desk.connect()
            line.tell(wrong)
            await line.until(lambda one: one.closed)
            assert line.closed[0] == 4401

    run(work())


def test_an_event_is_acknowledged_only_after_it_is_stored():
    async def work():
        desk = Desk()
        line = await desk.online()
        line.tell({**EVENTS["msg.in"], "seq": 1})
        await line.until(lambda one: {"type": "ack", "seq": 1} in one.said)
        assert json.loads(desk.stored[0].body)["message_id"] == "m1"
        desk.trouble = Outage("database")
        line.tell({**EVENTS["msg.in"], "seq": 2, "message_id": "m2"})
        await line.until(lambda one: one.closed)
        assert line.closed[0] == 4503 and {"type": "ack", "seq": 2} not in line.said
        desk.trouble = None
        again = await desk.online()
        assert again.said[1]["last_seq"] == 1
        assert (await desk.online(stream="another")).said[1]["last_seq"] == 0

    run(work())


def test_an_event_that_can_never_be_taken_is_skipped_and_the_next_one_passes():
    async def work():
        desk = Desk()
        line = await desk.online()
        line.tell({"type": "msg.in", "seq": 1, "conversation_id": "c1"})
        line.tell({**EVENTS["msg.in"], "seq": 2})
        await line.until(lambda one: {"type": "ack", "seq": 2} in one.said)
        assert {"type": "nack", "seq": 1, "reason": "channels.bad_delivery"} in line.said and not line.closed

    run(work())


@pytest.mark.parametrize(
    "wrong", ["no json", "[]", '{"a":1}', '{"type":"msg.in"}', '{"type":"msg.in","seq":true}', "[" * 99]
)
def test_a_line_that_does_not_keep_to_the_protocol_is_closed(wrong):
    async def work():
        line = await Desk().online()
        line.tell(wrong)
        await line.until(lambda one: one.closed)
        assert line.closed[0] == 4400

    run(work())


def test_heartbeats_are_answered_and_silence_closes_the_line():
    async def work():
        desk = Desk(heartbeat_s=0.02)
        line = await desk.online()
        line.tell({"type": "heartbeat"})
        await line.until(lambda one: one.closed)
        assert {"type": "heartbeat"} in line.said and line.closed[0] == 4408
        await asyncio.gather(*desk.tasks)
        assert not desk.ours.hub.is_online(ACCOUNT)

    run(work())


def test_a_newer_connection_replaces_the_older_and_commands_go_to_the_newer():
    async def work():
        desk = Desk()
        older = await desk.online()
        newer = await desk.online()
        await older.until(lambda one: one.closed)
        assert older.closed[0] == 4409 and desk.ours.hub.is_online(ACCOUNT)
        sending = asyncio.create_task(desk.ours.send(ACCOUNT, OUT, "9001"))
        await newer.until(lambda one: one.said[-1]["type"] == "msg.out")
        newer.tell({"type": "msg.out.ack", "seq": 1, "cmd_id": "9001", "message_id": "p1"})
        assert (await sending).platform_msg_id == "p1"
        assert all(frame["type"] != "msg.out" for frame in older.said)

    run(work())


def test_without_a_connector_nothing_goes_out_and_the_window_says_so():
    async def work():
        desk = Desk()
        window = desk.ours.window(ACCOUNT, ConvState(), NOON)
        assert (window.is_open, window.reason) == (True, "offline")
        with pytest.raises(ChannelError) as caught:
            await desk.ours.send(ACCOUNT, OUT, "9001")
        assert caught.value.code == "transient" and caught.value.is_final
        await desk.online()
        assert desk.ours.window(ACCOUNT, ConvState(), NOON).reason == "open"

    run(work())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"type": "msg.out.nack", "seq": 1, "cmd_id": "9001", "reason": "window_closed"}, "window_closed"),
        ({"type": "msg.out.nack", "seq": 1, "cmd_id": "9001", "reason": "mood"}, "rejected"),
        ({"type": "msg.out.unknown", "seq": 1, "cmd_id": "9001"}, "unknown"),
    ],
)
def test_a_no_of_the_platform_falls_into_its_class(answer, expected):
    async def work():
        desk = Desk()
        line = await desk.online()
        sending = asyncio.create_task(desk.ours.send(ACCOUNT, OUT, "9001"))
        await line.until(lambda one: one.said[-1]["type"] == "msg.out")
        line.tell(answer)
        with pytest.raises(ChannelError) as caught:
            await sending
        assert caught.value.code == expected

    run(work())


def test_a_connector_that_leaves_in_the_middle_leaves_an_unknown_and_the_lookup_settles_it():
    async def work():
        desk = Desk()
        line = await desk.online()
        sending = asyncio.create_task(desk.ours.send(ACCOUNT, OUT, "9001"))
        await line.until(lambda one: one.said[-1]["type"] == "msg.out")
        await line.close(1006, "gone")
        with pytest.raises(ChannelError) as caught:
            await sending
        assert caught.value.code == "unknown"
        assert await desk.ours.lookup(ACCOUNT, "9001") is None
        for status, expected in (("ack", "p1"), ("unknown", None), ("never_seen", "transient")):
            again = await desk.online()
            asking = asyncio.create_task(desk.ours.lookup(ACCOUNT, "9001"))
            await again.until(lambda one: one.said[-1]["type"] == "cmd.query")
            again.tell({"type": "cmd.result", "cmd_id": "9001", "status": status, "message_id": "p1"})
            if expected == "transient":
                with pytest.raises(ChannelError) as caught:
                    await asking
                assert caught.value.code == "transient"
            else:
                found = await asking
                assert (found.platform_msg_id if found else None) == expected

    run(work())


def test_seats_follow_what_the_connector_tells():
    async def work():
        desk = Desk()
        line = await desk.online()
        line.tell(EVENTS["agent.state"])
        await line.until(lambda one: {"type": "ack", "seq": 1} in one.said)
        assert desk.ours.hub.seats(ACCOUNT) == {"seat-1": "on_break"}

    run(work())
