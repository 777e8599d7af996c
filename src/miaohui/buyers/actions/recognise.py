"""Recognise a buyer by a platform id."""

from __future__ import annotations

from miaohui.buyers.store import (
    FIND_IDENTITY,
    INSERT_IDENTITY,
    INSERT_PERSON,
    RENAME_IDENTITY,
    RENAME_PERSON,
    people,
)
from miaohui.kit.clock import to_ms
from miaohui.kit.text import masked_name
from miaohui.kit.tx import Tx

NAMELESS_ZH = "买家"


def recognise_buyer(tx: Tx, shop_id: int, channel: str, platform_id: str, display_name: str) -> int:
    """Return the buyer behind a platform's id, making one at the first sight. Idempotent.

    Only the masked form of `display_name` is kept (domain §4.6).
    """
    name_zh = masked_name(display_name)[:64]
    found = tx.rows(FIND_IDENTITY, shop_id, channel, platform_id)
    if not found:
        buyer_id, now_ms = tx.ids.next(), to_ms(tx.now)
        tx.run(INSERT_PERSON, buyer_id, shop_id, name_zh or NAMELESS_ZH, now_ms)
        identity_id = tx.ids.next()
        shown = name_zh or NAMELESS_ZH
        if tx.run(INSERT_IDENTITY, identity_id, shop_id, buyer_id, channel, platform_id, shown, now_ms):
            return buyer_id
        tx.execute(people.delete().where(people.c.id == buyer_id))  # another process was faster
        found = tx.rows(FIND_IDENTITY, shop_id, channel, platform_id)
    identity_id, buyer_id, known = found[0]
    if name_zh and name_zh != known:
        tx.run(RENAME_IDENTITY, name_zh, identity_id)
        tx.run(RENAME_PERSON, name_zh, buyer_id)
    return int(buyer_id)
