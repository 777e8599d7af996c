"""Who administers the installation: the owner of every shop on it; nobody else sees what belongs to no shop."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from miaohui.access import queries as access
from miaohui.kit.http import Caller
from miaohui.shop import queries as shops


def owns_all_shops(conn: Connection, caller: Caller) -> bool:
    """Tell whether the caller is the owner of every shop of this installation."""
    if caller.token_id is not None:
        return False
    held = access.list_shop_roles(conn, caller.user_id)
    return all(one in held and held[one].role == "owner" for one in shops.list_shop_ids(conn))
