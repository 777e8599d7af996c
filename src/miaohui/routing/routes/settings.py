"""HTTP of the routing rules."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.engine import Connection

from miaohui.kit.errors import STALE
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.routing import actions, queries
from miaohui.routing.model import BAD_RULES, BOOSTS_ZH, ENTRY_ZH
from miaohui.routing.schemas import RulesBody, RulesIn, RulesOut, RulesVersionOut

router = APIRouter(prefix="/api/routing", tags=["routing"])
Reader = Annotated[Caller, Depends(require("routing.read"))]
Supervisor = Annotated[Caller, Depends(require("routing.manage"))]


async def _rules(caller: Caller, rt: Rt) -> RulesOut:
    def read(conn: Connection) -> RulesOut:
        version, rules = queries.get_rules(conn, caller.shop_id)
        history = queries.list_rules(conn, caller.shop_id)
        return RulesOut(
            version=version, rules=RulesBody.of(rules), items=[RulesVersionOut.of(v) for v in history],
            entries_zh=dict(ENTRY_ZH), boosts_zh=dict(BOOSTS_ZH),
        )  # fmt: skip

    return await rt.read(read)


@router.get("/settings", summary="分流设置", operation_id="get_routing_settings", responses=refusals())
async def get_settings(caller: Reader, rt: Rt) -> RulesOut:
    """The rules in force, with their history."""
    return await _rules(caller, rt)


@router.put(
    "/settings", summary="修改分流设置", operation_id="set_routing_settings",
    responses=refusals(BAD_RULES, STALE),
)  # fmt: skip
async def set_settings(caller: Supervisor, rt: Rt, body: RulesIn) -> RulesOut:
    """Replace the rules; in force at once, waiting chats follow at once."""
    rules = body.rules.rules()
    await rt.write(
        caller.actor,
        lambda tx: actions.set_rules(tx, caller.shop_id, rules, body.reason, body.version),
    )
    return await _rules(caller, rt)
