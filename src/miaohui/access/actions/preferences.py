"""What a person sets for herself; it follows her to every computer and shop."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql import insert as insert_or_update

from miaohui.access import store
from miaohui.kit.tx import Tx


def keep_preference(tx: Tx, user_id: int, name: str, value: Any) -> None:
    """Keep one value under a name; the last one stands.."""
    row = {"value": value, "updated_at": tx.now}
    tx.execute(
        insert_or_update(store.preferences)
        .values(user_id=user_id, name=name, **row)
        .on_conflict_do_update(index_elements=["user_id", "name"], set_=row)
    )
