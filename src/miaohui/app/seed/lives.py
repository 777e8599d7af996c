"""Lives of orders: what became of an order placed at a given time. Pure, by a seeded random source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from miaohui.app.sim.catalogue import CARRIERS, GOODS, LIVE_ROOM_ID, PRESENTER, VIDEO_ID
from miaohui.trade.model import (
    AftersaleFact,
    AftersaleKind,
    AftersaleStatus,
    Arbitration,
    BuyerId,
    OrderFact,
    OrderItemFact,
    OrderStatus,
    ParcelFact,
    ParcelState,
    RouteNode,
    Source,
)

REGIONS = (
    ("浙江省 杭州市 西湖区", "杭州"), ("江苏省 南京市 鼓楼区", "南京"), ("四川省 成都市 武侯区", "成都"),
    ("广东省 广州市 天河区", "广州"), ("山东省 济南市 历下区", "济南"), ("湖北省 武汉市 洪山区", "武汉"),
    ("河南省 郑州市 金水区", "郑州"), ("陕西省 西安市 雁塔区", "西安"), ("辽宁省 沈阳市 和平区", "沈阳"),
)  # fmt: skip
REASONS = ("尺码不合适", "与描述不符", "质量问题", "不喜欢/效果不好", "多拍/错拍", "少件/漏发")
SHIP_WITHIN = timedelta(hours=48)


@dataclass(frozen=True)
class Bought:
    """One order to be told: where it was bought, when, by whom (as that platform names the buyer)."""

    channel: str
    account_id: int
    number: str
    placed_at: datetime
    buyer_ids: tuple[BuyerId, ...]
    receiver_mask: str


def life_of(bought: Bought, now: datetime, chance: Random) -> tuple[OrderFact, list[AftersaleFact]]:
    """Return an order with its parcel as they stand at `now`, and its after-sale where there is one."""
    age = now - bought.placed_at
    status = _status(age, chance)
    shipped_at = bought.placed_at + timedelta(hours=chance.uniform(5, 30))
    is_sent = status in (OrderStatus.SHIPPED, OrderStatus.COMPLETED)
    changed_at = min(now, shipped_at if is_sent else bought.placed_at + timedelta(minutes=20))
    source = Source(bought.channel, bought.account_id, changed_at, True)
    region, city = chance.choice(REGIONS)
    parcels = (_parcel(bought, source, (shipped_at, now), city, chance),) if is_sent else ()
    item = _item(bought, status, chance)
    order = OrderFact(
        source, bought.number, status, order_fen=item.pay_fen, pay_fen=item.pay_fen, freight_fen=0,
        insurance_fen=chance.choice((0, 80, 80)), placed_at=bought.placed_at,
        paid_at=None if status is OrderStatus.UNPAID else bought.placed_at + timedelta(seconds=40),
        ship_due_at=bought.placed_at + SHIP_WITHIN, shipped_at=shipped_at if is_sent else None,
        receiver_name_mask=bought.receiver_mask, receiver_region=region, receiver_address_mask="****",
        receiver_phone_mask=f"1{chance.choice('3578')}{chance.randrange(10)}****{chance.randrange(10_000):04d}",
        tracking_nos=tuple(parcel.tracking_no for parcel in parcels), items=(item,), parcels=parcels,
        buyer_ids=bought.buyer_ids,
    )  # fmt: skip
    aftersales = [_aftersale(bought, order, now, chance)] if is_sent and chance.random() < 0.18 else []
    return order, aftersales


def _status(age: timedelta, chance: Random) -> OrderStatus:
    if chance.random() < 0.06:
        return OrderStatus.CANCELLED
    if age < timedelta(minutes=40):
        return chance.choice((OrderStatus.UNPAID, OrderStatus.PAID))
    if age < timedelta(hours=32):
        return OrderStatus.TO_SHIP
    return OrderStatus.SHIPPED if age < timedelta(days=4.5) else OrderStatus.COMPLETED


def _item(bought: Bought, status: OrderStatus, chance: Random) -> OrderItemFact:
    good = chance.choice(GOODS)
    spec = chance.choice(good.specs())
    source = chance.random()
    is_live, is_video = source < 0.45, 0.45 <= source < 0.6
    return OrderItemFact(
        f"{bought.number}01", status, good.product_id, good.sku_id(spec), good.title, None, spec, 1,
        good.price_fen, PRESENTER[0] if is_live else None, PRESENTER[1] if is_live else None,
        LIVE_ROOM_ID if is_live else None, VIDEO_ID if is_video else None,
        comment_state="written" if status is OrderStatus.COMPLETED and chance.random() < 0.4 else "none",
    )  # fmt: skip


def _parcel(
    bought: Bought, source: Source, span: tuple[datetime, datetime], city: str, chance: Random
) -> ParcelFact:
    code, name, prefix = chance.choice(CARRIERS)
    shipped_at, now = span
    route = (
        (2, "【杭州余杭】快递员已揽收", ParcelState.COLLECTED, "杭州余杭"),
        (11, "【杭州转运中心】快件已发出", ParcelState.IN_TRANSIT, "杭州转运中心"),
        (26, f"【{city}转运中心】快件已到达", ParcelState.IN_TRANSIT, f"{city}转运中心"),
        (38, f"【{city}】快递员正在为您派送", ParcelState.DELIVERING, city),
        (44, f"【{city}】已签收，签收人：本人", ParcelState.SIGNED, city),
    )
    nodes = [RouteNode(shipped_at + timedelta(hours=h), text, state, site) for h, text, state, site in route]
    number = f"{prefix}{chance.randrange(10**12, 10**13)}"
    seen = tuple(node for node in nodes if node.at <= now)
    return ParcelFact(source, bought.number, number, code, name, shipped_at, seen)


def _aftersale(bought: Bought, order: OrderFact, now: datetime, chance: Random) -> AftersaleFact:
    status = chance.choices(
        (AftersaleStatus.APPLIED, AftersaleStatus.RETURNING, AftersaleStatus.RETURNED, AftersaleStatus.SUCCEEDED,
         AftersaleStatus.REFUSED), (30, 15, 15, 32, 8),
    )[0]  # fmt: skip
    applied_at = now - timedelta(hours=chance.uniform(1, 40))
    is_arbitrated = status is AftersaleStatus.REFUSED and chance.random() < 0.6
    return AftersaleFact(
        Source(bought.channel, bought.account_id, applied_at + timedelta(minutes=30), True),
        f"7{bought.number[1:]}", bought.number, f"{bought.number}01", status,
        chance.choice((AftersaleKind.RETURN_REFUND, AftersaleKind.RETURN_REFUND, AftersaleKind.EXCHANGE,
                       AftersaleKind.REFUND_SHIPPED)),
        applied_at, applied_at + timedelta(hours=48), order.pay_fen, 0, chance.choice(REASONS),
        arbitration=Arbitration.EVIDENCE_WANTED if is_arbitrated else Arbitration.NONE,
        arbitration_deadline=now + timedelta(hours=30) if is_arbitrated else None,
    )  # fmt: skip


def placed_times(count: int, now: datetime, days: float, chance: Random) -> Sequence[datetime]:
    """Return `count` times of the last days, oldest first, denser towards now."""
    return sorted(now - timedelta(days=days) * chance.random() ** 1.4 for _ in range(count))
