"""What runs later: once a day the orders of the last seven days are measured against the tier (spec §1.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx
from miaohui.kit.worker import Job, Periodic
from miaohui.shop.actions import propose_tier
from miaohui.shop.model.calendar import day_span, local_date
from miaohui.shop.queries import get_shop, list_shop_ids

MEASURED_DAYS = 7
PORT = "count_orders"
CountOrders = Callable[[Connection, int, datetime, datetime], int]


async def measure_tiers(job: Job, rt: Runtime) -> None:
    """Propose another tier to every shop whose measured orders a day belong to one.

    Whole local days only, at most seven, none before the shop was made. The port `count_orders` counts the
    orders of a shop between two moments.
    """
    for shop_id in await rt.read(list_shop_ids):
        await job.step(lambda tx, shop_id=shop_id: measure_tier(tx, shop_id, rt.ports[PORT]))  # type: ignore[misc]
    await job.finish()


def measure_tier(tx: Tx, shop_id: int, count_orders: CountOrders) -> int | None:
    """Measure one shop; return the proposal's id where there is one."""
    today = local_date(tx.now)
    made_on = local_date(get_shop(tx.conn, shop_id).created_at)
    days = min(MEASURED_DAYS, (today - made_on).days)
    if days < 1:
        return None
    start = day_span(today - timedelta(days=days)).start_at
    orders = count_orders(tx.conn, shop_id, start, day_span(today).start_at)
    return propose_tier(tx, shop_id, round(orders / days, 1), days)


HANDLERS = {"shop.measure_tiers": measure_tiers}
PERIODIC = [Periodic("shop.measure_tiers", "shop.measure_tiers", 86_400)]
