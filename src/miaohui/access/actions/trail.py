"""Audit rows about a person: one in every shop that the person belongs to, so that each shop sees its own."""

from __future__ import annotations

from typing import Any

from miaohui.access import queries
from miaohui.kit.tx import Tx


def audit_person(
    tx: Tx, user_id: int, action: str, detail: dict[str, Any] | None = None, result: str = "ok"
) -> None:
    """Append to the audit log of every shop of a person; of the installation (0) where there is none."""
    for shop_id in list(queries.list_shop_roles(tx.conn, user_id)) or [0]:
        tx.audit(action, f"user:{user_id}", detail, shop_id=shop_id, result=result)
