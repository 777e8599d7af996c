"""Write policies: a change and its undo are new rows; nothing is ever overwritten (house §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from miaohui.kit.errors import NOT_FOUND, STALE
from miaohui.kit.tx import Tx
from miaohui.shop.actions.shops import touch_rules
from miaohui.shop.events import PolicyChanged
from miaohui.shop.model import BACKDATED, BAD_POLICY, PolicyVersion
from miaohui.shop.model.policies import differences
from miaohui.shop.queries import current_version, get_policy, list_policy_history
from miaohui.shop.queries.policies import kind_of
from miaohui.shop.store import policies

CLOCK_SLACK = timedelta(minutes=2)


@dataclass(frozen=True)
class Edit:
    """How a policy is changed. `effective_from` None: now. `expected_version` None: whatever it is now."""

    reason: str = ""
    effective_from: datetime | None = None
    expected_version: int | None = None
    undoes_version: int | None = None


def set_policy(
    tx: Tx, shop_id: int, kind: str, value: Mapping[str, Any], edit: Edit | None = None
) -> PolicyVersion:
    """Write a new version of a policy and return it.

    Raises: Refusal shop.unknown_policy, shop.bad_policy (with every problem in Chinese), shop.backdated,
    kit.stale (with the version in force and the difference), kit.not_found for an unknown shop.
    """
    edit = edit or Edit()
    known = kind_of(kind)
    if problems := known.shape.problems(dict(value)):
        BAD_POLICY.refuse(kind=kind, problems=[{"path": p.path, "message": p.zh} for p in problems])
    newest = current_version(tx.conn, shop_id, kind)
    if edit.expected_version is not None and edit.expected_version != newest:
        _refuse_stale(tx, shop_id, kind, value)
    version = PolicyVersion(
        kind, newest + 1, _start(tx, edit), dict(value), tx.actor.name, edit.reason, tx.now,
        edit.undoes_version,
    )  # fmt: skip
    _store(tx, shop_id, version)
    return version


def undo_policy(tx: Tx, shop_id: int, kind: str, version: int, edit: Edit | None = None) -> PolicyVersion:
    """Write the value of an older version again, as a new row; version 0 is the default.

    Raises: as set_policy; Refusal kit.not_found for a version that never was.
    """
    for found in list_policy_history(tx.conn, shop_id, kind):
        if found.version == version:
            given = edit or Edit()
            reason = given.reason or f"恢复到第 {version} 版"
            again = Edit(reason, given.effective_from, given.expected_version, version)
            return set_policy(tx, shop_id, kind, found.value, again)
    return NOT_FOUND.refuse(version=version)


def _refuse_stale(tx: Tx, shop_id: int, kind: str, value: Mapping[str, Any]) -> None:
    newest = list_policy_history(tx.conn, shop_id, kind)[0]
    STALE.refuse(
        version=newest.version,
        current=newest.value,
        author=newest.author,
        difference=differences(newest.value, dict(value)),
    )


def _start(tx: Tx, edit: Edit) -> datetime:
    """Return when the version starts: a form that lay open for a minute may say 'now'; history stays shut."""
    wanted = edit.effective_from or tx.now
    if wanted < tx.now - CLOCK_SLACK:
        BACKDATED.refuse(earliest=tx.now.isoformat())
    return max(wanted, tx.now)


def _store(tx: Tx, shop_id: int, version: PolicyVersion) -> None:
    assert version.effective_from is not None
    before = get_policy(tx.conn, shop_id, version.kind, version.effective_from)
    touch_rules(tx, shop_id)
    tx.execute(
        insert(policies).values(
            id=tx.ids.next(), shop_id=shop_id, kind=version.kind, version=version.version,
            effective_from=version.effective_from, value=version.value, author_id=tx.actor.id,
            author=version.author, reason=version.reason, undoes_version=version.undoes_version,
            created_at=tx.now,
        )
    )  # fmt: skip
    tx.audit(
        "shop.policy_changed",
        f"policy:{version.kind}",
        {
            "version": version.version,
            "effective_from": version.effective_from.isoformat(),
            "reason": version.reason,
            "difference": differences(before.value, version.value),
        },
        shop_id=shop_id,
    )
    tx.feed(
        shop_id,
        ["shop"],
        "shop.policy_changed",
        {"kind": version.kind, "version": version.version, "effective_from": version.effective_from},
    )
    tx.publish(
        PolicyChanged(
            shop_id, version.kind, version.version, version.effective_from, version.reason, version.author,
            tx.now,
        )
    )  # fmt: skip
