"""Housekeeping: sleepers wake, stuck sends go on, silent channels are noticed, old deliveries go."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from miaohui.inbox.actions.deliveries import note_silence
from miaohui.inbox.actions.outcome import start_delivery
from miaohui.inbox.actions.purge import purge_worked
from miaohui.inbox.actions.snooze import wake_due
from miaohui.inbox.model import SILENT_AFTER_S
from miaohui.inbox.queries.messages import list_queued
from miaohui.inbox.queries.work import find_pulse
from miaohui.inbox.store.work import snoozes
from miaohui.kit.clock import to_ms
from miaohui.kit.jobs import jobs_table
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx
from miaohui.kit.worker import Job, TimerSource
from miaohui.shop.model.channels import ChannelAccount
from miaohui.shop.queries import list_live_accounts, list_shop_ids

SHANGHAI = ZoneInfo("Asia/Shanghai")
STUCK_AFTER_S = 120
WATCH_FROM, WATCH_TO = "08:00", "23:00"  # the hours in which platforms measure the reply time (domain §2.1)
UNWATCHED = frozenset({"widget"})  # a shop's own page may well be quiet for hours


def _next_wake(conn: Connection) -> datetime | None:
    found = conn.execute(select(func.min(snoozes.c.until)).where(snoozes.c.woken_at.is_(None))).scalar()
    return found


TIMERS = [TimerSource("inbox.snoozes", _next_wake, wake_due)]


async def sweep_replies(job: Job, rt: Runtime) -> None:
    """Start again what hangs: a queued or sending reply without a live job (its job died of a bug)."""
    older_ms = to_ms(rt.clock.now() - timedelta(seconds=STUCK_AFTER_S))

    def sweep(tx: Tx) -> int:
        started, seen = 0, set()
        for shop_id, conversation_id, message_id, _ in list_queued(tx.conn, older_ms):
            if conversation_id in seen or _has_job(tx, message_id):
                seen.add(conversation_id)
                continue
            seen.add(conversation_id)
            start_delivery(tx, shop_id, message_id, int(tx.now.timestamp()))
            started += 1
        return started

    await job.finish(sweep)


def _has_job(tx: Tx, message_id: int) -> bool:
    pattern = f"inbox.deliver_reply:{message_id}:%"
    return (
        tx.execute(
            select(jobs_table.c.id).where(
                jobs_table.c.key.like(pattern), jobs_table.c.state.in_(("queued", "running"))
            )
        ).first()
        is not None
    )


async def watch_silence(job: Job, rt: Runtime) -> None:
    """Notice channel accounts that should be busy and are silent. Every minute."""
    accounts = await rt.read(lambda conn: list_live_accounts(conn, rt.ports["vault"]))

    def watch(tx: Tx) -> int:
        return sum(_watch_one(tx, account) for account in accounts)

    await job.finish(watch)


def _watch_one(tx: Tx, account: ChannelAccount) -> bool:
    default_s = 0 if account.channel in UNWATCHED else SILENT_AFTER_S
    after_s = int(account.config.get("silent_after_s", default_s))
    last = find_pulse(tx.conn, account.shop_id, account.id)
    if after_s <= 0 or last is None:
        return False
    since = counted_since(last, tx.now, account.config.get("watch_from"), account.config.get("watch_to"))
    if since is None:
        return False
    return note_silence(tx, (account.shop_id, account.id, account.channel), to_ms(since), after_s)


def counted_since(
    last: datetime, now: datetime, opens: str | None = None, closes: str | None = None
) -> datetime | None:
    """Return since when a silence counts, or None outside of the watched hours.

    A night does not count: silence that began before opening counts from the opening.
    """
    local = now.astimezone(SHANGHAI)
    start = _at(local, opens or WATCH_FROM)
    end = _at(local, closes or WATCH_TO)
    if not start <= local < end:
        return None
    return max(last, start.astimezone(now.tzinfo))


def _at(day: datetime, clock: str) -> datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    if hour == 24:
        return datetime.combine(day.date() + timedelta(days=1), time(0, 0), SHANGHAI)
    return datetime.combine(day.date(), time(hour, minute), SHANGHAI)


async def purge_deliveries(job: Job, rt: Runtime) -> None:
    """Delete raw deliveries and attempts to send after each shop's own time for them; messages stay."""
    for shop_id in await rt.read(list_shop_ids):
        while await job.step(partial(purge_worked, shop_id=shop_id)):
            pass
    await job.finish()
