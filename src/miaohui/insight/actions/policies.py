"""Dated policies of insight and notes of what was changed, so that a rule can say later whether it worked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert

from miaohui.insight.model.faults import BAD_POLICY
from miaohui.insight.model.policies import policy_faults
from miaohui.insight.store import changes, policies
from miaohui.kit.tx import Tx


def set_policy(
    tx: Tx, shop_id: int, kind: str, effective_from: str, value: dict[str, Any], reason: str
) -> None:
    """Set a policy from a local day on; the same day's earlier value is replaced.

    Raises: Refusal insight.bad_policy.
    """
    problems = policy_faults(kind, effective_from, value)
    if problems:
        BAD_POLICY.refuse(problems=problems)
    same = (
        policies.c.shop_id == shop_id,
        policies.c.kind == kind,
        policies.c.effective_from == effective_from,
    )
    tx.execute(delete(policies).where(*same))
    tx.execute(
        insert(policies).values(
            shop_id=shop_id, kind=kind, effective_from=effective_from, value=value, reason=reason, set_at=tx.now,
            set_by=tx.actor.name,
        )
    )  # fmt: skip
    tx.audit("insight.set_policy", kind, {"effective_from": effective_from, "value": value}, shop_id=shop_id)


def note_change(tx: Tx, shop_id: int, rule: str, changed_on: str, note: str) -> int:
    """Note that something was changed because of a rule: from then on the report compares before and after."""
    problems = policy_faults("change", changed_on, {"rule": rule})
    if problems:
        BAD_POLICY.refuse(problems=problems)
    change_id = tx.ids.next()
    tx.execute(
        insert(changes).values(
            id=change_id, shop_id=shop_id, rule=rule, changed_on=changed_on, note=note, noted_at=tx.now,
            noted_by=tx.actor.name,
        )
    )  # fmt: skip
    return change_id
