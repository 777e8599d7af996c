"""People with log-ins for worlds whose routes ask who works in the shop."""

from __future__ import annotations

from sqlalchemy import insert

from miaohui.access.actions import grant_role
from miaohui.access.store import users
from miaohui.kit.tx import Tx
from tests.world import SHOP_A


def employ(tx: Tx, user_id: int, role: str, shop_id: int = SHOP_A) -> None:
    """Have a person with this id work in a shop."""
    name = f"u{user_id}"
    row = {"id": user_id, "login": name, "login_key": name, "display_name": name, "created_at": tx.now}
    tx.execute(insert(users).values(**row))
    grant_role(tx, shop_id, user_id, role)
