"""HTTP of the shop itself and the proposals to change its tier."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy.engine import Connection

from miaohui.kit.errors import STALE
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.shop import actions, queries
from miaohui.shop.model import ALREADY_DECIDED
from miaohui.shop.schemas.bounds import RowId
from miaohui.shop.schemas.settings import (
    ShopEdit,
    ShopOut,
    TierDecisionIn,
    TierOut,
    TierProposalOut,
    TierProposalsOut,
)

router = APIRouter(prefix="/api/shop", tags=["shop"])
Reader = Annotated[Caller, Depends(require("shop.read"))]
Editor = Annotated[Caller, Depends(require("shop.manage"))]


def _shop(conn: Connection, shop_id: int, rt: Any) -> ShopOut:
    row = queries.get_shop(conn, shop_id)
    tier = queries.get_tier(conn, shop_id, rt.clock.now())
    return ShopOut(
        id=row.id, name=row.name, main_category=row.main_category, version=row.version,
        tier=TierOut(**dataclasses.asdict(tier)), created_at=row.created_at,
    )  # fmt: skip


@router.get("", operation_id="get_shop", summary="当前店铺", responses=refusals())
async def get_shop(caller: Reader, rt: Rt) -> ShopOut:
    """Return the shop with the tier that holds now."""
    return await rt.read(lambda conn: _shop(conn, caller.shop_id, rt))


@router.patch("", operation_id="edit_shop", summary="修改店铺", responses=refusals(STALE))
async def edit_shop(body: ShopEdit, caller: Editor, rt: Rt) -> ShopOut:
    """Rename the shop."""
    await rt.write(
        caller.actor,
        lambda tx: actions.edit_shop(tx, caller.shop_id, body.version, body.name, body.main_category),
    )
    return await rt.read(lambda conn: _shop(conn, caller.shop_id, rt))


@router.get(
    "/tier-proposals", operation_id="list_tier_proposals", summary="分层调整建议", responses=refusals()
)
async def list_tier_proposals(caller: Reader, rt: Rt) -> TierProposalsOut:
    """Return proposals with their decisions, newest first."""
    rows = await rt.read(lambda conn: queries.list_tier_proposals(conn, caller.shop_id))
    return TierProposalsOut(items=[_proposal(row) for row in rows])


@router.post(
    "/tier-proposals/{proposal_id}/decision",
    operation_id="decide_tier_proposal",
    summary="采纳或谢绝分层建议",
    responses=refusals(ALREADY_DECIDED),
)
async def decide(proposal_id: RowId, body: TierDecisionIn, caller: Editor, rt: Rt) -> TierProposalOut:
    """Accept or decline; accepting writes a new version of the policy `tier`."""
    await rt.write(
        caller.actor,
        lambda tx: actions.decide_tier_proposal(tx, caller.shop_id, proposal_id, body.decision, body.reason),
    )
    row = await rt.read(lambda conn: queries.get_tier_proposal(conn, caller.shop_id, proposal_id))
    return _proposal(row)


def _proposal(row: Any) -> TierProposalOut:
    return TierProposalOut(**{name: getattr(row, name) for name in TierProposalOut.model_fields})
