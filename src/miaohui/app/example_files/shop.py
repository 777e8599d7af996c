"""A simulated shop with a known truth: what the reports must find is put in here, by numbers with names.

Nothing of it comes from a real shop. Every file of `write.py` tells of this one world, so that they agree.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, timedelta

from miaohui.app.example_files import lines

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Truth:
    """The effects that are really there."""

    sessions_a_day: int = 240
    conversion: float = 0.74
    loss_per_10s: float = 0.02
    live_factor: float = 0.74
    miss: float = 0.006
    lunch_miss: float = 0.018
    closing_hour_miss: float = 0.07
    closing_unanswered: float = 0.07
    perfunctory: float = 0.03
    transfer: float = 0.04
    transfer_of_one: float = 0.26
    one: str = "小雨"
    slow_one: str = "七七"
    freight_share: float = 0.24


@dataclass(frozen=True)
class Product:
    """An article: `fault` is its share of after-sales."""

    id: str
    name: str
    fen: int
    creator: str
    fault: float


@dataclass
class Message:
    """One chat line of the world."""

    at: int
    role: str
    who: str
    text: str
    order: str = ""


@dataclass
class Chat:
    """One session of the world."""

    id: str
    buyer: str
    product: Product
    intent: str
    entry: str
    messages: list[Message] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    rating: int | None = None
    ordered: bool = False


@dataclass
class Order:
    """One order line of the world."""

    order_id: str
    item_id: str
    product: Product
    created: int
    paid: int | None
    promised: int
    shipped: int | None
    finished: int | None
    fen: int
    origin: str
    creator: str
    buyer: str = ""
    status: str = ""
    aftersale: str = ""
    cancel_reason: str = ""


@dataclass
class AfterSale:
    """One after-sale of the world."""

    id: str
    order: Order
    applied: int
    agreed: int | None
    refunded: int | None
    deadline: int
    reason: str
    type: str
    status: str
    arbitration: str
    liable: str
    instant: bool


@dataclass
class Review:
    """One review of the world."""

    id: str
    order: Order
    at: int
    stars: int
    text: str
    reply: str = ""
    replied: int | None = None
    outcome: str = ""
    handled: int | None = None
    agent: str = ""


PRODUCTS: tuple[Product, ...] = (
    Product("3601000000000000101", "羊毛针织开衫", 23900, "橙子姐姐", 0.09),
    Product("3601000000000000102", "冰丝凉感衬衫", 15900, "小鹿穿搭", 0.31),
    Product("3601000000000000103", "高腰直筒牛仔裤", 18900, "小鹿穿搭", 0.12),
    Product("3601000000000000104", "轻薄鹅绒羽绒服", 59900, "橙子姐姐", 0.08),
    Product("3601000000000000105", "法式半身裙", 16900, "", 0.10),
    Product("3601000000000000106", "德绒打底衫", 7900, "小鹿穿搭", 0.07),
    Product("3601000000000000107", "双面呢大衣", 69900, "橙子姐姐", 0.11),
    Product("3601000000000000108", "通勤帆布包", 9900, "", 0.06),
)
AGENTS: dict[str, tuple[int, int]] = {
    "小雨": (9, 18), "阿文": (9, 18), "晚晚": (13, 24), "七七": (14, 24), "木子": (11, 20), "阿哲": (9, 18), "安安": (15, 24),
}  # fmt: skip
HOUR_WEIGHTS = [
    *[0.35 / 100] * 7, 0.8 / 100, 1.6 / 100, *[6 / 100] * 3, *[12.5 / 100] * 2, *[3.35 / 100] * 6, *[8 / 100] * 4,
]  # fmt: skip
INTENTS: tuple[tuple[str, float], ...] = (
    ("size_advice", 15), ("ship_when", 8), ("ship_urge", 8), ("logistics_where", 6), ("price_off", 7), ("coupon", 8),
    ("product_info", 9), ("invoice", 4), ("return_howto", 4), ("refund_when", 3), ("exchange", 2), ("quality", 3),
    ("damaged_wrong", 1.5), ("content_mismatch", 2), ("gift", 2), ("in_stock", 3), ("complaint_threat", 0.6),
    ("freight_insurance", 1.5), ("change_address", 1.5), ("no_reason_7d", 1), ("other", 2),
)  # fmt: skip
PRE_SALE = {"freight_fee", "size_advice", "price_off", "coupon", "product_info", "live_price", "gift", "in_stock",
            "ship_when", "freight_insurance", "no_reason_7d"}  # fmt: skip


def day_ms(day: date) -> int:
    """Return the start of a local day."""
    return (day - EPOCH).days * DAY - 8 * HOUR


def is_live(day: date, hour: int) -> bool:
    """Tell whether a live session runs: Tuesday, Thursday, Saturday, 20:00–23:00."""
    return day.weekday() in (1, 3, 5) and 20 <= hour < 23


class Shop:
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
        self._chat_no = 100_000 + seed
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
                self._chat(day, hour, day_ms(day) + hour * HOUR + self.rng.randrange(HOUR))
            self._returns(day)
            self._silent_orders(day, round(count * 0.75))
        end = day_ms(self.days[-1]) + DAY
        for order in self.orders:
            self._later(order, end)
        self._mention_orders()
        self.chats.sort(key=lambda chat: chat.messages[0].at)
        self.orders.sort(key=lambda order: order.created)
        return self

    # ---- one session

    def _returns(self, day: date) -> None:
        """Some whose question was not settled ask again within three days."""
        share = {"invoice": 0.42, "coupon": 0.2, "ship_urge": 0.22, "refund_when": 0.2}
        earlier = [
            c
            for c in self.chats
            if day_ms(day) - 2 * DAY <= c.messages[0].at < day_ms(day) and c.id not in self.back
        ]
        for chat in earlier:
            if self.rng.random() < share.get(chat.intent, 0.055) / 2:
                self.back.add(chat.id)
                hour = self.rng.choices(range(24), HOUR_WEIGHTS)[0]
                self._chat(day, hour, day_ms(day) + hour * HOUR + self.rng.randrange(HOUR), chat)
                self.back.add(self.chats[-1].id)

    def _chat(self, day: date, hour: int, start: int, again: Chat | None = None) -> None:
        rng, truth = self.rng, self.truth
        live = is_live(day, hour)
        product = rng.choice(PRODUCTS)
        intent = (
            "freight_fee"
            if rng.random() < truth.freight_share
            else rng.choices(*zip(*INTENTS, strict=True))[0]
        )
        if live and rng.random() < 0.35:
            intent = "live_price"
        self._chat_no += rng.randrange(1, 4)
        entry = (
            "直播" if live and rng.random() < 0.7 else rng.choice(("商品详情页", "订单详情页", "消息私信"))
        )
        buyer = again.buyer if again else f"u{rng.randrange(10**9):09d}"
        if again:
            product, intent = again.product, again.intent
        chat = Chat(f"7{self._chat_no}{start % 100000:05d}", buyer, product, intent, entry)
        staff = [name for name, (a, b) in AGENTS.items() if a <= hour < b]
        if not staff:
            staff = ["安安"] if rng.random() < 0.5 else []
        at = start
        if rng.random() < 0.12:
            chat.messages.append(Message(at, "系统", "", "[商品]"))
        waits = self._rounds(chat, staff, at, hour, live)
        self._close(chat, staff)
        self.chats.append(chat)
        if intent in PRE_SALE and chat.agents:
            self._maybe_order(chat, day, hour, live, waits)

    def _wait_ms(self, agent: str, hour: int, live: bool) -> int:
        base = 15.0 * (1.7 if agent == self.truth.slow_one else 1.0)
        base *= 1.55 if live else 1.25 if 12 <= hour < 14 else 1.0
        return int(min(900.0, self.rng.lognormvariate(math.log(base), 0.75)) * 1000)

    def _miss(self, at: int, hour: int) -> float:
        minute = (at + 8 * HOUR) % HOUR // MINUTE
        if hour >= 23 or (hour == 22 and minute >= 30):
            return self.truth.closing_hour_miss
        return self.truth.lunch_miss if hour in (12, 13) else self.truth.miss

    def _rounds(self, chat: Chat, staff: list[str], at: int, hour: int, live: bool) -> list[int]:
        rng, truth = self.rng, self.truth
        said = lines.BUYER[chat.intent]
        chat.messages.append(Message(at, "买家", "", rng.choice(said)))
        if rng.random() < 0.35:
            chat.messages.append(Message(at + 400, "机器人", "", lines.WELCOME))
            at += rng.randrange(4_000, 20_000)
            chat.messages.append(Message(at, "买家", "", rng.choice(("人工", *said))))
            if staff:
                chat.messages.append(Message(at + 800, "系统", "", f"客服{staff[0]}接入"))
        if not staff:
            return []
        agent = rng.choice(staff)
        for message in chat.messages:
            if message.text.endswith("接入"):
                message.text = f"客服{agent}接入"
        waits: list[int] = []
        for number in range(1 + min(6, int(rng.expovariate(1 / 2.3)))):
            if number:
                at += rng.randrange(12_000, 75_000)
                chat.messages.append(Message(at, "买家", "", rng.choice(lines.FOLLOW)))
            if rng.random() < 0.25:
                at += rng.randrange(2_000, 9_000)
                chat.messages.append(
                    Message(at, "买家", "", rng.choice(("？", "在吗", rng.choice(lines.FOLLOW))))
                )
            if rng.random() < self._miss(at, hour):
                break
            agent, at = self._transfer(chat, agent, staff, at)
            wait = self._wait_ms(agent, hour, live)
            waits.append(wait)
            if rng.random() < truth.perfunctory:
                chat.messages.append(Message(at + wait // 2, "客服", agent, rng.choice(lines.EMPTY_REPLY)))
            at += wait
            chat.messages.append(
                Message(
                    at,
                    "客服",
                    agent,
                    rng.choice(lines.REPLY.get(chat.intent, lines.ANY_REPLY) + lines.ANY_REPLY[:3]),
                )
            )
            chat.agents = list(dict.fromkeys([*chat.agents, agent]))
        return waits

    def _transfer(self, chat: Chat, agent: str, staff: list[str], at: int) -> tuple[str, int]:
        share = self.truth.transfer_of_one if agent == self.truth.one else self.truth.transfer
        others = [name for name in staff if name != agent]
        if not others or self.rng.random() >= share / 2.2:
            return agent, at
        target = self.rng.choice(others)
        at += self.rng.randrange(2_000, 8_000)
        chat.messages.append(Message(at, "系统", "", f"会话已转接给{target}"))
        chat.agents = list(dict.fromkeys([*chat.agents, agent]))
        return target, at

    def _close(self, chat: Chat, staff: list[str]) -> None:
        rng, at = self.rng, chat.messages[-1].at
        if chat.agents and rng.random() < 0.34:
            at += rng.randrange(5_000, 40_000)
            chat.messages.append(Message(at, "买家", "", rng.choice(lines.CLOSING)))
            if rng.random() >= self.truth.closing_unanswered:
                at += self._wait_ms(chat.agents[-1], 10, False)
                chat.messages.append(Message(at, "客服", chat.agents[-1], "有问题随时找我哦 😊"))
        chat.messages.append(Message(at + 11 * MINUTE, "系统", "", "用户超时未回复，系统关闭会话"))
        if chat.agents and rng.random() < 0.16:
            unhappy = 0.35 if chat.intent in ("quality", "content_mismatch", "complaint_threat") else 0.035
            chat.rating = rng.choice((1, 2, 3)) if rng.random() < unhappy else rng.choice((4, 5, 5, 5))

    # ---- orders and what follows

    def _maybe_order(self, chat: Chat, day: date, hour: int, live: bool, waits: list[int]) -> None:
        truth = self.truth
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
