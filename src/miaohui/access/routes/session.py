"""Log-in, log-out, who am I, my sessions, my password."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.engine import Connection

from miaohui.access import actions, model, queries
from miaohui.access.model import (
    FOREIGN_ORIGIN,
    LOCKED,
    LOGIN_FAILED,
    NO_SHOP,
    SESSION_NEEDED,
    TOTP_NEEDED,
    WEAK_PASSWORD,
)
from miaohui.access.routes.authenticator import SHOP_HEADER, SessionAuthenticator, ip_of, named_shop
from miaohui.access.routes.door import (
    Door,
    Logged,
    check_password,
    drop_cookie,
    own_session,
    same_site,
    set_cookie,
)
from miaohui.access.routes.proof import Credentials, hashed, prove, settled
from miaohui.access.schemas import Ended, LogIn, Me, PasswordChange, SessionList, SessionRow, ShopOfMine
from miaohui.kit.http import Caller, Rt, refusals
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx

router = APIRouter(prefix="/api", tags=["access"])
ShopNames = Callable[[Connection, list[int]], dict[int, str]]
_FAILURES = (LOGIN_FAILED, TOTP_NEEDED, LOCKED, NO_SHOP, FOREIGN_ORIGIN)


@router.post(
    "/session",
    summary="登录",
    operation_id="log_in",
    responses=refusals(*_FAILURES),
    dependencies=[Depends(same_site)],
)
async def log_in(body: LogIn, request: Request, response: Response, door: Door, rt: Rt) -> Me:
    """Open a session. With an authenticator on, the first try answers access.totp_needed: send the code too."""
    proof = await prove(request, door, Credentials(body.login, body.password, body.code))
    shops = await rt.read(lambda conn: queries.list_shop_roles(conn, proof.user.id))
    if not shops:
        NO_SHOP.refuse()
    origin = actions.Origin(ip_of(request), request.headers.get("user-agent", ""), proof.strength)
    secret = await settled(
        request, door, proof, lambda tx: actions.open_session(tx, proof.user.id, origin, door.policy)
    )
    set_cookie(request, response, door, secret)
    shop_id = named_shop(request.headers.get(SHOP_HEADER, ""), shops) or min(shops)
    role, group_ids = shops[shop_id].role or "", frozenset(shops[shop_id].group_ids)
    permissions = door.permissions_of(role, proof.strength)
    caller = Caller(
        proof.user.id, shop_id, role, proof.user.display_name, permissions,
        None if "inbox.read_all" in permissions else group_ids,
    )  # fmt: skip
    return await _me(rt, door, caller)


@router.get("/session", summary="我是谁，在这家店能做什么", operation_id="get_me", responses=refusals())
async def get_me(caller: Logged, door: Door, rt: Rt) -> Me:
    """Tell who is logged in, their shops, and their rights in this one."""
    return await _me(rt, door, caller)


async def _me(rt: Runtime, door: SessionAuthenticator, caller: Caller) -> Me:
    names: ShopNames | None = rt.ports.get("shop_names")

    def read(conn: Connection) -> Me:
        user = queries.get_user(conn, caller.user_id)
        shops = queries.list_shop_roles(conn, caller.user_id)
        is_token = caller.token_id is not None
        shop_names = names(conn, list(shops)) if names else {}
        return Me(
            user_id=user.id, login=user.login, display_name=user.display_name,
            has_totp=queries.find_totp(conn, user.id) is not None,
            must_enrol_totp=not caller.permissions and caller.role in door.policy.totp_roles,
            shop_id=caller.shop_id, role=caller.role, role_zh=model.ROLE_NAMES_ZH[caller.role],
            permissions=sorted(caller.permissions),
            group_ids=None if caller.group_ids is None else sorted(caller.group_ids),
            shops=[
                ShopOfMine(id=s, name=shop_names.get(s, ""), role=m.role, role_zh=model.ROLE_NAMES_ZH[m.role])
                for s, m in shops.items()
                if m.role and (not is_token or s == caller.shop_id)
            ],
            is_token=is_token, now=rt.clock.now(),
        )  # fmt: skip

    return await rt.read(read)


@router.delete(
    "/session",
    summary="退出登录",
    operation_id="log_out",
    responses=refusals(SESSION_NEEDED),
    status_code=204,
)
async def log_out(caller: Logged, request: Request, response: Response, door: Door, rt: Rt) -> None:
    """End this session and have the browser forget what it kept."""
    session_id = own_session(caller)
    await rt.write(caller.actor, lambda tx: actions.end_session(tx, caller.user_id, session_id))
    drop_cookie(request, response, door)


@router.get(
    "/sessions", summary="我的登录会话", operation_id="list_sessions", responses=refusals(SESSION_NEEDED)
)
async def list_sessions(caller: Logged, door: Door, rt: Rt) -> SessionList:
    """List the caller's sessions that are alive, the latest seen first."""
    own = own_session(caller)
    found = await rt.read(
        lambda conn: queries.list_sessions(conn, caller.user_id, rt.clock.now(), door.policy.session_idle_s)
    )
    return SessionList(items=[SessionRow(**vars(s), is_current=s.id == own) for s in found])


@router.delete(
    "/sessions/{session_id}",
    summary="结束一个登录会话",
    operation_id="end_session",
    responses=refusals(SESSION_NEEDED),
    status_code=204,
)
async def end_session(session_id: int, caller: Logged, rt: Rt) -> None:
    """End one of the caller's own sessions; somebody else's is not found."""
    own_session(caller)
    await rt.write(caller.actor, lambda tx: actions.end_session(tx, caller.user_id, session_id, "killed"))


@router.delete(
    "/sessions",
    summary="结束其他所有登录会话",
    operation_id="end_other_sessions",
    responses=refusals(SESSION_NEEDED),
)
async def end_other_sessions(caller: Logged, rt: Rt) -> Ended:
    """End every session of the caller but this one (ASVS 7.4.3)."""
    own = own_session(caller)

    def end(tx: Tx) -> int:
        count = actions.end_sessions_of(tx, caller.user_id, "killed", own)
        actions.audit_person(tx, caller.user_id, "access.sessions_ended", {"count": count})
        return count

    return Ended(ended_count=await rt.write(caller.actor, end))


@router.put(
    "/password",
    summary="修改密码",
    operation_id="change_password",
    responses=refusals(LOGIN_FAILED, LOCKED, SESSION_NEEDED, WEAK_PASSWORD),
    status_code=204,
)
async def change_password(
    body: PasswordChange, caller: Logged, request: Request, response: Response, door: Door, rt: Rt
) -> None:
    """Change the caller's password; it needs the current one, ends every session and opens a fresh one."""
    own_session(caller)
    user = await rt.read(lambda conn: queries.get_user(conn, caller.user_id))
    check_password(door, body.new, (user.login, user.display_name))
    proof = await prove(request, door, Credentials(user.login, body.current), with_code=False)
    new_hash = await hashed(door, body.new)
    origin = actions.Origin(ip_of(request), request.headers.get("user-agent", ""), "password")

    def change(tx: Tx) -> str:
        actions.set_password(tx, caller.user_id, new_hash)
        return actions.open_session(tx, caller.user_id, origin, door.policy)

    set_cookie(request, response, door, await settled(request, door, proof, change))
