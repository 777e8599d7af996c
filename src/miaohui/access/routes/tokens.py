"""API tokens of a shop."""

from __future__ import annotations

from fastapi import APIRouter

from miaohui.access import actions, queries
from miaohui.access.model import SESSION_NEEDED
from miaohui.access.routes.door import Door, Manager, own_session
from miaohui.access.schemas import TokenCreate, TokenList, TokenOffer, TokenRow
from miaohui.kit.errors import INVALID
from miaohui.kit.http import Rt, refusals

router = APIRouter(prefix="/api/tokens", tags=["access"])


@router.get("", summary="接口令牌", operation_id="list_tokens", responses=refusals())
async def list_tokens(caller: Manager, rt: Rt) -> TokenList:
    """List the shop's tokens that were not revoked, newest first."""
    found = await rt.read(lambda conn: queries.list_tokens(conn, caller.shop_id))
    return TokenList(items=[TokenRow.model_validate(t) for t in found])


@router.post(
    "",
    summary="创建接口令牌",
    operation_id="create_token",
    responses=refusals(INVALID, SESSION_NEEDED),
    status_code=201,
)
async def create_token(body: TokenCreate, caller: Manager, door: Door, rt: Rt) -> TokenOffer:
    """Make a token for this shop; it may do what its maker may, at most, and is shown once."""
    own_session(caller)
    grant = actions.TokenGrant(body.label, body.permissions, body.days, caller.permissions)
    token_id, secret = await rt.write(
        caller.actor,
        lambda tx: actions.create_token(tx, caller.shop_id, caller.user_id, grant, door.policy),
    )
    return TokenOffer(id=token_id, secret=secret)


@router.delete(
    "/{token_id}", summary="吊销接口令牌", operation_id="revoke_token", responses=refusals(), status_code=204
)
async def revoke_token(token_id: int, caller: Manager, rt: Rt) -> None:
    """End a token at once."""
    await rt.write(caller.actor, lambda tx: actions.revoke_token(tx, caller.shop_id, token_id))
