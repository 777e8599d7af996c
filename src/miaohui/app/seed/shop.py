"""The example shop itself: a KA shop with a live session tonight."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

from miaohui.app.seed.stage import Stage
from miaohui.app.sim.demand import SHANGHAI, live_window
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

    def plan(tx: Tx) -> int:
        return shop.plan_live_session(
            tx, shop_id, LivePlan("秋冬上新专场", window.start, window.end, "抖音直播间 1 号", "秒回姐姐")
        )

    session_id = stage.write(plan, min(stage.now, window.start) - timedelta(hours=1))
    if window.is_on(stage.now):
        stage.write(lambda tx: shop.start_live_session(tx, shop_id, session_id), window.start)
    if scenario == "promotion":
        span = PromotionPlan("双十二预热", stage.now, stage.now + timedelta(days=3))
        stage.write(lambda tx: shop.plan_promotion(tx, shop_id, span), stage.now)


def renew_evening(stage: Stage, shop_id: int, scenario: str) -> None:
    """On a later day: end sessions of days past, and plan tonight's unless it is there."""
    window = live_window(stage.now)
    since, until = stage.now - timedelta(days=40), window.end + timedelta(days=1)
    sessions = stage.read(lambda conn: shop_queries.list_live_sessions(conn, shop_id, since, until))
    if any(row.planned_start_at == window.start for row in sessions):
        return
    for row in sessions:
        if row.actual_start_at is not None and row.actual_end_at is None:
            stage.write(partial(_end, shop_id=shop_id, session_id=int(row.id)))
    seed_evening(stage, shop_id, scenario)


def _end(tx: Tx, shop_id: int, session_id: int) -> None:
    shop.end_live_session(tx, shop_id, session_id, "示例：已过当晚")
