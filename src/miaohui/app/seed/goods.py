"""Products, past orders over two platforms, and the buyers behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from miaohui.app.seed.channels import TMALL_KEY, Accounts
from miaohui.app.seed.lives import Bought, life_of, placed_times
from miaohui.app.seed.stage import Stage
from miaohui.app.sim.catalogue import GOODS, Good
from miaohui.app.sim.visits import SURNAMES, nickname
from miaohui.buyers import actions as buyers
from miaohui.buyers.model import Strength
from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY
from miaohui.kit.tx import Tx
from miaohui.trade import actions as trade
from miaohui.trade.model import BuyerId, ProductFact, SkuFact, Source

DAYS = 9.0
BUYER_COUNT = 40
ON_BOTH = 0.35


@dataclass(frozen=True)
class PastBuyer:
    """Somebody who bought before. `open_id` on 抖音, `tmall_id` where they also bought on 天猫, else ''."""

    open_id: str
    tmall_id: str
    name: str
    buyer_id: int
    order_numbers: tuple[str, ...]


def seed_goods(stage: Stage, shop_id: int, accounts: Accounts) -> None:
    """Mirror the catalogue with prices and stock."""
    source = Source("doudian", accounts.doudian, stage.now - timedelta(days=1), True)

    def write(tx: Tx) -> None:
        for good in GOODS:
            trade.mirror_product(tx, shop_id, _product(good, source, stage.chance))

    stage.write(write)


def _product(good: Good, source: Source, chance: Random) -> ProductFact:
    return ProductFact(
        source, good.product_id, good.title, price_fen=good.price_fen, shelf_state="on_sale",
        category=good.category, attributes=good.attributes,
        skus=tuple(
            SkuFact(good.sku_id(spec), spec, good.price_fen, chance.choice((0, 3, 8, 40, 120, 260)), f"MH-{spec}")
            for spec in good.specs()
        ),
    )  # fmt: skip


def seed_past(stage: Stage, shop_id: int, accounts: Accounts) -> list[PastBuyer]:
    """Make buyers with their orders of the last nine days; a third of them bought on 天猫 too and are one person
    here, because both platforms name the same phone."""
    times = list(placed_times(BUYER_COUNT * 2, stage.now, DAYS, stage.chance))
    return [_past_buyer(stage, shop_id, accounts, n, times[n * 2 : n * 2 + 2]) for n in range(BUYER_COUNT)]


def _past_buyer(stage: Stage, shop_id: int, accounts: Accounts, n: int, times: list[datetime]) -> PastBuyer:
    chance = stage.chance
    open_id, name = f"_000past{n:04d}", nickname(chance)
    tmall_id = f"tb_past{n:04d}" if chance.random() < ON_BOTH else ""
    mask = f"{chance.choice(SURNAMES)}**"
    douyin = Bought(
        "doudian", accounts.doudian, f"69{chance.randrange(10**16, 10**17)}", times[0],
        (BuyerId("douyin_open_id", open_id),), mask,
    )  # fmt: skip
    orders = [douyin]
    if tmall_id:
        number = f"42{chance.randrange(10**16, 10**17)}"
        orders.append(
            Bought("tmall", accounts.tmall, number, times[1], (BuyerId("tmall_id", tmall_id),), mask)
        )
    lives = [life_of(one, stage.now, chance) for one in orders]

    def write(tx: Tx) -> int:
        buyer_id = _person(tx, stage, shop_id, (open_id, tmall_id, name), n)
        for order, aftersales in lives:
            done = trade.mirror_order(tx, shop_id, order)
            for aftersale in aftersales:
                trade.mirror_aftersale(tx, shop_id, aftersale)
            first = order.buyer_ids[0]
            trade.link_buyer(tx, shop_id, done.id, buyer_id, f"{first.id_space}={first.platform_id}")
        return buyer_id

    buyer_id = stage.write(write, max(one.placed_at for one in orders))
    return PastBuyer(open_id, tmall_id, name, buyer_id, tuple(one.number for one in orders))


def _person(tx: Tx, stage: Stage, shop_id: int, who: tuple[str, str, str], n: int) -> int:
    """Recognise a buyer on each platform; the same phone on both joins the two."""
    open_id, tmall_id, name = who
    platform_id = f"app:{CLIENT_KEY}/{open_id}"
    buyer_id = buyers.recognise_buyer(tx, shop_id, "douyin_im", platform_id, name)
    if not tmall_id:
        return buyer_id
    phone = f"199{n:08d}"
    fact = buyers.phone_evidence(stage.vault, phone, Strength.PLATFORM, "订单收件人")
    buyers.add_evidence(tx, shop_id, "douyin_im", platform_id, fact)
    return buyers.add_evidence(tx, shop_id, "bridge", f"tmall:{TMALL_KEY}/{tmall_id}", fact) or buyer_id
