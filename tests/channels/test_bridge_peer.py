"""The bridge against a connector written apart, in Node (channels.md §7.6; reliability.md F15)."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest
import websockets

from miaohui.channels.model import (
    ChannelError,
    Kind,
)
from tests.channels.bridging import (
    ACCOUNT,
    EVENTS,
    FROM_CONNECTOR,
    OUT,
    Desk,
    connector,
    without_seq,
)
from tests.channels.peers import run


class WebSocketLine:
    """Our `Socket` over the `websockets` package."""

    def __init__(self, socket) -> None:
        self.socket = socket

    async def receive(self):
        try:
            return await self.socket.recv()
        except websockets.ConnectionClosed:
            return None

    async def send(self, text):
        try:
            await self.socket.send(text)
        except websockets.ConnectionClosed as error:
            raise ConnectionResetError from error

    async def close(self, code, reason):
        await self.socket.close(code, reason)


async def with_node(tmp_path, script, work, mode="ack", secret="s" * 32):
    """Run the Node connector with a script against our hub; return its summary and the desk."""
    desk = Desk()

    async def serve(socket):
        await desk.ours.serve(WebSocketLine(socket), desk.find, desk.ingest)

    async with websockets.serve(serve, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/bridge"
        async with connector(tmp_path, url, script, "br-1", secret, mode) as summary:
            await work(desk)
            return await summary(), desk


async def connected(desk: Desk) -> None:
    while not desk.ours.hub.is_online(ACCOUNT):
        await asyncio.sleep(0.005)


def test_the_node_connector_reports_reconnects_and_loses_nothing(tmp_path):
    script = [{"event": without_seq(frame)} for frame in EVENTS.values()]
    script += [
        {"wait_acked": True},
        {"reconnect": True},
        {"event": without_seq(EVENTS["msg.in"])},
        {"wait_acked": True},
    ]

    async def work(desk):
        return None

    summary, desk = run(with_node(tmp_path, script, work))
    assert summary["welcomes"] == 2 and summary["acked"] == summary["logged"] == len(EVENTS) + 1
    keys = Counter(f.event_key for raw in desk.stored for f in desk.ours.decode(raw, ACCOUNT))
    assert keys["br:br-1:msg:m1"] >= 2 and summary["nacks"] == 0
    for raw in desk.stored:
        assert FROM_CONNECTOR.is_valid(json.loads(raw.body))


def test_the_node_connector_executes_a_command_once_however_often_it_comes(tmp_path):
    async def work(desk):
        await connected(desk)
        for _ in range(3):
            receipt = await desk.ours.send(ACCOUNT, OUT, "9001")
            assert receipt.platform_msg_id == "page-1"
        other = await desk.ours.send(ACCOUNT, OUT, "9002")
        assert other.platform_msg_id == "page-2"
        assert (await desk.ours.lookup(ACCOUNT, "9001")).platform_msg_id == "page-1"
        with pytest.raises(ChannelError):
            await desk.ours.lookup(ACCOUNT, "9999")
        await desk.ours.recall(ACCOUNT, OUT, "page-2")

    summary, desk = run(
        with_node(tmp_path, [{"wait_commands": 3}, {"sleep_ms": 30}, {"wait_acked": True}], work)
    )
    assert [shown["type"] for shown in summary["shown"]] == ["msg.out", "msg.out", "msg.recall"]
    results = [f for raw in desk.stored for f in desk.ours.decode(raw, ACCOUNT) if f.kind is Kind.SEND_RESULT]
    assert {fact.refs["key"] for fact in results} >= {"9001", "9002"}


@pytest.mark.parametrize(("mode", "expected", "shown"), [("nack", "rejected", 0), ("unknown", "unknown", 0)])
def test_the_node_connectors_no_and_its_ignorance_reach_us(tmp_path, mode, expected, shown):
    async def work(desk):
        await connected(desk)
        with pytest.raises(ChannelError) as caught:
            await desk.ours.send(ACCOUNT, OUT, "9001")
        assert caught.value.code == expected

    summary, _ = run(with_node(tmp_path, [{"wait_commands": 1}, {"wait_acked": True}], work, mode))
    assert len(summary["shown"]) == shown
