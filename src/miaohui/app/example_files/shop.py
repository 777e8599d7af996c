"""A simulated shop with a known truth: what the reports must find is put in here.

Nothing of it comes from a real shop. Every file of `write.py` tells of this one world, so that they agree.
"""

# ruff: noqa: E501
from __future__ import annotations

import random
from bisect import bisect_left
from datetime import date, timedelta

from miaohui.app.example_files import lines
from miaohui.app.example_files.talks import Talks
from miaohui.app.example_files.world import (
    DAY,
    HOUR,
    HOUR_WEIGHTS,
    MINUTE,
    PRE_SALE,
    PRODUCTS,
    AfterSale,
    Chat,
    Message,
    Order,
    Product,
    Review,
    Truth,
    day_ms,
    is_live,
)


class Shop(Talks):
    """The world: `run()` fills chats, orders, after-sales and reviews."""

    def __init__(
        self, seed: int, last: date, days: int = 28, truth: Truth | None = None, scale: float = 1.0
    ) -> None:
        self.rng = random.Random(seed)
        self.truth, self.scale = truth or Truth(), scale
        self.days = [last - timedelta(days=days - 1 - i) for i in range(days)]
        self.chats: list[Chat] = []
        self.orders: list[Order] = []
        self.aftersales: list[AfterSale] = []
        self.reviews: list[Review] = []
        self._number = 6_920_000_000_000_000_000 + seed * 1_000_000_007 % 10**12
        self.chat_no = 100_000 + seed
        self.back: set[str] = set()

    def number(self) -> str:
        """Return a new 19-digit number."""
        self._number += self.rng.randrange(3, 9_000_000)
        return str(self._number)

    def run(self) -> Shop:
        """Simulate all days."""
        for day in self.days:
            busy = 1.25 if day.weekday() in (1, 3, 5) else 1.0
            count = round(self.truth.sessions_a_day * self.scale * busy * self.rng.uniform(0.9, 1.1))
            hours = sorted(self.rng.choices(range(24), HOUR_WEIGHTS, k=count))
            for hour in hours:
                self.talk(day, hour, day_ms(day) + hour * HOUR + self.rng.randrange(HOUR))
            self.returns(day)
            self._silent_orders(day, round(count * 0.75))
        end = day_ms(self.days[-1]) + DAY
        for order in self.orders:
            self._later(order, end)
        self._mention_orders()
        self.chats.sort(key=lambda chat: chat.messages[0].at)
        self.orders.sort(key=lambda order: order.created)
        return self

    def maybe_order(self, chat: Chat, day: date, hour: int, waits: list[int]) -> None:
        """Let a consultation end in an order: less often after waiting, and in live hours."""
        truth, live = self.truth, is_live(day, hour)
        wait_s = min(180.0, sum(waits) / len(waits) / 1000) if waits else 180.0
        chance = (
            truth.conversion * (1 - truth.loss_per_10s * wait_s / 10) * (truth.live_factor if live else 1.0)
        )
        if chat.intent in ("coupon", "freight_fee"):
            chance *= 0.86
        if self.rng.random() < chance:
            created = chat.messages[-2].at + self.rng.randrange(30_000, 8 * MINUTE)
            origin = "live" if live else self.rng.choice(("shelf", "video", "shelf"))
            order = self._order(chat.product, created, origin)
            order.buyer, chat.ordered = chat.buyer, True
            if self.rng.random() < 0.9:
                chat.messages.append(Message(created, "系统", "", "[订单卡片]", order.order_id))
                chat.messages.sort(key=lambda message: message.at)

    def _order(self, product: Product, created: int, origin: str) -> Order:
        rng = self.rng
        paid = created + rng.randrange(5_000, 25 * MINUTE) if rng.random() < 0.93 else None
        late = rng.random() < (0.13 if product.name == "双面呢大衣" else 0.025)
        shipped = (
            None if paid is None else paid + int((rng.uniform(50, 90) if late else rng.uniform(3, 44)) * HOUR)
        )
        finished = None if shipped is None else shipped + rng.randrange(3 * DAY, 9 * DAY)
        number = self.number()
        creator = product.creator if origin in ("live", "video") else ""
        order = Order(
            number, number if rng.random() < 0.8 else self.number(), product, created, paid, created + 48 * HOUR, shipped,
            finished, int(product.fen * rng.choice((1, 1, 0.9, 0.85))), origin, creator,
        )  # fmt: skip
        self.orders.append(order)
        return order

    def _silent_orders(self, day: date, count: int) -> None:
        for hour in self.rng.choices(range(24), HOUR_WEIGHTS, k=count):
            created = day_ms(day) + hour * HOUR + self.rng.randrange(HOUR)
            origin = "live" if is_live(day, hour) else self.rng.choice(("shelf", "video", "shelf", "other"))
            self._order(self.rng.choice(PRODUCTS), created, origin)

    def _later(self, order: Order, end: int) -> None:
        """Cut off what lies after the end of the files, and let after-sales and reviews follow."""
        rng = self.rng
        order.shipped = order.shipped if order.shipped and order.shipped < end else None
        order.finished = order.finished if order.finished and order.finished < end else None
        order.status = (
            "已完成"
            if order.finished
            else "已发货"
            if order.shipped
            else "待发货"
            if order.paid
            else "已关闭"
        )
        if order.paid is None:
            order.cancel_reason = rng.choice(("超时未支付", "不想要了", "地址填错"))
            return
        if rng.random() < order.product.fault:
            self._aftersale(order, end)
        elif order.finished and rng.random() < 0.3:
            self._review(order, order.finished + rng.randrange(2 * DAY), end, bad=0.04)

    def _aftersale(self, order: Order, end: int) -> None:
        rng = self.rng
        shipped = order.shipped is not None and rng.random() < 0.75
        assert order.paid is not None
        applied = (
            (order.shipped or order.paid) + rng.randrange(DAY, 5 * DAY)
            if shipped
            else order.paid + rng.randrange(HOUR, 30 * HOUR)
        )
        if applied >= end:
            return
        reason = rng.choices(*zip(*lines.REASONS, strict=True))[0]
        if order.product.name == "冰丝凉感衬衫" and rng.random() < 0.7:
            reason = "尺码不合适"
        if order.shipped and order.shipped > order.promised and rng.random() < 0.5:
            reason = "发货太慢"
        instant = not shipped and rng.random() < 0.45
        night = (applied + 8 * HOUR) % DAY // HOUR
        hours = 0.02 if instant else rng.expovariate(1 / 5.0) + (9 if night >= 23 or night < 8 else 0)
        agreed = applied + int(hours * HOUR)
        deadline = applied + 48 * HOUR
        arbitrated = rng.random() < 0.035
        done = agreed < end and rng.random() < (0.94 if applied < end - 2 * DAY else 0.6)
        status = "同意退款，退款成功" if done else "待商家处理" if deadline > end - 6 * HOUR else "售后关闭"
        self.aftersales.append(
            AfterSale(
                self.number(), order, applied, agreed if done else None, agreed + 5 * MINUTE if done else None, deadline,
                reason, "退货退款" if shipped else "仅退款（未发货）", status, "平台介入" if arbitrated else "", "商家责任"
                if arbitrated and rng.random() < 0.6 else "", instant,
            )
        )  # fmt: skip
        order.aftersale = "退款成功" if done else "售后中"
        if rng.random() < 0.22:
            self._review(order, applied + rng.randrange(3 * DAY), end, bad=0.55)

    def _review(self, order: Order, at: int, end: int, bad: float) -> None:
        rng = self.rng
        if at >= end:
            return
        is_bad = rng.random() < bad
        review = Review(
            self.number(), order, at, rng.choice((1, 2)) if is_bad else rng.choice((4, 5, 5, 5)),
            rng.choice(lines.BAD_REVIEWS if is_bad else lines.GOOD_REVIEWS),
        )  # fmt: skip
        if is_bad and rng.random() < 0.85:
            review.replied = at + int(rng.expovariate(1 / 3.0) * HOUR)
            review.reply = "抱歉给您不好的体验，已为您登记处理"
            review.outcome = rng.choices(("买家确认解决", "申诉成立", "处理中", "未解决"), (48, 8, 20, 24))[0]
            review.handled, review.agent = review.replied + HOUR, rng.choice(("阿哲", "安安"))
        self.reviews.append(review)

    def _mention_orders(self) -> None:
        """After-sale talks name an order that exists at that time."""
        placed = sorted(self.orders, key=lambda order: order.created)
        times = [order.created for order in placed]
        for chat in self.chats:
            if chat.intent in PRE_SALE or not chat.messages:
                continue
            index = bisect_left(times, chat.messages[0].at)
            if index > 20:
                chat.messages[0].order = placed[self.rng.randrange(max(0, index - 400), index)].order_id
