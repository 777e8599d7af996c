"""Taking in what is known of a parcel: its carrier, and the lines of its route as a set that only grows."""

from __future__ import annotations

from typing import Any

from miaohui.kit.clock import from_ms
from miaohui.kit.tx import Tx
from miaohui.trade import store
from miaohui.trade.actions.rows import find_kept, insert_new, write_kept
from miaohui.trade.events import ParcelMirrored
from miaohui.trade.model.facts import ParcelFact, ParcelState
from miaohui.trade.model.masks import masked_parcel
from miaohui.trade.model.mirror import kept, time_in, values
from miaohui.trade.model.registers import Registers, parcel_registers, value_of


def mirror_parcel(tx: Tx, shop_id: int, told: ParcelFact) -> int:
    """Take in a fact about a parcel; return the parcel's id; publish `ParcelMirrored` on change."""
    parcel = masked_parcel(told)
    key = {
        "shop_id": shop_id, "channel": parcel.source.channel, "platform_order_id": parcel.platform_order_id,
        "tracking_no": parcel.tracking_no,
    }  # fmt: skip
    mine = find_kept(tx, store.parcels, key)
    registers = parcel_registers(mine.registers, parcel)
    if mine.id is not None and registers == mine.registers and not parcel.nodes:
        return mine.id
    parcel_id, stood = write_kept(tx, store.parcels, mine, key, _columns(tx, registers))
    if not stood:
        return mirror_parcel(tx, shop_id, parcel)
    for node in parcel.nodes:
        insert_new(
            tx, store.route_nodes,
            {"id": tx.ids.next(), "shop_id": shop_id, "parcel_id": parcel_id, "at": node.at,
             "state": node.state.value, "text": node.text, "site": node.site},
        )  # fmt: skip
    if mine.id is None or values(registers) != values(mine.registers):
        previous = None if mine.id is None else _state(mine.registers)
        _announce(tx, shop_id, parcel_id, parcel, (_state(registers), previous))
    return parcel_id


def _state(registers: Registers) -> str:
    node = value_of(registers, "newest_node", {})
    return str(node.get("state", ParcelState.UNKNOWN.value))


def _columns(tx: Tx, registers: Registers) -> dict[str, Any]:
    node = value_of(registers, "newest_node")
    return {
        "state": _state(registers),
        "shipped_at": time_in(registers, "shipped_at"),
        "moved_at": None if node is None else from_ms(node["at"]),
        "registers": kept(registers),
        "mirrored_at": tx.now,
    }


def _announce(
    tx: Tx, shop_id: int, parcel_id: int, parcel: ParcelFact, states: tuple[str, str | None]
) -> None:
    event = ParcelMirrored(
        shop_id=shop_id, parcel_id=parcel_id, channel=parcel.source.channel,
        platform_order_id=parcel.platform_order_id, tracking_no=parcel.tracking_no, state=states[0],
        previous_state=states[1], at=tx.now,
    )  # fmt: skip
    tx.publish(event)
    tx.feed(
        shop_id, ("shop", "trade"), "trade.parcel_mirrored",
        {"parcel_id": parcel_id, "channel": event.channel, "platform_order_id": event.platform_order_id,
         "tracking_no": event.tracking_no, "state": event.state},
    )  # fmt: skip
