"""Live topics: every form, every role, both shops; then real sockets and streams (reliability.md R4, R10)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn
import websockets

from miaohui.access.actions import end_sessions_of
from miaohui.access.model import ROLES
from miaohui.app.live import RECHECK_S, may_subscribe
from miaohui.app.prove.stand import free_port
from miaohui.app.serve import server_config
from miaohui.kit.http import Caller
from miaohui.kit.tx import SYSTEM, Tx
from tests.app.matrix import TALLY, Matrix
from tests.app.twins import Shop

SEES_ALL = {"owner", "manager", "supervisor", "inspector", "viewer"}
LEADS = {"owner", "manager", "supervisor"}
EVERYBODY = SEES_ALL | {"agent", "agent2"}
WHO = sorted(EVERYBODY)


# Forms that no room speaks on, and those that only look like one.
NOBODYS = (
    "agent",
    "group",
    "conversation",
    "shop:1",
    "board:1",
    "admin:0",
    "trade:1",
    "visitor:1",
    "jobs",
    "webhooks",
    "*",
    "",
    ":",
    "SHOP",
    " shop",
    "shop\0",
)


def topics(a: Shop, b: Shop) -> dict[str, set[str]]:
    """Return every form of topic with who of shop A may follow it. What is not said here is refused."""
    conversation, theirs = a.ids["conversation"], b.ids["conversation"]
    return {
        "shop": SEES_ALL,
        "board": LEADS,
        "admin": LEADS,
        "trade": EVERYBODY,
        f"group:{a.groups['pre_sale']}": SEES_ALL | {"agent"},
        f"group:{a.groups['orders']}": SEES_ALL | {"agent2"},
        f"conversation:{conversation}": SEES_ALL | {"agent"},
        f"conversation:{theirs}": set(),
        "conversation:0": set(),
        f"conversation:{2**53 + 1}": set(),
        f"conversation:{10**17}": set(),
        "conversation:²": set(),
        "conversation:": set(),
        f"agent:{a.users['agent']}": {"agent"},
        f"agent:{a.users['agent2']}": {"agent2"},
        f"agent:{b.users['agent']}": set(),
        f"agent:{b.users['owner']}": set(),
        "agent:²": set(),
        "agent:-1": set(),
        f"shop:{b.id}": set(),
        f"visitor:{a.ids['account']}:c-v-1{a.mark}": set(),
        f"visitor:{b.ids['account']}:c-v-1{b.mark}": set(),
        **dict.fromkeys(NOBODYS, set()),
    }


def caller(shop: Shop, who: str) -> Caller:
    """Return somebody as the authenticator would, by rights stated here."""
    role = who.rstrip("23")
    own = {"agent": "pre_sale", "agent2": "orders"}
    groups = None if role in SEES_ALL else frozenset({shop.groups[own[who]]})
    return Caller(shop.users[who], shop.id, role, who, ROLES[role], groups)


def test_every_form_of_topic_for_every_role_of_both_shops(matrix: Matrix) -> None:
    can_see = matrix.process.rt.ports["can_see_conversation"]
    for here, there in ((matrix.a, matrix.b), (matrix.b, matrix.a)):
        expected = topics(here, there)
        for who in WHO:
            asking = caller(here, who)
            with matrix.process.db.read() as conn:
                found = {topic for topic in expected if may_subscribe(conn, asking, topic, can_see)}
            assert found == {t for t, allowed in expected.items() if who in allowed}, who
            TALLY.add("topics", len(expected))


def test_rooms_speak_on_no_other_topics_than_these(matrix: Matrix) -> None:
    """A topic that a room invents is followed by nobody until it stands in the table above."""
    with matrix.process.db.read() as conn:
        rows = conn.exec_driver_sql("SELECT topics FROM kit_feed").all()
    said = {topic.partition(":")[0] for row in rows for topic in _split(row[0])}
    assert said <= {topic.partition(":")[0] for topic in topics(matrix.a, matrix.b)}
    assert len(said) >= 6


def _split(text: str) -> list[str]:
    return json.loads(text) if text.startswith("[") else text.replace(",", " ").split()


# ---- the real thing


@contextlib.asynccontextmanager
async def served(matrix: Matrix) -> AsyncIterator[int]:
    """Serve the running application on a port of this machine."""
    config = server_config(matrix.process, matrix.process.settings)
    config.lifespan, config.port = "off", free_port()
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield config.port
    finally:
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def socket(port: int, headers: dict[str, str]) -> AsyncIterator[Any]:
    """Open a live socket as whoever `headers` are."""
    async with websockets.connect(
        f"ws://127.0.0.1:{port}/api/live", additional_headers=headers, max_size=None
    ) as ws:
        yield ws


async def until(ws: Any, wanted: str) -> list[dict[str, Any]]:
    """Read frames up to one of type or event `wanted`."""
    got: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while not got or wanted not in (got[-1].get("type"), got[-1].get("name")):
            got.append(json.loads(await ws.recv()))
    return got


def say(matrix: Matrix, shop: Shop, name: str, wanted: list[str]) -> Any:
    """Let something happen in a shop on all of these topics."""

    def speak(tx: Tx) -> None:
        stored = [topic for topic in wanted if "\0" not in topic]  # PostgreSQL stores no NUL
        tx.feed(shop.id, stored, name, {"note": shop.mark})

    return matrix.process.rt.write(SYSTEM, speak)


@pytest.mark.parametrize("who", ["owner", "agent", "viewer"])
def test_a_socket_hears_its_own_shop_and_never_another(matrix: Matrix, who: str) -> None:
    expected = topics(matrix.a, matrix.b)
    everything = [topic for topic in expected if topic]
    theirs = [topic for topic, allowed in topics(matrix.b, matrix.a).items() if allowed]

    async def run() -> None:
        async with served(matrix) as port, socket(port, matrix.a.headers(who)) as ws:
            await ws.send(json.dumps({"type": "hello", "since": 0, "topics": everything}))
            welcome, *_ = first = await until(ws, "welcome")
            assert set(welcome["topics"]) == {t for t, allowed in expected.items() if who in allowed}
            await ws.send(json.dumps({"type": "subscribe", "topics": theirs}))
            subscribed = await until(ws, "subscribed")
            assert set(subscribed[-1]["topics"]) <= {
                t for t, allowed in expected.items() if who in allowed
            } | set(theirs)
            before = len(subscribed)
            await say(matrix, matrix.b, "test.theirs", [*theirs, *everything])
            await say(matrix, matrix.a, "test.ours", [*everything, f"agent:{matrix.a.users[who]}"])
            frames = [*first, *subscribed, *await until(ws, "test.ours")]
            assert matrix.b.mark not in json.dumps(frames, ensure_ascii=False)
            assert str(matrix.b.id) not in json.dumps(frames)
            TALLY.add("frames on a socket", len(frames) + before)

    matrix.run(run())


def test_typing_and_viewing_reach_only_those_who_may_see_the_conversation(matrix: Matrix) -> None:
    talk, theirs = matrix.a.ids["conversation"], matrix.b.ids["conversation"]

    async def run() -> None:
        async with (
            served(matrix) as port,
            socket(port, matrix.a.headers("agent")) as mine,
            socket(port, matrix.b.headers("owner")) as other,
            socket(port, matrix.a.headers("owner")) as colleague,
        ):
            for ws, topic in ((mine, talk), (other, theirs), (colleague, talk)):
                await ws.send(json.dumps({"type": "hello", "topics": [f"conversation:{topic}"]}))
                await until(ws, "welcome")
            for conversation_id in (theirs, talk):
                await mine.send(json.dumps({"type": "viewing", "conversation_id": conversation_id}))
                await mine.send(json.dumps({"type": "typing", "conversation_id": conversation_id}))
            seen = await until(colleague, "typing")
            assert {frame["conversation_id"] for frame in seen} == {talk}
            for kind in ("viewing", "typing"):  # whoever says again that they look has not left in between
                await mine.send(json.dumps({"type": kind, "conversation_id": talk}))
            assert [frame["type"] for frame in await until(colleague, "typing")] == ["viewing", "typing"]
            await say(matrix, matrix.b, "test.end", [f"conversation:{theirs}"])
            assert [frame.get("name") for frame in await until(other, "test.end")] == ["test.end"]
            TALLY.add("signals on a socket", len(seen) + 1)

    matrix.run(run())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": "miaohui_session=nonsense"},
        {"authorization": "Bearer mh_nonsense"},
        {"cookie": "{session}", "origin": "https://evil.example"},
        {"cookie": "{session}", "x-miaohui-csrf": "1", "x-miaohui-shop": "{other}"},
    ],
)
def test_a_socket_without_rights_is_not_opened(matrix: Matrix, headers: dict[str, str]) -> None:
    session = f"miaohui_session={matrix.a.sessions['owner']}"
    asked = {k: v.format(session=session, other=matrix.b.id) for k, v in headers.items()}

    async def run() -> None:
        async with served(matrix) as port:
            with pytest.raises((websockets.InvalidStatus, websockets.ConnectionClosed)):
                async with socket(port, asked) as ws:
                    await ws.recv()
            TALLY.add("socket refused")

    matrix.run(run())


def test_the_event_stream_hears_its_own_shop_and_never_another(matrix: Matrix) -> None:
    expected = topics(matrix.a, matrix.b)
    asked = ",".join(topic for topic in expected if topic and "\0" not in topic)
    theirs = [topic for topic, allowed in topics(matrix.b, matrix.a).items() if allowed]

    async def run() -> None:
        async with served(matrix) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            query = {"topics": asked, "since": 0}
            headers = matrix.a.headers("agent")
            async with client.stream("GET", "/api/live/stream", params=query, headers=headers) as answer:
                assert answer.status_code == 200
                lines, text = answer.aiter_lines(), ""
                while "welcome" not in text:
                    text += await asyncio.wait_for(anext(lines), 5)
                await say(matrix, matrix.b, "test.theirs", [*theirs, *asked.split(",")])
                await say(matrix, matrix.a, "test.not_for_agents", ["shop", "board", "admin"])
                await say(matrix, matrix.a, "test.ours", [f"agent:{matrix.a.users['agent']}"])
                while "test.ours" not in text:
                    text += await asyncio.wait_for(anext(lines), 5)
                assert matrix.b.mark not in text and "not_for_agents" not in text
                TALLY.add("event stream")

    matrix.run(run())


def test_socket_and_stream_end_within_seconds_when_their_session_is_revoked(
    matrix: Matrix, quick_checks: None
) -> None:
    who, user_id = "inspector", matrix.a.users["inspector"]

    async def run() -> None:
        async with (
            served(matrix) as port,
            socket(port, matrix.a.headers(who)) as ws,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
            client.stream("GET", "/api/live/stream", headers=matrix.a.headers(who)) as stream,
        ):
            await ws.send(json.dumps({"type": "hello"}))
            await until(ws, "welcome")
            await matrix.process.rt.write(SYSTEM, lambda tx: end_sessions_of(tx, user_id, "killed"))

            async def read_to_the_end() -> None:
                async for _ in stream.aiter_bytes():
                    pass

            async with asyncio.timeout(2 * RECHECK_S):
                await asyncio.gather(read_to_the_end(), ws.wait_closed())
            again = await client.get("/api/live/stream", headers=matrix.a.headers(who))
            assert again.status_code == 401
            TALLY.add("revoked while open", 2)

    matrix.run(run())
