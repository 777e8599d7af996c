"""The job that erases a person in every room, in small pieces, and the one that rewrites the file at night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.engine import Connection

from miaohui.buyers import actions as buyers
from miaohui.buyers import queries as buyers_queries
from miaohui.channels.model import Inbound
from miaohui.inbox.actions import erase as inbox
from miaohui.inbox.actions.erase import Place
from miaohui.inbox.actions.talks import peer_of
from miaohui.inbox.jobs.ports import blobs_of, book_of, ingress_of
from miaohui.inbox.queries import erase as inbox_queries
from miaohui.insight.actions.erase import erase_session
from miaohui.kit import erasing
from miaohui.kit.attempts import attempt
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.kit.worker import Job, Periodic
from miaohui.trade.actions.erase import erase_orders
from miaohui.webhooks.actions.erase import erase_bodies

log = structlog.get_logger()
SHANGHAI = ZoneInfo("Asia/Shanghai")
SMALL_BYTES = 64_000_000  # a file of this size is rewritten in well under a second, also by day
NIGHT = range(3, 6)
MERGE_PAGES = 500
MARKS = 40
Step = Callable[[str, Callable[[Tx], int]], Awaitable[int]]


@dataclass(frozen=True)
class Person:
    """Whose data go: every record of theirs, and where they wrote."""

    erasure_id: int
    buyer_ids: tuple[int, ...]
    places: tuple[Place, ...]
    platform_ids: frozenset[str]


async def erase_buyer(job: Job, rt: Runtime) -> None:
    """Erase a person everywhere. Job `app.erase_buyer`, args: erasure_id. Idempotent: every piece may be repeated."""
    shop_id, erasure_id = job.shop_id, int(job.args["erasure_id"])
    person = await rt.read(lambda conn: _person(conn, shop_id, erasure_id))
    if person is None:
        await job.finish()
        return
    counts: Counter[str] = Counter()

    async def step(name: str, work: Callable[[Tx], int]) -> int:
        def overwritten(tx: Tx) -> int:
            with erasing.overwriting(tx.conn):
                return work(tx)

        count = await job.step(overwritten)
        counts[name] += count
        return count

    await step("ended", lambda tx: inbox.end_talks(tx, shop_id, person.places))
    while person.places and await step(
        "messages", lambda tx: inbox.erase_messages(tx, shop_id, person.places)
    ):
        pass
    digests: set[str] = set()
    for place in person.places:
        await step("conversations", partial(_talk, shop_id=shop_id, place=place, digests=digests))
    await step("orders", lambda tx: erase_orders(tx, shop_id, person.buyer_ids))
    await _deliveries(rt, shop_id, person, step)
    await _feed(rt, shop_id, person, step)
    await _index(rt, step)
    counts["files"] = await _files(rt, digests)
    await rt.in_thread(lambda: erasing.empty_log(rt.db))
    await job.finish(lambda tx: _finish(tx, shop_id, erasure_id, counts))


def _person(conn: Connection, shop_id: int, erasure_id: int) -> Person | None:
    found = buyers_queries.find_erasure(conn, shop_id, erasure_id)
    if found is None:
        return None
    ids = tuple(found["buyer_ids"])
    talks = inbox_queries.list_talks(conn, shop_id, ids)
    places = tuple(Place(talk, account, peer) for talk, account, peer, _ in talks)
    return Person(erasure_id, ids, places, frozenset(row[3] for row in talks))


def _talk(tx: Tx, shop_id: int, place: Place, digests: set[str]) -> int:
    digests.update(inbox.erase_talk(tx, shop_id, place))
    erase_session(tx, shop_id, str(place.conversation_id))
    return 1


def _finish(tx: Tx, shop_id: int, erasure_id: int, counts: Counter[str]) -> None:
    buyers.finish_erasure(tx, shop_id, erasure_id, counts)
    tx.enqueue("app.compact_erased", {}, key=f"app.compact_erased:{erasure_id}")


async def _deliveries(rt: Runtime, shop_id: int, person: Person, step: Step) -> None:
    """Blank the raw deliveries of this person: read again with the adapter, as the pump reads them."""
    accounts, after = {place.account_id for place in person.places}, 0
    while accounts:
        page = await rt.read(
            partial(
                inbox_queries.list_deliveries_after, shop_id=shop_id, account_ids=accounts, after_id=after
            )
        )
        if not page:
            return
        hits = await rt.read(partial(_hits, rt=rt, page=page, person=person))
        if hits:
            await step("deliveries", partial(inbox.erase_deliveries, shop_id=shop_id, delivery_ids=hits))
        after = page[-1][0]


def _hits(conn: Connection, rt: Runtime, page: Sequence[Any], person: Person) -> list[int]:
    """Return the deliveries that speak of this person; one that cannot be read counts when it holds their id."""
    peers, found = {place.peer for place in person.places}, []
    for delivery_id, account_key, raw, channel in page:
        account, ingress = book_of(rt).by_key(conn, account_key), ingress_of(rt, channel)
        facts = attempt(partial(ingress.decode, raw, account)) if account and ingress else ()
        if isinstance(facts, Exception) or not facts:
            is_hit = any(name and name.encode() in raw.body for name in (*person.platform_ids, *peers))
        else:
            is_hit = any(_is_theirs(fact, peers, person.platform_ids) for fact in facts)
        if is_hit:
            found.append(delivery_id)
    return found


def _is_theirs(fact: Inbound, peers: set[str], platform_ids: frozenset[str]) -> bool:
    return peer_of(fact) in peers or (bool(fact.actor.platform_id) and fact.actor.platform_id in platform_ids)


async def _feed(rt: Runtime, shop_id: int, person: Person, step: Step) -> None:
    """Blank what the live feed and the outgoing webhooks still hold of these conversations and buyers."""
    marks = [str(place.conversation_id) for place in person.places] + [str(one) for one in person.buyer_ids]
    first, last = await rt.read(lambda conn: erasing.feed_ends(conn, shop_id))
    for at in range(0, len(marks), MARKS):
        some = marks[at : at + MARKS]
        for after in range(first - 1, last, erasing.FEED_PIECE):
            await step("events", partial(_blank, shop_id=shop_id, after_id=after, marks=some))
        await step("webhooks", partial(erase_bodies, shop_id=shop_id, marks=some))


def _blank(tx: Tx, shop_id: int, after_id: int, marks: Sequence[str]) -> int:
    return erasing.blank_feed(tx.conn, shop_id, after_id, marks)


async def _index(rt: Runtime, step: Step) -> None:
    """Merge the search index until no deleted entry is left in it (SQLite); PostgreSQL's vacuum does it there."""
    while rt.db.is_sqlite and await step("index", _merge):
        pass


def _merge(tx: Tx) -> int:
    """One bounded piece of merging; 0 when nothing was left to do. FTS5 counts a no-op as one change."""
    before = tx.conn.exec_driver_sql("SELECT total_changes()").scalar_one()
    tx.conn.exec_driver_sql(f"INSERT INTO inbox_search(inbox_search, rank) VALUES('merge', -{MERGE_PAGES})")
    return int(tx.conn.exec_driver_sql("SELECT total_changes()").scalar_one() - before >= 2)


async def _files(rt: Runtime, digests: set[str]) -> int:
    """Delete the files that nobody else has; return how many."""
    gone = 0
    for digest in sorted(digests):
        if not await rt.read(partial(inbox_queries.is_kept, digest=digest)):
            await rt.in_thread(partial(blobs_of(rt).delete, digest))
            gone += 1
    return gone


async def compact_erased(job: Job, rt: Runtime) -> None:
    """Rewrite the file after erasures: a small one at once, a large one between 3 and 6 in the morning."""
    if await rt.read(buyers_queries.has_uncompacted_erasure) and _may_compact(rt):
        if await rt.in_thread(lambda: erasing.compact(rt.db)):
            await rt.write(SYSTEM, buyers.note_compacted)
        else:
            log.info("erasure.log_in_use")
    await job.finish()


def _may_compact(rt: Runtime) -> bool:
    path = rt.db.path
    is_small = rt.db.is_sqlite and (path is None or path.stat().st_size < SMALL_BYTES)
    return is_small or rt.clock.now().astimezone(SHANGHAI).hour in NIGHT


HANDLERS = {"app.erase_buyer": erase_buyer, "app.compact_erased": compact_erased}
PERIODIC = [Periodic("app.compact_erased", "app.compact_erased", 1_800)]
