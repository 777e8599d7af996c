"""The event stream does what the socket does: one's own topics, resume, who is looking, a sign of life."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from miaohui.app.live import RECHECK_S, own_topics
from miaohui.kit.http import Caller
from tests.app.matrix import Matrix
from tests.app.test_authorisation_live import say, served, socket, until

URL = "/api/live/stream"


def client_of(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=3 * RECHECK_S)


async def frames(answer: httpx.Response) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Yield the id (empty without one) and the data of each event."""
    event_id = ""
    async for line in answer.aiter_lines():
        if line.startswith("id: "):
            event_id = line[4:]
        elif line.startswith("data: "):
            yield event_id, json.loads(line[6:])
        elif not line:
            event_id = ""


async def up_to(found: AsyncIterator[Any], wanted: str) -> list[tuple[str, dict[str, Any]]]:
    """Read events up to one of type or name `wanted`."""
    got: list[tuple[str, dict[str, Any]]] = []
    async with asyncio.timeout(2 * RECHECK_S):
        while not got or wanted not in (got[-1][1].get("type"), got[-1][1].get("name")):
            got.append(await anext(found))
    return got


def test_a_stream_goes_on_after_the_last_event_that_was_seen(matrix: Matrix) -> None:
    """R10: nothing twice, nothing lost; a stream from before the feed's memory is told to fetch anew."""
    mine = f"agent:{matrix.a.users['agent']}"

    async def run() -> None:
        async with served(matrix) as port, client_of(port) as client:
            headers = matrix.a.headers("agent")
            async with client.stream("GET", URL, headers=headers) as answer:
                found = frames(answer)
                welcome = (await up_to(found, "welcome"))[-1][1]
                assert mine in welcome["topics"] and welcome["server_ms"] > 0 and len(welcome["topics"]) > 1
                await say(matrix, matrix.a, "test.first", [mine])
                first = (await up_to(found, "test.first"))[-1]
            await say(matrix, matrix.a, "test.meanwhile", [mine])
            async with client.stream("GET", URL, params={"since": first[0]}, headers=headers) as answer:
                found = frames(answer)  # the hub may hear of it before or after the first pong
                got = [*await up_to(found, "test.meanwhile"), *await up_to(found, "pong")]
                names = [data["name"] for _, data in got if data["type"] == "event"]
                assert names == ["test.meanwhile"]
            async with client.stream("GET", URL, params={"since": 2**52}, headers=headers) as answer:
                types = [data["type"] for _, data in await up_to(frames(answer), "pong")]
                assert types == ["welcome", "resync", "pong"]

    matrix.run(run())


def test_who_looks_by_a_stream_is_seen_and_is_seen_to_leave(matrix: Matrix, quick_checks: None) -> None:
    talk = matrix.a.ids["conversation"]
    topic = f"conversation:{talk}"

    async def run() -> None:
        async with (
            served(matrix) as port,
            socket(port, matrix.a.headers("owner")) as ws,
            client_of(port) as client,
        ):
            await ws.send(json.dumps({"type": "hello", "topics": [topic]}))
            await until(ws, "welcome")
            query = {"topics": topic, "viewing": talk}
            async with client.stream("GET", URL, params=query, headers=matrix.a.headers("manager")) as answer:
                found = frames(answer)
                await up_to(found, "viewing")
                assert (await until(ws, "viewing"))[-1]["conversation_id"] == talk
                assert (await up_to(found, "pong"))[-1][1]["server_ms"] > 0  # every few seconds, unasked
            assert (await until(ws, "left"))[-1]["conversation_id"] == talk

    matrix.run(run())


def test_one_follows_by_oneself_what_ones_rights_open() -> None:
    agent = Caller(7, 1, "agent", "小美", frozenset({"inbox.read", "trade.read"}), frozenset({3}))
    assert own_topics(agent) == ["agent:7", "group:3", "trade"]
