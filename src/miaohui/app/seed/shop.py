"""The example shop itself: a KA shop with a live session tonight."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.app.seed.stage import Stage
from miaohui.app.sim.demand import SHANGHAI, LiveWindow, live_window
from miaohui.kit.tx import Tx
from miaohui.shop import actions as shop
from miaohui.shop import queries as shop_queries
from miaohui.shop.actions import Edit, LivePlan, PromotionPlan

NAME = "秒回旗舰店"


def seed_shop(stage: Stage) -> int:
    """Make the shop as a key account (300 orders a day and more, spec §1.3); return its id.

    It came to us this morning: its tier is the owner's word until whole days have been measured.
    """

    def write(tx: Tx) -> int:
        shop_id = shop.create_shop(tx, NAME, main_category="女装")
        shop.set_policy(tx, shop_id, "tier", {"tier": "ka"}, Edit("示例店铺：日均 300 单以上"))
        return shop_id

    today = datetime.combine(stage.now.astimezone(SHANGHAI).date(), time(0), SHANGHAI)
    return stage.write(write, max(today, stage.now - timedelta(hours=3)))


def seed_evening(stage: Stage, shop_id: int, scenario: str) -> None:
    """Plan tonight's live session (and start it where it is on already); plan the promotion of its scenario."""
    window = live_window(stage.now)
    sessions = stage.read(partial(_sessions, shop_id=shop_id, now=stage.now, until=window.end))
    for row in sessions:
        if (
            row.planned_start_at != window.start
            and row.actual_start_at is not None
            and row.actual_end_at is None
        ):
            stage.write(partial(_end, shop_id=shop_id, session_id=int(row.id)))
    if not any(row.planned_start_at == window.start for row in sessions):
        _plan_tonight(stage, shop_id, window)
    if scenario == "promotion":
        stage.write(partial(_plan_promotion, shop_id=shop_id))


def _plan_tonight(stage: Stage, shop_id: int, window: LiveWindow) -> None:
    plan = LivePlan("秋冬上新专场", window.start, window.end, "抖音直播间 1 号", "秒回姐姐")
    planned_at = min(stage.now, window.start) - timedelta(hours=1)
    session_id = stage.write(lambda tx: shop.plan_live_session(tx, shop_id, plan), planned_at)
    if window.is_on(stage.now):
        stage.write(lambda tx: shop.start_live_session(tx, shop_id, session_id), window.start)


def _sessions(conn: Connection, shop_id: int, now: datetime, until: datetime) -> list[Any]:
    return shop_queries.list_live_sessions(conn, shop_id, now - timedelta(days=40), until + timedelta(days=1))


def _end(tx: Tx, shop_id: int, session_id: int) -> None:
    shop.end_live_session(tx, shop_id, session_id, "示例：已过当晚")


def _plan_promotion(tx: Tx, shop_id: int) -> None:
    """Plan three days of promotion from now on, unless one is on."""
    until = tx.now + timedelta(days=3)
    if not shop_queries.list_promotions(tx.conn, shop_id, tx.now, until):
        shop.plan_promotion(tx, shop_id, PromotionPlan("双十二预热", tx.now, until))
