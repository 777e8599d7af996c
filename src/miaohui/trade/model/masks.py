"""Nothing personal gets into a mirror in clear, whatever a platform sends. Pure (reliability.md §3.3, R8)."""

from __future__ import annotations

import re
from dataclasses import replace

from miaohui.kit.text import masked_name, masked_phone, masked_text
from miaohui.trade.model.facts import AftersaleFact, OrderFact, ParcelFact
from miaohui.trade.model.ticket_fact import ServiceTicketFact

_HOUSE = re.compile(r"\d+|[零一二三四五六七八九十百]+(?=[号栋幢座单室楼弄])|[A-Za-z]\d*(?=[栋幢座])")


def masked_address(text: str) -> str:
    """Return an address whose house, building and room numbers are stars; already masked ones stay."""
    return text if "*" in text else _HOUSE.sub("**", text)


def masked_order(fact: OrderFact) -> OrderFact:
    """Return the fact with names, phones, addresses and notes masked; what is masked stays."""
    return replace(
        fact,
        receiver_name_mask=None if fact.receiver_name_mask is None else masked_name(fact.receiver_name_mask),
        receiver_phone_mask=None
        if fact.receiver_phone_mask is None
        else masked_phone(fact.receiver_phone_mask),
        receiver_address_mask=(
            None if fact.receiver_address_mask is None else masked_address(fact.receiver_address_mask)
        ),
        buyer_note=None if fact.buyer_note is None else masked_text(fact.buyer_note),
        seller_note=None if fact.seller_note is None else masked_text(fact.seller_note),
    )


def masked_aftersale(fact: AftersaleFact) -> AftersaleFact:
    """Return the fact with numbers in its reason masked."""
    return replace(fact, reason=None if fact.reason is None else masked_text(fact.reason))


def masked_ticket(fact: ServiceTicketFact) -> ServiceTicketFact:
    """Return the fact with personal numbers in what was complained of and answered masked."""
    return replace(
        fact,
        detail=None if fact.detail is None else masked_text(fact.detail),
        reply=None if fact.reply is None else masked_text(fact.reply),
    )


def masked_parcel(fact: ParcelFact) -> ParcelFact:
    """Return the fact with phone numbers in its route masked (carriers print the courier's and the buyer's)."""
    return replace(fact, nodes=tuple(replace(node, text=masked_text(node.text)) for node in fact.nodes))
