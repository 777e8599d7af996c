"""My authenticator app and my recovery codes."""

from __future__ import annotations

import pyotp
from fastapi import APIRouter, Request
from sqlalchemy.engine import Connection

from miaohui.access import actions, queries
from miaohui.access.model import LOCKED, LOGIN_FAILED, SESSION_NEEDED, TOTP_NEEDED, TOTP_OFF, TOTP_ON
from miaohui.access.routes.door import Door, Logged, own_session
from miaohui.access.routes.proof import TOTP_CONTEXT, Credentials, matching_step, prove, settled
from miaohui.access.schemas import RecoveryCodes, Reproof, TotpConfirm, TotpEnrol, TotpOffer, TotpState
from miaohui.kit.http import Rt, refusals
from miaohui.kit.randomness import secret_base32
from miaohui.kit.tx import Tx

router = APIRouter(prefix="/api/totp", tags=["access"])
_PROOF = (LOGIN_FAILED, LOCKED, SESSION_NEEDED)


@router.get("", summary="我的动态验证码状态", operation_id="get_totp", responses=refusals())
async def get_totp(caller: Logged, rt: Rt) -> TotpState:
    """Tell whether the caller's authenticator is on, and how many recovery codes are left."""

    def read(conn: Connection) -> TotpState:
        found = queries.find_totp(conn, caller.user_id)
        left = queries.count_recovery_codes(conn, found.enrolment_id) if found else 0
        return TotpState(is_on=found is not None, recovery_codes_left=left)

    return await rt.read(read)


@router.post(
    "",
    summary="开始启用动态验证码",
    operation_id="enrol_totp",
    responses=refusals(*_PROOF, TOTP_ON),
    status_code=201,
)
async def enrol_totp(body: TotpEnrol, caller: Logged, request: Request, door: Door, rt: Rt) -> TotpOffer:
    """Make a secret for an authenticator app; it counts once its first code is confirmed."""
    own_session(caller)
    user = await rt.read(lambda conn: queries.get_user(conn, caller.user_id))
    proof = await prove(request, door, Credentials(user.login, body.password), with_code=False)
    secret = secret_base32()
    sealed = rt.ports["vault"].seal(secret, TOTP_CONTEXT)
    enrolment_id = await settled(request, door, proof, lambda tx: actions.enrol_totp(tx, user.id, sealed))
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.login, issuer_name="秒回 Miaohui")
    return TotpOffer(enrolment_id=enrolment_id, secret=secret, uri=uri)


@router.post(
    "/confirmation",
    summary="确认启用动态验证码",
    operation_id="confirm_totp",
    responses=refusals(LOGIN_FAILED, SESSION_NEEDED, TOTP_ON, TOTP_OFF),
)
async def confirm_totp(body: TotpConfirm, caller: Logged, rt: Rt, door: Door) -> RecoveryCodes:
    """Put the authenticator in force with its first code; the recovery codes are shown once."""
    own_session(caller)
    waiting = await rt.read(lambda conn: queries.find_totp(conn, caller.user_id, confirmed=False))
    if waiting is None or waiting.enrolment_id != body.enrolment_id:
        TOTP_OFF.refuse()
    step = matching_step(rt.ports["vault"], waiting, body.code, rt.clock.now(), door.policy.totp_drift_steps)
    if step is None:
        LOGIN_FAILED.refuse()
    codes = await rt.write(
        caller.actor, lambda tx: actions.confirm_totp(tx, caller.user_id, body.enrolment_id, step)
    )
    return RecoveryCodes(codes=codes)


@router.post(
    "/removal",
    summary="关闭动态验证码",
    operation_id="remove_totp",
    responses=refusals(*_PROOF, TOTP_NEEDED, TOTP_OFF),
    status_code=204,
)
async def remove_totp(body: Reproof, caller: Logged, request: Request, door: Door, rt: Rt) -> None:
    """Take the authenticator out of force; it needs the password and a code. Other sessions end."""
    own = own_session(caller)
    user = await rt.read(lambda conn: queries.get_user(conn, caller.user_id))
    proof = await prove(request, door, Credentials(user.login, body.password, body.code))

    def remove(tx: Tx) -> None:
        actions.remove_totp(tx, caller.user_id, "by_owner")
        actions.end_sessions_of(tx, caller.user_id, "totp_removed", own)

    await settled(request, door, proof, remove)


@router.post(
    "/recovery-codes",
    summary="重新生成恢复码",
    operation_id="renew_recovery_codes",
    responses=refusals(*_PROOF, TOTP_NEEDED, TOTP_OFF),
)
async def renew_recovery_codes(
    body: Reproof, caller: Logged, request: Request, door: Door, rt: Rt
) -> RecoveryCodes:
    """Replace the recovery codes; it needs the password and a code."""
    own_session(caller)
    user = await rt.read(lambda conn: queries.get_user(conn, caller.user_id))
    proof = await prove(request, door, Credentials(user.login, body.password, body.code))
    codes = await settled(request, door, proof, lambda tx: actions.renew_recovery_codes(tx, caller.user_id))
    return RecoveryCodes(codes=codes)
