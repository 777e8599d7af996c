"""Live push: one hub reads the feed once and fans it out to bounded subscriber queues.

A subscriber that cannot keep up loses its queue and gets `resync`: it refetches, others are not slowed.
Presence-like signals (typing, viewers) pass through without being stored. Source: house §4 step 6, R10.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict, deque
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from miaohui.kit import feed
from miaohui.kit.feed import FeedEvent
from miaohui.kit.runtime import Runtime
from miaohui.kit.waiting import heard

QUEUE_LIMIT = 1_000
READ_LIMIT = 500
RECENT_LIMIT = 5_000
REPLAY_LIMIT = 2_000
CATCH_UP_AT_ONCE = 4


@dataclass(eq=False)
class Subscriber:
    """One open socket or event stream of one shop. `frames` are (feed id, JSON), oldest first."""

    shop_id: int
    user_id: int
    topics: set[str] = field(default_factory=set)
    frames: deque[tuple[int, bytes]] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    lagging: bool = False

    def offer(self, frame: bytes, event_id: int = 0) -> None:
        """Queue a frame, or drop the queue and mark the subscriber as lagging when it is full."""
        if self.lagging:
            return
        if len(self.frames) >= QUEUE_LIMIT:
            self.frames.clear()
            self.lagging = True
        else:
            self.frames.append((event_id, frame))
        self.wake.set()


class LiveHub:
    """Reads the feed behind one cursor and gives each event to whoever is subscribed to one of its topics."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.cursor = 0
        self._by_topic: dict[tuple[int, str], set[Subscriber]] = defaultdict(set)
        self._all: set[Subscriber] = set()
        self._recent: deque[FeedEvent] = deque()
        self._recent_since = 0  # every event after this id, up to the cursor, is in `_recent`
        self._reaching = asyncio.Lock()
        # How many are caught up at once: a herd that comes back takes turns, and others are served meanwhile.
        self.catching_up = asyncio.Semaphore(CATCH_UP_AT_ONCE)
        self.started = asyncio.Event()

    @property
    def subscriber_count(self) -> int:
        """How many sockets and streams are open."""
        return len(self._all)

    def subscribers(self) -> list[Subscriber]:
        """Return the open subscribers."""
        return list(self._all)

    async def run(self) -> None:
        """Follow the feed until cancelled.

        On SQLite the writer lane hands over what it has just committed; the feed is read where others write too,
        after a gap, and once a second anyway.
        """
        bell = self.rt.doorbell.listen(*self._rings())
        if not self.started.is_set():  # a loop that died and came back goes on where it was
            _, self.cursor = await self.rt.read(feed.edges)
            self._recent_since = self.cursor
            self.started.set()
        loop = asyncio.get_running_loop()
        self.rt.lane.on_feed = lambda events: self._hand_over(loop, events, bell)
        try:
            while True:
                bell.clear()
                while await self._read_on():
                    pass
                await heard(bell, 1.0)
        finally:
            self.rt.lane.on_feed = None
            self.rt.doorbell.unlisten(bell)

    def _rings(self) -> tuple[str, ...]:
        return () if self.rt.db.is_sqlite else ("feed",)

    def _hand_over(
        self, loop: asyncio.AbstractEventLoop, events: list[FeedEvent], bell: asyncio.Event
    ) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody looks any more
            loop.call_soon_threadsafe(self.take, events, bell)

    def take(self, events: list[FeedEvent], bell: asyncio.Event) -> None:
        """Dispatch what was just committed, or have the feed read when something is missing before it."""
        if events[0].id == self.cursor + 1:
            self._go_on(events)
        elif events[-1].id > self.cursor:
            bell.set()

    async def _read_on(self) -> bool:
        events = await self.rt.read(lambda conn: feed.read(conn, self.cursor, READ_LIMIT))
        self._go_on([event for event in events if event.id > self.cursor])  # some were handed over meanwhile
        return len(events) == READ_LIMIT

    def _go_on(self, events: list[FeedEvent]) -> None:
        for event in events:
            self._dispatch(event)
        if events:
            self.cursor = events[-1].id

    def _dispatch(self, event: FeedEvent) -> None:
        self._recent.append(event)
        if len(self._recent) > RECENT_LIMIT:
            self._recent_since = self._recent.popleft().id
        found: set[Subscriber] = set()
        for topic in event.topics:
            found |= self._by_topic.get((event.shop_id, topic), set())
        if found:
            frame = event.frame()
            for subscriber in found:
                subscriber.offer(frame, event.id)

    def join(self, subscriber: Subscriber) -> None:
        """Add a subscriber; it gets what is dispatched from now on."""
        self._all.add(subscriber)

    def leave(self, subscriber: Subscriber) -> None:
        """Remove a subscriber and its subscriptions."""
        self.unsubscribe(subscriber, set(subscriber.topics))
        self._all.discard(subscriber)

    def subscribe(self, subscriber: Subscriber, topics: set[str]) -> None:
        """Add topics, already authorised."""
        for topic in topics - subscriber.topics:
            self._by_topic[(subscriber.shop_id, topic)].add(subscriber)
        subscriber.topics |= topics

    def unsubscribe(self, subscriber: Subscriber, topics: set[str]) -> None:
        """Remove topics."""
        for topic in topics & subscriber.topics:
            key = (subscriber.shop_id, topic)
            self._by_topic[key].discard(subscriber)
            if not self._by_topic[key]:
                del self._by_topic[key]
        subscriber.topics -= topics

    async def replay(self, shop_id: int, topics: set[str], since: int, upto: int) -> list[FeedEvent] | None:
        """Return this shop's events after `since` up to `upto`, or None when some are gone: resync.

        Served from memory; after a restart the first who asks has the table read once, for everybody: at most
        2,000 events back.
        """
        if since < self._recent_since:
            await self._reach_back(since)
        if since < self._recent_since:
            return None
        return [
            e for e in self._recent
            if since < e.id <= upto and e.shop_id == shop_id and not topics.isdisjoint(e.topics)
        ]  # fmt: skip

    async def _reach_back(self, since: int) -> None:
        """Have more of the past in memory, if there is as much of it."""
        async with self._reaching:
            if since >= self._recent_since or since < self._recent_since - REPLAY_LIMIT:
                return
            upto = self._recent_since
            reached, found = await self.rt.read(lambda conn: _before(conn, upto))
            if self._recent_since == upto and len(self._recent) + len(found) <= RECENT_LIMIT + REPLAY_LIMIT:
                self._recent.extendleft(reversed(found))
                self._recent_since = reached

    def signal(self, shop_id: int, topic: str, frame: bytes) -> None:
        """Send an unstored frame (typing, viewers) to a topic's subscribers."""
        for subscriber in self._by_topic.get((shop_id, topic), set()):
            subscriber.offer(frame)


def _before(conn: Connection, upto: int) -> tuple[int, list[FeedEvent]]:
    """Return an id and every event after it up to `upto`: as many as are kept, at most 2,000."""
    first, _ = feed.edges(conn)
    since = min(upto, max(first - 1, upto - REPLAY_LIMIT))
    return since, [event for event in feed.read(conn, since, REPLAY_LIMIT) if event.id <= upto]
