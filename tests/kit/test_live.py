"""The hub: each subscriber gets its own topics once, in order; a slow one is cut loose."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from tests.runtimes import running

from miaohui.kit import feed
from miaohui.kit.db import Database
from miaohui.kit.live import QUEUE_LIMIT, LiveHub, Subscriber
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM


@pytest.fixture
def rt(tmp_path: Path, test_url):
    with running(Database(test_url(tmp_path)), tmp_path) as made:
        yield made


async def say(rt: Runtime, shop: int, topics: list[str], n: int) -> None:
    await rt.write(SYSTEM, lambda tx: tx.feed(shop, topics, "x.said", {"n": n}))


def heard(subscriber: Subscriber) -> list[int]:
    return [msgspec.json.decode(frame)["data"]["n"] for _, frame in subscriber.frames]


async def settled(hub: LiveHub, count: int, subscriber: Subscriber) -> None:
    async with asyncio.timeout(5):
        while len(subscriber.frames) < count:
            await subscriber.wake.wait()
            subscriber.wake.clear()


@contextlib.asynccontextmanager
async def restarted(rt: Runtime) -> AsyncIterator[LiveHub]:
    """Give a hub that has seen nothing yet, as after a restart."""
    fresh = LiveHub(rt)
    task = asyncio.create_task(fresh.run())
    await fresh.started.wait()
    try:
        yield fresh
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def with_hub(rt: Runtime, scenario) -> None:
    async def main() -> None:
        await rt.doorbell.start()
        hub = LiveHub(rt)
        task = asyncio.create_task(hub.run())
        await hub.started.wait()
        try:
            await scenario(hub)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await rt.doorbell.stop()

    asyncio.run(main())


def test_each_gets_its_own_topics_once_and_in_order(rt: Runtime) -> None:
    async def scenario(hub: LiveHub) -> None:
        mine, other_shop = Subscriber(1, 10), Subscriber(2, 11)
        for s in (mine, other_shop):
            hub.join(s)
            hub.subscribe(s, {"shop", "board"})
        for n in range(20):
            await say(rt, 1, ["shop", "board"], n)
        await say(rt, 1, ["agent:99"], 100)
        await say(rt, 2, ["shop"], 200)
        await settled(hub, 20, mine)
        await settled(hub, 1, other_shop)
        assert heard(mine) == list(range(20))
        assert heard(other_shop) == [200]

    with_hub(rt, scenario)


def test_after_a_restart_the_table_is_read_once_for_a_whole_herd(rt: Runtime) -> None:
    """F12: hundreds that come back at once cost one reading of the feed, and no event is lost or doubled."""

    async def scenario(hub: LiveHub) -> None:
        for n in range(30):
            await say(rt, 1, ["shop"], n)
        async with restarted(rt) as fresh:
            reads = 0
            read = rt.read

            async def counted(fn):
                nonlocal reads
                reads += 1
                return await read(fn)

            rt.read = counted
            asked = [fresh.replay(1, {"shop"}, n % 25, fresh.cursor) for n in range(200)]
            found = await asyncio.gather(*asked)
            rt.read = read
            assert reads <= 2, "one reading, and the hub's own look"
            for n, missed in enumerate(found):
                assert missed is not None and [e.id for e in missed] == list(range(n % 25 + 1, 31))

    with_hub(rt, scenario)


def test_what_was_missed_is_replayed_and_a_gap_is_told(rt: Runtime) -> None:
    async def scenario(hub: LiveHub) -> None:
        watcher = Subscriber(1, 10)
        hub.join(watcher)
        hub.subscribe(watcher, {"shop"})
        for n in range(5):
            await say(rt, 1, ["shop"], n)
        await settled(hub, 5, watcher)
        first = watcher.frames[0][0]
        missed = await hub.replay(1, {"shop"}, first, hub.cursor)
        assert missed is not None and [msgspec.json.decode(e.data)["n"] for e in missed] == [1, 2, 3, 4]
        assert await hub.replay(2, {"shop"}, first, hub.cursor) == []
        async with restarted(rt) as fresh:
            again = await fresh.replay(1, {"shop"}, first, fresh.cursor)
            assert again is not None and [e.id for e in again] == [e.id for e in missed]
            assert await fresh.replay(2, {"shop"}, first, fresh.cursor) == []
        await rt.write(
            SYSTEM, lambda tx: tx.conn.exec_driver_sql(f"DELETE FROM kit_feed WHERE id <= {first + 2}")
        )
        async with restarted(rt) as fresh:
            assert await fresh.replay(1, {"shop"}, first, fresh.cursor) is None
            assert len(await fresh.replay(1, {"shop"}, first + 2, fresh.cursor) or ()) == 2

    with_hub(rt, scenario)


def test_a_stalled_subscriber_loses_its_queue_and_nobody_else_does(rt: Runtime) -> None:
    stalled, healthy = Subscriber(1, 10), Subscriber(1, 11)
    for n in range(QUEUE_LIMIT + 1):
        stalled.offer(b"{}", n)
    assert stalled.lagging and not stalled.frames
    healthy.offer(b"{}", 1)
    assert not healthy.lagging and len(healthy.frames) == 1


def test_what_was_committed_is_handed_over_and_a_gap_is_read(rt: Runtime) -> None:
    async def scenario(hub: LiveHub) -> None:
        one = Subscriber(1, 1)
        hub.join(one)
        hub.subscribe(one, {"shop"})
        await say(rt, 1, ["shop"], 1)
        await settled(hub, 1, one)
        handed_over, rt.lane.on_feed = rt.lane.on_feed, None  # as if another process had written
        await say(rt, 1, ["shop"], 2)
        await say(rt, 1, ["shop"], 3)
        rt.lane.on_feed = handed_over
        await say(rt, 1, ["shop"], 4)
        await settled(hub, 4, one)
        assert heard(one) == [1, 2, 3, 4]

    with_hub(rt, scenario)


def test_an_event_that_was_read_and_handed_over_is_shown_once(rt: Runtime) -> None:
    async def scenario(hub: LiveHub) -> None:
        one, bell = Subscriber(1, 1), asyncio.Event()
        hub.join(one)
        hub.subscribe(one, {"shop"})
        await say(rt, 1, ["shop"], 1)
        await settled(hub, 1, one)
        hub.take(await rt.read(lambda conn: feed.read(conn, 0)), bell)
        assert heard(one) == [1]
        assert not bell.is_set()

    with_hub(rt, scenario)
