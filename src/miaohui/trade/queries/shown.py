"""Rows of the mirror as plain dictionaries, and pages of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.errors import INVALID
from miaohui.trade.model.mirror import restored, shown_times, values

MAX_LIMIT = 200


@dataclass(frozen=True)
class Page:
    """One page of a list. `next_cursor` is None at the end."""

    items: list[dict[str, Any]]
    next_cursor: str | None


def said(row: Any) -> dict[str, Any]:
    """Return what a mirror row says."""
    return shown_times(values(restored(row.registers)))


def order_row(row: Any) -> dict[str, Any]:
    """Return an order row with its link; ciphertext stays behind."""
    shown = said(row)
    shown.pop("receiver_ciphers", None)
    keys = ("id", "account_id", "channel", "platform_order_id", "status", "mirrored_at", "pulled_at")
    return {
        **shown,
        **{key: getattr(row, key) for key in keys},
        "buyer_id": row.buyer_id,
        "evidence": row.evidence,
    }


def aftersale_row(row: Any) -> dict[str, Any]:
    """Return an after-sale row."""
    keys = ("id", "account_id", "channel", "platform_aftersale_id", "platform_order_id", "mirrored_at")
    return {**said(row), **{key: getattr(row, key) for key in keys}}


def ticket_row(row: Any) -> dict[str, Any]:
    """Return a complaint ticket's row."""
    keys = ("id", "account_id", "channel", "platform_ticket_id", "platform_order_id", "mirrored_at")
    return {**said(row), **{key: getattr(row, key) for key in keys}}


def parcel_row(row: Any) -> dict[str, Any]:
    """Return a parcel row."""
    shown = said(row)
    shown.pop("newest_node", None)
    keys = ("id", "channel", "platform_order_id", "tracking_no", "state", "moved_at")
    return {**shown, **{key: getattr(row, key) for key in keys}}


def product_row(row: Any, variants: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return a product row with its variants."""
    keys = ("id", "account_id", "channel", "platform_product_id", "mirrored_at")
    return {**said(row), **{key: getattr(row, key) for key in keys}, "skus": list(variants)}


def is_before(time_column: Any, id_column: Any, cursor: str) -> ColumnElement[bool]:
    """Return the condition of the next page. Raises: Refusal kit.invalid for a foreign cursor."""
    at, _, row_id = cursor.partition("-")
    if not (at.isdecimal() and row_id.isdecimal() and len(at) <= 14 and len(row_id) <= 16):
        INVALID.refuse(cursor=cursor[:60])
    moment = from_ms(int(at))
    return or_(time_column < moment, and_(time_column == moment, id_column < int(row_id)))


def page_of(items: list[dict[str, Any]], has_more: bool, name: str) -> Page:
    """Return a page whose cursor points behind its last row by `name`."""
    last = items[-1] if items and has_more else None
    return Page(items, None if last is None else f"{to_ms(last[name])}-{last['id']}")
