"""Sending: follows the live feed, delivers by the schedule, logs every attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from miaohui.kit import feed
from miaohui.kit.clock import to_ms
from miaohui.kit.crypto import Vault
from miaohui.kit.egress import Ask, Egress
from miaohui.kit.errors import Outage, Refusal
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Actor, Tx
from miaohui.kit.waiting import heard
from miaohui.kit.worker import Job, JobHandler, Periodic
from miaohui.webhooks import actions, queries
from miaohui.webhooks.model import (
    ANSWER_BYTES,
    SNIPPET_CHARS,
    TIMEOUT_S,
    Result,
    headers,
)

log = structlog.get_logger()
BATCH = 500
PACE_S = 0.2
DRAIN_S = 20.0
FOLLOWER = Actor("system", None, "webhooks.feed")


class FeedFollower:
    """Turns feed events into deliveries. Writes nothing while no endpoint wants an event."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.place: int | None = None

    async def run(self) -> None:
        """Follow the feed until cancelled: a few times a second, however much is going on."""
        bell = self.rt.doorbell.listen("feed")
        try:
            while True:
                bell.clear()
                while await self.step():
                    pass
                await heard(bell, 1.0)
                await asyncio.sleep(PACE_S)
        finally:
            self.rt.doorbell.unlisten(bell)

    async def step(self) -> bool:
        """Read on once; tell whether there may be more at once."""
        if self.place is None:
            self.place = await self._first_place()
        place = self.place
        listeners, events = await self.rt.read(
            lambda conn: (queries.list_listeners(conn), feed.read(conn, place, BATCH))
        )
        if not events:
            return False
        if any(actions.is_wanted(one, event) for event in events for one in listeners):
            await self.rt.write(FOLLOWER, lambda tx: actions.take_events(tx, events), background=True)
        self.place = events[-1].id
        return len(events) == BATCH

    async def _first_place(self) -> int:
        """Go on where deliveries were last made; on a new installation, with what comes from now on.

        Events that were passed without writing were wanted by nobody; endpoints that came later carry the feed
        id from which on they want events.
        """
        stored = await self.rt.read(queries.find_place)
        if stored is not None:
            return stored
        return (await self.rt.read(feed.edges))[1]


async def follow_feed(rt: Runtime) -> None:
    """Run the follower of this process until cancelled."""
    await FeedFollower(rt).run()


class _Sending:
    """The endpoints that this process is sending to just now: one sender each, so that a slow endpoint costs one
    slot of the job runner and no more."""

    def __init__(self) -> None:
        self.endpoint_ids: set[int] = set()


_sending = _Sending()


async def send_due(job: Job, rt: Runtime) -> None:
    """Send an endpoint's due deliveries until none is left or twenty seconds have passed, then plan the next time."""
    shop_id, endpoint_id = job.shop_id, int(job.args["endpoint_id"])
    if endpoint_id in _sending.endpoint_ids:
        return
    _sending.endpoint_ids.add(endpoint_id)
    try:
        ends_s = rt.clock.monotonic_s() + DRAIN_S
        while rt.clock.monotonic_s() < ends_s:
            claimed = await job.step(lambda tx: actions.claim_deliveries(tx, shop_id, endpoint_id))
            if not claimed:
                break
            await _send_batch(job, rt, endpoint_id, claimed)
    finally:
        _sending.endpoint_ids.discard(endpoint_id)
    await job.finish(lambda tx: actions.wake_later(tx, shop_id, endpoint_id))


async def _send_batch(job: Job, rt: Runtime, endpoint_id: int, claimed: list[actions.Claimed]) -> None:
    shop_id = job.shop_id
    try:
        row = await rt.read(lambda conn: queries.get_endpoint(conn, shop_id, endpoint_id))
    except Refusal:  # deleted a moment ago: its deliveries were dropped with it
        return
    vault: Vault = rt.ports["vault"]
    sealed = [row.secret_sealed]
    if row.old_secret_until is not None and row.old_secret_until > rt.clock.now():
        sealed.append(row.old_secret_sealed)
    secrets = [vault.open(one, actions.secret_context(endpoint_id)) for one in sealed]
    results = await asyncio.gather(*(send_once(rt, row.url, secrets, one) for one in claimed))

    def record(tx: Tx) -> None:
        for one, result in zip(claimed, results, strict=True):
            actions.record_attempt(tx, shop_id, endpoint_id, one, result)

    await job.step(record)


async def send_once(rt: Runtime, url: str, secrets: list[str], claimed: actions.Claimed) -> Result:
    """Post one delivery and return what came of it; a failure is a result, never an error."""
    egress: Egress = rt.ports["egress"]
    signed = headers(secrets, claimed.message_id, to_ms(rt.clock.now()) // 1000, claimed.body)
    ask = Ask("POST", url, "webhook", signed, claimed.body.encode(), TIMEOUT_S, ANSWER_BYTES)
    started_s = rt.clock.monotonic_s()
    try:
        reply = await egress.send(ask)
    except Outage as outage:
        return Result(None, error=outage.reason or str(outage), took_ms=_took_ms(rt, started_s))
    except Refusal as refusal:
        return Result(None, error=f"{refusal.code}: {refusal.kind.both}", took_ms=_took_ms(rt, started_s))
    return Result(
        reply.status,
        reply.text().replace("\0", "")[:SNIPPET_CHARS],
        took_ms=_took_ms(rt, started_s),
        retry_after_s=reply.retry_after_s(rt.clock.now()),
    )


def _took_ms(rt: Runtime, started_s: float) -> int:
    return int((rt.clock.monotonic_s() - started_s) * 1000)


async def purge(job: Job, rt: Runtime) -> None:
    """Delete what is older than thirty days and over."""
    await job.finish(actions.purge_deliveries)


HANDLERS: dict[str, JobHandler] = {"webhooks.send_due": send_due, "webhooks.purge": purge}
PERIODIC = [Periodic("webhooks.purge", "webhooks.purge", 86_400)]
LOOPS: list[tuple[str, Callable[[Runtime], Awaitable[None]]]] = [("webhooks-feed", follow_feed)]
