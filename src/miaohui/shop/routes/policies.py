"""HTTP of policies: what holds, its history, new versions, undo."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi import Path as PathParam

from miaohui.kit.errors import FORBIDDEN, STALE
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.shop import actions, queries
from miaohui.shop.actions import Edit
from miaohui.shop.model import BACKDATED, BAD_POLICY, UNKNOWN_POLICY, PolicyKind, PolicyVersion
from miaohui.shop.queries.policies import kind_of
from miaohui.shop.schemas.settings import (
    PolicySummaryOut,
    PolicyUndoIn,
    PolicyVersionOut,
    ShopPoliciesOut,
    ShopPolicyIn,
    ShopPolicyOut,
)

router = APIRouter(prefix="/api/policies", tags=["shop"])
Reader = Annotated[Caller, Depends(require("shop.read"))]
Editor = Annotated[Caller, Depends(require("shop.manage"))]
Kind = Annotated[str, PathParam(max_length=60)]
WRITES = refusals(UNKNOWN_POLICY, BAD_POLICY, BACKDATED, STALE)


def _version(version: PolicyVersion) -> PolicyVersionOut:
    return PolicyVersionOut(**dataclasses.asdict(version))


def _summary(kind: PolicyKind, current: PolicyVersion) -> dict[str, Any]:
    return {
        "kind": kind.kind, "title_zh": kind.title_zh, "source": kind.source, "permission": kind.permission,
        "current": _version(current),
    }  # fmt: skip


@router.get("", operation_id="list_policies", summary="全部规则", responses=refusals())
async def list_policies(caller: Reader, rt: Rt) -> ShopPoliciesOut:
    """Return every kind of policy with what holds now."""
    now = rt.clock.now()
    found = await rt.read(lambda conn: queries.list_policies(conn, caller.shop_id, now))
    return ShopPoliciesOut(items=[PolicySummaryOut(**_summary(kind, current)) for kind, current in found])


@router.get("/{kind}", operation_id="get_policy", summary="规则与历史", responses=refusals(UNKNOWN_POLICY))
async def get_policy(kind: Kind, caller: Reader, rt: Rt) -> ShopPolicyOut:
    """Return what holds now and every version, newest first, down to the default."""
    return await _policy(kind, caller, rt)


@router.put("/{kind}", operation_id="set_policy", summary="修改规则", responses=WRITES)
async def set_policy(kind: Kind, body: ShopPolicyIn, caller: Editor, rt: Rt) -> ShopPolicyOut:
    """Write a new version; a stale one is refused with the current value and the difference."""
    _check(kind, caller)
    edit = Edit(body.reason, body.effective_from, body.version)
    await rt.write(caller.actor, lambda tx: actions.set_policy(tx, caller.shop_id, kind, body.value, edit))
    return await _policy(kind, caller, rt)


@router.post("/{kind}/undo", operation_id="undo_policy", summary="恢复旧版规则", responses=WRITES)
async def undo_policy(kind: Kind, body: PolicyUndoIn, caller: Editor, rt: Rt) -> ShopPolicyOut:
    """Write an older version again, as a new one."""
    _check(kind, caller)
    edit = Edit(body.reason, body.effective_from, body.version)
    await rt.write(
        caller.actor,
        lambda tx: actions.undo_policy(tx, caller.shop_id, kind, body.undo_version, edit),
    )
    return await _policy(kind, caller, rt)


def _check(kind: str, caller: Caller) -> None:
    """Refuse who may change settings, but not this kind of them."""
    needed = kind_of(kind).permission
    if not caller.can(needed):
        FORBIDDEN.refuse(permission=needed)


async def _policy(kind: str, caller: Caller, rt: Rt) -> ShopPolicyOut:
    known, now = kind_of(kind), rt.clock.now()
    current = await rt.read(lambda conn: queries.get_policy(conn, caller.shop_id, kind, now))
    history = await rt.read(lambda conn: queries.list_policy_history(conn, caller.shop_id, kind))
    return ShopPolicyOut(
        **_summary(known, current), version=history[0].version, history=[_version(v) for v in history]
    )
