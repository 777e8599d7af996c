"""Plan, move and cancel big promotions 大促 (spec §2.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.engine import Row

from miaohui.kit.errors import STALE
from miaohui.kit.tx import Tx
from miaohui.shop.actions.shops import touch_rules
from miaohui.shop.events import PromotionChanged
from miaohui.shop.model import BAD_TIMES
from miaohui.shop.queries import get_policy, get_promotion
from miaohui.shop.store import promotions

LONGEST = timedelta(days=60)


@dataclass(frozen=True)
class PromotionPlan:
    """What is planned. `shift_count`, `target_s` None: what the policy `promotion` says (three shifts)."""

    name_zh: str
    starts_at: datetime
    ends_at: datetime
    shift_count: int | None = None
    target_s: int | None = None


def plan_promotion(tx: Tx, shop_id: int, plan: PromotionPlan) -> int:
    """Store a promotion and return its id. Raises: Refusal shop.bad_times."""
    promotion_id = tx.ids.next()
    tx.execute(
        insert(promotions).values(
            id=promotion_id, shop_id=shop_id, version=1, author=tx.actor.name, created_at=tx.now,
            **_values(tx, shop_id, plan),
        )
    )  # fmt: skip
    _tell(tx, get_promotion(tx.conn, shop_id, promotion_id), "planned", "")
    return promotion_id


def edit_promotion(
    tx: Tx, shop_id: int, promotion_id: int, version: int, plan: PromotionPlan, reason: str = ""
) -> Row[Any]:
    """Move or rename a promotion. Raises: Refusal kit.stale, kit.not_found, shop.bad_times."""
    row = get_promotion(tx.conn, shop_id, promotion_id)
    if row.version != version or row.cancelled_at is not None:
        STALE.refuse(current=shown_promotion(row))
    tx.execute(
        update(promotions)
        .where(promotions.c.id == promotion_id)
        .values(version=version + 1, **_values(tx, shop_id, plan))
    )
    row = get_promotion(tx.conn, shop_id, promotion_id)
    _tell(tx, row, "moved", reason)
    return row


def cancel_promotion(tx: Tx, shop_id: int, promotion_id: int, reason: str) -> None:
    """Cancel a promotion. Raises: Refusal kit.not_found, kit.stale when it is cancelled already."""
    row = get_promotion(tx.conn, shop_id, promotion_id)
    if row.cancelled_at is not None:
        STALE.refuse(current=shown_promotion(row))
    tx.execute(
        update(promotions)
        .where(promotions.c.id == promotion_id)
        .values(
            cancelled_at=tx.now,
            cancelled_by=tx.actor.name,
            cancel_reason=reason,
            version=row.version + 1,
        )
    )
    _tell(tx, get_promotion(tx.conn, shop_id, promotion_id), "cancelled", reason)


def shown_promotion(row: Row[Any]) -> dict[str, Any]:
    """Return what feeds and stale editors are shown."""
    return {
        "id": row.id, "version": row.version, "name_zh": row.name_zh, "shift_count": row.shift_count,
        "target_s": row.target_s, "starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat(),
        "cancelled_at": row.cancelled_at and row.cancelled_at.isoformat(),
    }  # fmt: skip


def _values(tx: Tx, shop_id: int, plan: PromotionPlan) -> dict[str, Any]:
    if not timedelta(0) < plan.ends_at - plan.starts_at <= LONGEST:
        BAD_TIMES.refuse(longest_days=LONGEST.days)
    default = get_policy(tx.conn, shop_id, "promotion", tx.now).value
    return {
        "name_zh": plan.name_zh,
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "shift_count": plan.shift_count or default["shift_count"],
        "target_s": plan.target_s or default["target_s"],
    }


def _tell(tx: Tx, row: Row[Any], change: str, reason: str) -> None:
    touch_rules(tx, row.shop_id)
    shown = shown_promotion(row)
    tx.audit(
        f"shop.promotion_{change}", f"promotion:{row.id}", {**shown, "reason": reason}, shop_id=row.shop_id
    )
    tx.feed(row.shop_id, ["shop"], f"shop.promotion_{change}", shown)
    tx.publish(
        PromotionChanged(row.shop_id, row.id, change, row.name_zh, row.starts_at, row.ends_at, reason, tx.now)
    )
