"""What the example world is made of: its truth by numbers with names, its products, people, talks and orders."""

# ruff: noqa: E501
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

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
