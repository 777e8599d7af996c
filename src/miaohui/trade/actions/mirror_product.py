"""Taking in what a platform says about a product and its variants."""

from __future__ import annotations

from miaohui.kit.tx import Tx
from miaohui.trade import store
from miaohui.trade.actions.mirror_order import TOPICS, Mirrored
from miaohui.trade.actions.rows import find_kept, write_kept
from miaohui.trade.model.facts import ProductFact, SkuFact, Source
from miaohui.trade.model.mirror import kept, values
from miaohui.trade.model.registers import product_registers, sku_registers, value_of


def mirror_product(tx: Tx, shop_id: int, product: ProductFact) -> Mirrored:
    """Take in a fact about a product with its variants; tell on the live feed when something changed."""
    key = {
        "shop_id": shop_id, "channel": product.source.channel,
        "platform_product_id": product.platform_product_id,
    }  # fmt: skip
    mine = find_kept(tx, store.products, key)
    registers = product_registers(mine.registers, product)
    columns = {
        "account_id": product.source.account_id if mine.row is None else mine.row.account_id,
        "title": value_of(registers, "title"), "registers": kept(registers), "mirrored_at": tx.now,
    }  # fmt: skip
    product_id, stood = write_kept(tx, store.products, mine, key, columns)
    if not stood:
        return mirror_product(tx, shop_id, product)
    has_changed = mine.id is None or values(registers) != values(mine.registers)
    for sku in product.skus:
        has_changed |= _mirror_sku(tx, shop_id, product_id, sku, product.source)
    if has_changed:
        tx.feed(
            shop_id, TOPICS, "trade.product_mirrored",
            {"product_id": product_id, "channel": product.source.channel,
             "platform_product_id": product.platform_product_id, "title": columns["title"]},
        )  # fmt: skip
    return Mirrored(product_id, mine.id is None, has_changed)


def _mirror_sku(tx: Tx, shop_id: int, product_id: int, sku: SkuFact, source: Source) -> bool:
    key = {"shop_id": shop_id, "product_id": product_id, "platform_sku_id": sku.platform_sku_id}
    mine = find_kept(tx, store.skus, key)
    registers = sku_registers(mine.registers, sku, source)
    if mine.id is not None and registers == mine.registers:
        return False
    columns = {
        "price_fen": value_of(registers, "price_fen"), "stock_count": value_of(registers, "stock_count"),
        "registers": kept(registers),
    }  # fmt: skip
    write_kept(tx, store.skus, mine, key, columns)
    return mine.id is None or values(registers) != values(mine.registers)
