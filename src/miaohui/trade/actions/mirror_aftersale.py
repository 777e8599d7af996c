"""Taking in what a platform says about an after-sale. Idempotent, in any order of arrival (F7)."""

from __future__ import annotations

from typing import Any

from miaohui.kit.tx import Tx
from miaohui.trade import store
from miaohui.trade.actions.mirror_order import TOPICS, Mirrored
from miaohui.trade.actions.rows import Kept, find_kept, write_kept
from miaohui.trade.events import AftersaleMirrored
from miaohui.trade.model.facts import AftersaleFact
from miaohui.trade.model.masks import masked_aftersale
from miaohui.trade.model.mirror import kept, time_in, values
from miaohui.trade.model.registers import Registers, aftersale_registers, value_of


def mirror_aftersale(tx: Tx, shop_id: int, aftersale: AftersaleFact) -> Mirrored:
    """Take in a fact about an after-sale; publish `AftersaleMirrored` on change."""
    fact = masked_aftersale(aftersale)
    key = {
        "shop_id": shop_id,
        "channel": fact.source.channel,
        "platform_aftersale_id": fact.platform_aftersale_id,
    }
    mine = find_kept(tx, store.aftersales, key)
    registers = aftersale_registers(mine.registers, fact)
    if mine.id is not None and registers == mine.registers:
        return Mirrored(mine.id, False, False)
    row_id, stood = write_kept(tx, store.aftersales, mine, key, _columns(tx, fact, mine, registers))
    if not stood:
        return mirror_aftersale(tx, shop_id, aftersale)
    has_changed = mine.id is None or values(registers) != values(mine.registers)
    if has_changed:
        _announce(tx, shop_id, row_id, fact, registers, mine.registers)
    return Mirrored(row_id, mine.id is None, has_changed)


def _columns(tx: Tx, fact: AftersaleFact, mine: Kept, registers: Registers) -> dict[str, Any]:
    return {
        "account_id": fact.source.account_id if mine.row is None else mine.row.account_id,
        "platform_order_id": value_of(registers, "platform_order_id"),
        "status": value_of(registers, "status"),
        "kind": value_of(registers, "kind"),
        "arbitration": value_of(registers, "arbitration"),
        "applied_at": time_in(registers, "applied_at"),
        "status_deadline": time_in(registers, "status_deadline"),
        "registers": kept(registers),
        "mirrored_at": tx.now,
    }


def _announce(tx: Tx, shop_id: int, row_id: int, fact: AftersaleFact, new: Registers, old: Registers) -> None:
    event = AftersaleMirrored(
        shop_id=shop_id,
        aftersale_id=row_id,
        channel=fact.source.channel,
        platform_aftersale_id=fact.platform_aftersale_id,
        platform_order_id=value_of(new, "platform_order_id"),
        status=value_of(new, "status"),
        previous_status=value_of(old, "status"),
        arbitration=value_of(new, "arbitration"),
        previous_arbitration=value_of(old, "arbitration"),
        status_deadline=time_in(new, "status_deadline"),
        at=tx.now,
    )
    tx.publish(event)
    tx.feed(
        shop_id,
        TOPICS,
        "trade.aftersale_mirrored",
        {
            "aftersale_id": row_id,
            "channel": event.channel,
            "platform_aftersale_id": event.platform_aftersale_id,
            "platform_order_id": event.platform_order_id,
            "status": event.status,
            "arbitration": event.arbitration,
            "status_deadline": event.status_deadline,
        },
    )
