"""Pulling what pushes hint at, and the reconcile that repairs lost pushes (reliability.md R3, F7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from miaohui.channels.model.errors import AuthExpired, ChannelError, NotPermitted, Unknown
from miaohui.channels.model.inbound import Inbound
from miaohui.channels.model.ports import Page
from miaohui.kit.clock import to_ms
from miaohui.kit.errors import Outage
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx
from miaohui.kit.worker import Job, JobHandler, Periodic
from miaohui.trade import actions, queries
from miaohui.trade.model.inbound import Hint, facts_from_inbound
from miaohui.trade.model.parcel_route import is_moving
from miaohui.trade.model.ports import RECONCILE_EVERY_S, STREAMS, PullAccount, PullAccounts, window_start

PORT = "trade.accounts"


async def pull_thing(job: Job, rt: Runtime) -> None:
    """Read one order, after-sale or parcel from its platform and mirror it."""
    place = await _accounts(rt).find_pullable(job.shop_id, int(job.args["account_id"]))
    refs: dict[str, Any] = job.args["refs"]
    if place is None:
        await job.finish(lambda tx: actions.note_unreadable(tx, job.shop_id, refs, "该渠道没有可查询的接口"))
        return
    try:
        found = await place.puller.fetch(place.account, refs)
    except ChannelError as error:
        if _may_pass(error):
            raise _outage(error) from error
        reason = f"{error.code} {error.fault.code} {error.fault.message}".strip()
        await job.finish(lambda tx: actions.note_unreadable(tx, job.shop_id, refs, reason))
        return
    await job.finish(lambda tx: _mirror_pulled(tx, place, refs, found))


def _mirror_pulled(tx: Tx, place: PullAccount, refs: dict[str, Any], found: Inbound | None) -> None:
    """Mirror what was pulled; a fresh order asks for the routes of its parcels that still move."""
    if found is None:
        return
    shop_id, account_id = place.account.shop_id, place.account.id
    named = replace(found, refs={**refs, **found.refs})
    for fact in facts_from_inbound(account_id, named):
        actions.take_in_fact(tx, shop_id, fact)
    if "tracking_no" in refs or "order_id" not in refs:
        return
    parcels = queries.list_parcels_of_order(tx.conn, shop_id, place.account.channel, refs["order_id"])
    actions.ask_details(
        tx, shop_id, account_id,
        [
            Hint("parcel", (("order_id", refs["order_id"]), ("tracking_no", parcel["tracking_no"]),
                            ("logistics_code", parcel.get("carrier_code") or "")))
            for parcel in parcels
            if is_moving(parcel["state"])
        ],
    )  # fmt: skip


async def reconcile_all(job: Job, rt: Runtime) -> None:
    """Store one reconcile job for each account and stream that can be asked. Runs every minute."""
    if PORT not in rt.ports:
        return
    places = await _accounts(rt).list_pullable()
    slot = to_ms(rt.clock.now()) // (RECONCILE_EVERY_S * 1000)

    def ask(tx: Tx) -> None:
        for place in places:
            for stream in STREAMS:
                if stream in place.puller.streams:
                    tx.enqueue(
                        "trade.reconcile_stream",
                        {"account_id": place.account.id, "stream": stream},
                        shop_id=place.account.shop_id,
                        key=f"trade.reconcile:{place.account.id}:{stream}:{slot}",
                    )

    await job.finish(ask)


async def reconcile_stream(job: Job, rt: Runtime) -> None:
    """Read everything of one stream that changed since the last complete look, page by page.

    Each page is committed with the place to go on from, so a crash costs a page and no fact.
    """
    place = await _accounts(rt).find_pullable(job.shop_id, int(job.args["account_id"]))
    if place is None:
        return
    at = await _place_in_stream(rt, place, str(job.args["stream"]))
    try:
        while True:
            page = await place.puller.pull(place.account, at.look.stream, at.look.since, at.cursor)
            await job.step(_page_writer(place, at.look, page))
            if page.cursor is None:
                return
            at = replace(at, cursor=page.cursor)
    except (AuthExpired, NotPermitted) as error:
        reason = f"{error.code}: {error.shown_zh}"
        await job.finish(lambda tx: actions.note_failure(tx, at.look, reason))
    except ChannelError as error:
        raise _outage(error) from error


@dataclass(frozen=True)
class _Place:
    look: actions.Look
    cursor: str | None


async def _place_in_stream(rt: Runtime, place: PullAccount, stream: str) -> _Place:
    """Return where to begin: in the middle of an interrupted look, or at a new one."""
    shop_id, account_id = place.account.shop_id, place.account.id
    row = await rt.read(lambda conn: queries.find_cursor(conn, shop_id, account_id, stream))
    now = rt.clock.now()
    if row is not None and row.page_cursor is not None:
        return _Place(
            actions.Look(shop_id, account_id, stream, row.page_since, row.page_until), row.page_cursor
        )
    since = window_start(None if row is None else row.done_until, now)
    return _Place(actions.Look(shop_id, account_id, stream, since, now), None)


def _page_writer(place: PullAccount, look: actions.Look, page: Page) -> Any:
    """Return the unit that mirrors one page and moves the cursor, in one transaction."""

    def write(tx: Tx) -> None:
        facts = [fact for one in page.facts for fact in facts_from_inbound(place.account.id, one)]
        repaired = sum(actions.take_in_fact(tx, look.shop_id, fact) for fact in facts)
        actions.note_page(tx, look, page.cursor, len(facts), repaired)

    return write


def _accounts(rt: Runtime) -> PullAccounts:
    return rt.ports[PORT]  # type: ignore[no-any-return]


def _may_pass(error: ChannelError) -> bool:
    """Tell whether asking again may help: a platform that is down, slow or wants a new log-in, yes; one that does
    not know the thing, or does not let us, no."""
    return error.is_retryable or isinstance(error, AuthExpired | Unknown)


def _outage(error: ChannelError) -> Outage:
    """A pull changes nothing on the platform, so every failure of it may be tried again."""
    return Outage(
        error.channel, error.retry_after_s or 5.0, f"{error.code} {error.fault.code} {error.fault.message}"
    )


HANDLERS: dict[str, JobHandler] = {
    "trade.pull_order": pull_thing,
    "trade.pull_aftersale": pull_thing,
    "trade.pull_parcel": pull_thing,
    "trade.reconcile_all": reconcile_all,
    "trade.reconcile_stream": reconcile_stream,
}
PERIODIC = [Periodic("trade.reconcile", "trade.reconcile_all", RECONCILE_EVERY_S)]
