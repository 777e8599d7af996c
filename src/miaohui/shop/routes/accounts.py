"""HTTP of channel accounts. Secrets go in and never come out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy.engine import Connection

from miaohui.kit.errors import STALE
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.shop import actions, queries
from miaohui.shop.actions import NewAccount
from miaohui.shop.model import ACCOUNT_REVOKED, UNKNOWN_CHANNEL, ChannelState
from miaohui.shop.queries.channels import get_account_row
from miaohui.shop.schemas.accounts import (
    ChannelAccountDetailOut,
    ChannelAccountEdit,
    ChannelAccountIn,
    ChannelAccountOut,
    ChannelAccountsOut,
    ChannelCheckOut,
    ChannelSecretsIn,
    ChannelStateIn,
    ChannelStateOut,
)
from miaohui.shop.schemas.bounds import RowId

router = APIRouter(prefix="/api/channel-accounts", tags=["channels"])
Reader = Annotated[Caller, Depends(require("channels.read"))]
Keeper = Annotated[Caller, Depends(require("channels.manage"))]


def _fields(row: Any) -> dict[str, Any]:
    names = set(ChannelAccountOut.model_fields) - {"hook_path"}
    return {
        **{name: getattr(row, name) for name in names},
        "hook_path": f"/hooks/{row.channel}/{row.account_key}",
    }


def _detail(conn: Connection, shop_id: int, account_id: int) -> ChannelAccountDetailOut:
    states = queries.list_channel_states(conn, shop_id, account_id)
    checks = queries.list_channel_checks(conn, shop_id, account_id)
    return ChannelAccountDetailOut(
        **_fields(get_account_row(conn, shop_id, account_id)),
        states=[ChannelStateOut.model_validate(row) for row in states],
        checks=[ChannelCheckOut.model_validate(row) for row in checks],
    )


async def _read(account_id: int, caller: Caller, rt: Rt) -> ChannelAccountDetailOut:
    return await rt.read(lambda conn: _detail(conn, caller.shop_id, account_id))


@router.get("", operation_id="list_channel_accounts", summary="渠道账号", responses=refusals())
async def list_channel_accounts(caller: Reader, rt: Rt) -> ChannelAccountsOut:
    """Return connected channels with their state."""
    rows = await rt.read(lambda conn: queries.list_channel_accounts(conn, caller.shop_id))
    return ChannelAccountsOut(items=[ChannelAccountOut(**_fields(row)) for row in rows])


@router.post(
    "",
    operation_id="add_channel_account",
    summary="接入渠道",
    status_code=201,
    responses=refusals(UNKNOWN_CHANNEL),
)
async def add(body: ChannelAccountIn, caller: Keeper, rt: Rt) -> ChannelAccountDetailOut:
    """Connect a channel; the answer names the address for its platform's webhook."""
    known = rt.ports["channels"]
    if body.channel not in known:
        UNKNOWN_CHANNEL.refuse(channel=body.channel, channels=sorted(known))
    new = NewAccount(body.channel, body.name, body.config, body.secrets)
    account_id = await rt.write(
        caller.actor, lambda tx: actions.add_channel_account(tx, rt.ports["vault"], caller.shop_id, new)
    )
    return await _read(account_id, caller, rt)


@router.get("/{account_id}", operation_id="get_channel_account", summary="渠道账号详情", responses=refusals())
async def get_channel_account(account_id: RowId, caller: Reader, rt: Rt) -> ChannelAccountDetailOut:
    """Return one account with its states and connection tests."""
    return await _read(account_id, caller, rt)


@router.patch(
    "/{account_id}",
    operation_id="edit_channel_account",
    summary="修改渠道账号",
    responses=refusals(STALE, ACCOUNT_REVOKED),
)
async def edit(
    account_id: RowId, body: ChannelAccountEdit, caller: Keeper, rt: Rt
) -> ChannelAccountDetailOut:
    """Change the name or the configuration."""
    changes = body.model_dump(exclude={"version"}, exclude_none=True)
    await rt.write(
        caller.actor,
        lambda tx: actions.edit_channel_account(tx, caller.shop_id, account_id, body.version, changes),
    )
    return await _read(account_id, caller, rt)


@router.put(
    "/{account_id}/secrets",
    operation_id="set_channel_secrets",
    summary="更换渠道密钥",
    responses=refusals(ACCOUNT_REVOKED),
)
async def set_secrets(
    account_id: RowId, body: ChannelSecretsIn, caller: Keeper, rt: Rt
) -> ChannelAccountDetailOut:
    """Replace the named secrets; the others stay."""
    await rt.write(
        caller.actor,
        lambda tx: actions.set_channel_secrets(
            tx, rt.ports["vault"], caller.shop_id, account_id, body.secrets
        ),
    )
    return await _read(account_id, caller, rt)


@router.post(
    "/{account_id}/states",
    operation_id="set_channel_state",
    summary="暂停、恢复或停用渠道",
    responses=refusals(ACCOUNT_REVOKED),
)
async def set_state(
    account_id: RowId, body: ChannelStateIn, caller: Keeper, rt: Rt
) -> ChannelAccountDetailOut:
    """Pause, resume or revoke; revoking erases the secrets and is for good."""
    state = ChannelState(body.state)
    await rt.write(
        caller.actor,
        lambda tx: actions.set_channel_state(tx, caller.shop_id, account_id, state, body.reason),
    )
    return await _read(account_id, caller, rt)


@router.post(
    "/{account_id}/checks",
    operation_id="check_channel_account",
    summary="测试渠道连接",
    status_code=201,
    responses=refusals(ACCOUNT_REVOKED),
)
async def check(account_id: RowId, caller: Keeper, rt: Rt) -> ChannelCheckOut:
    """Ask the platform with the stored secrets, and keep the answer."""
    account = await rt.read(
        lambda conn: queries.get_channel_account(conn, rt.ports["vault"], caller.shop_id, account_id)
    )
    if not account.is_live:
        ACCOUNT_REVOKED.refuse()
    began_s = rt.clock.monotonic_s()
    report = await rt.ports["channel_check"](account)
    took_ms = round((rt.clock.monotonic_s() - began_s) * 1000)
    await rt.write(
        caller.actor,
        lambda tx: actions.record_channel_check(tx, caller.shop_id, account_id, report, took_ms),
    )
    newest = await rt.read(lambda conn: queries.list_channel_checks(conn, caller.shop_id, account_id, 1))
    return ChannelCheckOut.model_validate(newest[0])
