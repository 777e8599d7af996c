"""The capability page and the bridge's door over real HTTP and WebSocket (issue 2 item 5)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field

import pytest
import uvicorn
import websockets

from miaohui.channels import routes
from miaohui.channels.bridge import protocol
from miaohui.channels.model import Account, RawRequest
from miaohui.channels.registry import make_adapters
from miaohui.channels.tokens import MemoryTokens, Tokens
from miaohui.kit.egress import Egress
from miaohui.kit.errors import Outage
from tests.channels.peers import run
from tests.door import ALICE_OWNER, BOB_AGENT
from tests.door import Door as HttpDoor
from tests.world import SHOP_A

ACCOUNT = Account(SHOP_A, 11, "br-1", "bridge", {"platform": "feige"}, {"bridge_secret": "s" * 32})
EVENT = {
    "type": "msg.in", "seq": 1, "conversation_id": "c1", "at_ms": 1763812800000, "role": "buyer",
    "buyer": {"id": "b1"}, "message_id": "m1", "parts": [{"type": "text", "text": "在吗"}],
}  # fmt: skip


@dataclass
class BridgeDoor:
    """What the app puts in: finds the account, stores events."""

    stored: list[RawRequest] = field(default_factory=list)
    is_full: bool = False

    async def find_account(self, bridge_id):
        return ACCOUNT if bridge_id == "br-1" else None

    async def ingest(self, account, raw):
        if self.is_full:
            raise Outage("database")
        self.stored.append(raw)


@pytest.fixture
def place(world):
    clock, door = world.clock, BridgeDoor()
    http = HttpDoor(world, routes.router)
    http.rt.ports["channels"] = make_adapters(Egress(clock), Tokens(MemoryTokens(), clock), clock)
    http.rt.ports["bridge.door"] = door
    yield http, door
    http.close()


@contextlib.asynccontextmanager
async def bridge_of(http: HttpDoor):
    """Serve the routes for real and give a function that opens a connector's line."""
    config = uvicorn.Config(http.app, port=0, log_level="error", lifespan="off", ws="websockets-sansio")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield lambda: websockets.connect(f"ws://127.0.0.1:{port}/bridge")
    finally:
        server.should_exit = True
        await serving


async def greet(line):
    frame = json.loads(await line.recv())
    hello = {"v": 1, "type": "hello", "bridge_id": "br-1", "platform": "feige", "stream": "s1"}
    await line.send(json.dumps(hello | {"mac": protocol.proof(ACCOUNT, frame["nonce"])}))
    return json.loads(await line.recv())


async def code_of(line) -> int:
    with pytest.raises(websockets.ConnectionClosed) as caught:
        await line.recv()
    return caught.value.rcvd.code


def test_the_page_is_for_people_who_may_see_channels(place):
    http, _ = place
    shown = http.call("GET", "/api/channels", as_=ALICE_OWNER)
    assert [one["channel"] for one in shown.body["items"]] == ["widget", "bridge", "doudian", "douyin_im"]
    assert http.call("GET", "/api/channels", as_=BOB_AGENT).status == 403
    assert http.call("GET", "/api/channels", as_=None).status == 401


def test_a_connector_is_welcomed_its_event_stored_and_acknowledged(place):
    async def work():
        async with bridge_of(http) as connect, connect() as line:
            assert (await greet(line))["type"] == "welcome"
            await line.send(json.dumps(EVENT))
            assert json.loads(await line.recv()) == {"type": "ack", "seq": 1}
            assert json.loads(door.stored[0].body)["message_id"] == "m1"

    http, door = place
    run(work())


def test_a_stranger_is_turned_away_and_a_full_disk_ends_the_line(place):
    async def work():
        async with bridge_of(http) as connect:
            async with connect() as line:
                await line.recv()
                await line.send('{"type":"hello"}')
                assert await code_of(line) == 4401
            door.is_full = True
            async with connect() as line:
                await greet(line)
                await line.send(json.dumps(EVENT))
                assert await code_of(line) == 4503 and not door.stored

    http, door = place
    run(work())


def test_binary_frames_and_sudden_leaving_end_the_line_quietly(place):
    async def work():
        bridge = http.rt.ports["channels"]["bridge"]
        async with bridge_of(http) as connect:
            async with connect() as line:
                await greet(line)
                assert bridge.hub.is_online(ACCOUNT)
                await line.send(b"\xff\x00")
                with pytest.raises(websockets.ConnectionClosed):
                    await line.recv()
            async with connect() as line:
                await greet(line)
                line.transport.abort()
                while bridge.hub.is_online(ACCOUNT):
                    await asyncio.sleep(0.005)

    http, _ = place
    run(work())
