"""Taking in business facts from channels, and asking the platform again about what a push only hints at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from miaohui.channels.model.inbound import Inbound
from miaohui.kit.clock import to_ms
from miaohui.kit.tx import Tx
from miaohui.trade.actions.mirror_aftersale import mirror_aftersale
from miaohui.trade.actions.mirror_order import mirror_order
from miaohui.trade.actions.mirror_parcel import mirror_parcel
from miaohui.trade.actions.mirror_product import mirror_product
from miaohui.trade.actions.mirror_ticket import mirror_ticket
from miaohui.trade.model.facts import AftersaleFact, Fact, OrderFact, ParcelFact
from miaohui.trade.model.inbound import Hint, facts_from_inbound, hints_from_inbound
from miaohui.trade.model.ticket_fact import ServiceTicketFact

PULL_AFTER = timedelta(seconds=1)


def take_in_fact(tx: Tx, shop_id: int, fact: Fact) -> bool:
    """Mirror one fact of any kind; tell whether anything people see has changed."""
    if isinstance(fact, OrderFact):
        return mirror_order(tx, shop_id, fact).has_changed
    if isinstance(fact, AftersaleFact):
        return mirror_aftersale(tx, shop_id, fact).has_changed
    if isinstance(fact, ServiceTicketFact):
        return mirror_ticket(tx, shop_id, fact).has_changed
    if isinstance(fact, ParcelFact):
        mirror_parcel(tx, shop_id, fact)
        return False
    return mirror_product(tx, shop_id, fact).has_changed


def take_in_inbound(tx: Tx, shop_id: int, account_id: int, inbound: Inbound) -> int:
    """Mirror what an inbound says and ask for what it hints at; return how many facts changed something.

    Wired to `inbox.BusinessFactArrived`.
    """
    changed = sum(take_in_fact(tx, shop_id, fact) for fact in facts_from_inbound(account_id, inbound))
    ask_details(tx, shop_id, account_id, hints_from_inbound(inbound))
    return changed


def ask_details(
    tx: Tx, shop_id: int, account_id: int, hints: Iterable[Hint], *, at_once: bool = False
) -> int:
    """Store a pull job for each hint; hints of the same thing within a second share one job."""
    count = 0
    for hint in hints:
        run_at = tx.now if at_once else tx.now + PULL_AFTER
        names = "&".join(f"{name}={value}" for name, value in hint.refs)
        tx.enqueue(
            f"trade.pull_{hint.what}",
            {"account_id": account_id, "refs": hint.ref_map},
            shop_id=shop_id,
            run_at=run_at,
            key=f"trade.pull_{hint.what}:{shop_id}:{account_id}:{names}:{to_ms(run_at) // 1000}",
        )
        count += 1
    return count


def note_unreadable(tx: Tx, shop_id: int, refs: Mapping[str, str], reason: str) -> None:
    """Tell people that the platform would not show something, so that whoever asked does not wait for it."""
    tx.feed(shop_id, ("shop", "trade"), "trade.pull_refused", {"refs": dict(refs), "reason": reason[:300]})
