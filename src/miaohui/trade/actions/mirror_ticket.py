"""Taking in what a platform says about a complaint ticket (服务单). Idempotent, in any order of arrival (F7)."""

from __future__ import annotations

from miaohui.kit.tx import Tx
from miaohui.trade import store
from miaohui.trade.actions.mirror_order import TOPICS, Mirrored
from miaohui.trade.actions.rows import find_kept, write_kept
from miaohui.trade.events import ServiceTicketMirrored
from miaohui.trade.model.masks import masked_ticket
from miaohui.trade.model.mirror import kept, time_in, values
from miaohui.trade.model.registers import Registers, ticket_registers, value_of
from miaohui.trade.model.ticket_fact import ServiceTicketFact


def mirror_ticket(tx: Tx, shop_id: int, ticket: ServiceTicketFact) -> Mirrored:
    """Take in a fact about a complaint ticket; publish `ServiceTicketMirrored` on change."""
    fact = masked_ticket(ticket)
    key = {
        "shop_id": shop_id, "channel": fact.source.channel, "platform_ticket_id": fact.platform_ticket_id,
    }  # fmt: skip
    mine = find_kept(tx, store.service_tickets, key)
    registers = ticket_registers(mine.registers, fact)
    if mine.id is not None and registers == mine.registers:
        return Mirrored(mine.id, False, False)
    columns = {
        "account_id": fact.source.account_id if mine.row is None else mine.row.account_id,
        "platform_order_id": value_of(registers, "platform_order_id"),
        "status": value_of(registers, "status"),
        "opened_at": time_in(registers, "opened_at"),
        "registers": kept(registers),
        "mirrored_at": tx.now,
    }
    row_id, stood = write_kept(tx, store.service_tickets, mine, key, columns)
    if not stood:
        return mirror_ticket(tx, shop_id, ticket)
    has_changed = mine.id is None or values(registers) != values(mine.registers)
    if has_changed:
        _announce(tx, shop_id, row_id, fact, registers, value_of(mine.registers, "status"))
    return Mirrored(row_id, mine.id is None, has_changed)


def _announce(
    tx: Tx, shop_id: int, row_id: int, fact: ServiceTicketFact, new: Registers, previous: str | None
) -> None:  # fmt: skip
    status, order_id = value_of(new, "status"), value_of(new, "platform_order_id")
    tx.publish(
        ServiceTicketMirrored(
            shop_id, row_id, fact.source.channel, fact.platform_ticket_id, order_id, status, previous, tx.now
        )
    )
    tx.feed(
        shop_id,
        TOPICS,
        "trade.service_ticket_mirrored",
        {
            "ticket_id": row_id,
            "channel": fact.source.channel,
            "platform_ticket_id": fact.platform_ticket_id,
            "platform_order_id": order_id,
            "status": status,
        },
    )
